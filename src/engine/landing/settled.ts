import type { Attempt } from "../../core/attempt.ts";
import { ok, problem, type Result } from "../../core/problem.ts";
import type { Project } from "../../core/project.ts";
import { type Publication, publicationOf } from "../../core/published.ts";
import type { Landing, Task } from "../../core/task.ts";
import { refusalProblem } from "../refusal-problem.ts";
import type { LandingCall, LandingParts } from "./landings.ts";

/** A result that somebody can decide about. */
export interface Decidable {
  readonly task: Task;
  readonly attempt: Attempt;
  readonly project: Project;
  readonly publication: Publication;
}

/** Finds a task's result, or says why there is nothing to decide. */
export async function decidable(
  { store }: Pick<LandingParts, "store">,
  id: number,
): Promise<Result<Decidable>> {
  const task = await store.tasks.get(id);
  if (task === null)
    return problem("not-found", `There is no task ${id}; \`sle ls\` lists the tasks.`);
  if (task.state !== "succeeded") {
    return problem("conflict", `Task ${id} is ${task.state}: it has no result to decide about.`);
  }
  if (task.project === null) {
    return problem(
      "conflict",
      `Task ${id} is a thought; it is on the branch thought-ideas already.`,
    );
  }
  const project = await store.projects.get(task.project);
  if (project === null) {
    return problem("not-found", `There is no project "${task.project}" any more.`);
  }
  const attempts = await store.attempts.ofTask(id);
  const attempt = attempts.find(({ number }) => number === task.attempt);
  const effects = (await store.effects.ofTask(id)).filter((each) => each.attempt === task.attempt);
  const publication = publicationOf(effects);
  if (attempt === undefined || publication.commit === null) {
    return problem("conflict", `Task ${id} has changed nothing, so there is nothing to decide.`);
  }
  return ok({ task, attempt, project, publication });
}

/** Notes the decision. */
export async function settle(
  { store, clock }: Pick<LandingParts, "store" | "clock">,
  id: number,
  decided: Pick<Landing, "decision" | "commit" | "note"> & Pick<LandingCall, "by">,
): Promise<Result<Task>> {
  const changed = await store.tasks.change(id, { type: "settle", at: clock.now(), ...decided });
  return changed.ok
    ? ok(changed.task)
    : { ok: false, problem: refusalProblem(id, changed.refusal) };
}
