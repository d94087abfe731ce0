import { parseBranchName } from "../core/branch-name.ts";
import type { Change } from "../core/change.ts";
import type { DependencyInput } from "../core/dependency-input.ts";
import { CHECKS_MAX, sharedCheckName } from "../core/check.ts";
import type { Admission } from "../core/hold.ts";
import { type Result, ok, problem } from "../core/problem.ts";
import type { Project } from "../core/project.ts";
import { checkProjectName } from "../core/project-name.ts";
import { type Submission, type SubmissionInput, checkSubmission } from "../core/submission.ts";
import { type Instant, type Priority, type Source, type Task, isFinal } from "../core/task.ts";
import type { Clock } from "../ports/clock.ts";
import type { Message, Store } from "../ports/store.ts";
import { submitChain, type SubmittedChain, type WantedChain } from "./chain.ts";
import {
  cancelAlong,
  type CancelledTasks,
  insertProblem,
  replaceDependencies,
} from "./dependencies.ts";
import { invalidSubmission, noTask, refusalProblem } from "./refusal-problem.ts";

/** What a submission became; warnings tell what was cleaned from its text. */
export interface Submitted {
  readonly task: Task;
  readonly warnings: readonly string[];
}

/** A project to be; without checks nothing of its results is proven. */
export type NewProject = Omit<Project, "createdAt" | "checks" | "base"> &
  Partial<Pick<Project, "checks" | "base">>;

/** Who asks, and by which way in. */
export interface Submitter {
  readonly by: string;
  readonly source: Source;
}

/** The one door to write. Every surface calls it; what a person did wrong comes back as a problem. */
export interface Tasks {
  readonly submit: (input: SubmissionInput, from: Submitter) => Promise<Result<Submitted>>;
  /** Queues tasks of which each waits for the one before: all or none, in one transaction. */
  readonly submitChain: (wanted: WantedChain, from: Submitter) => Promise<Result<SubmittedChain>>;
  /** Checks a submission as `submit` does and writes nothing. */
  readonly check: (input: SubmissionInput, source: Source) => Result<Submission>;
  readonly cancel: (id: number, by: string, reason?: string) => Promise<Result<Task>>;
  /** Cancels a task and all that wait for it, over others too; but not who only waits for its end. */
  readonly cancelAlong: (
    id: number,
    by: string,
    reason?: string,
  ) => Promise<Result<CancelledTasks>>;
  readonly retry: (id: number, by: string, note?: string) => Promise<Result<Task>>;
  readonly answer: (id: number, by: string, text: string) => Promise<Result<Task>>;
  readonly edit: (
    id: number,
    by: string,
    patch: { readonly priority?: Priority; readonly notBefore?: Instant | null },
  ) => Promise<Result<Task>>;
  /** Lets a queued task wait for these instead of what it waited for; for none, it may start. */
  readonly depend: (
    id: number,
    by: string,
    dependsOn: readonly DependencyInput[],
  ) => Promise<Result<Task>>;
  /** Words for a running task; they reach the agent while it works, or the next attempt's start. */
  readonly say: (id: number, by: string, text: string) => Promise<Result<Message>>;
  readonly trash: (id: number, by: string) => Promise<Result<Task>>;
  readonly restore: (id: number, by: string) => Promise<Result<Task>>;
  /** Removes what was trashed before `before` for good; answers the ids. */
  readonly emptyTrash: (before: Instant) => Promise<Result<readonly number[]>>;
  /** Opens, pauses or drains admission for all daemons. */
  readonly setAdmission: (
    mode: Admission["mode"],
    by: string,
    until?: Instant,
  ) => Promise<Result<Admission>>;
  readonly addProject: (project: NewProject) => Promise<Result<Project>>;
  readonly removeProject: (name: string) => Promise<Result<string>>;
}

/** Longest message to a running agent. */
export const MESSAGE_MAX_CHARACTERS = 20_000;

/** What the door needs. */
export interface TasksParts {
  readonly store: Store;
  readonly clock: Clock;
  /** How many attempts a task has that asks for no number. */
  readonly attemptsMaxDefault: number;
}

/** Opens the door over a store. */
export function openTasks(parts: TasksParts): Tasks {
  const { store, clock } = parts;
  const change = (id: number, make: Change): Promise<Result<Task>> => applied(store, id, make);
  return {
    submit: (input, from) => submit(parts, input, from),
    submitChain: (wanted, from) => submitChain(parts, wanted, from),
    check: (input, source) => checked(parts, input, source),
    cancel: (id, by, reason) =>
      change(id, { type: "cancel", at: clock.now(), by, reason: reason ?? null }),
    retry: (id, by, note) => change(id, { type: "retry", at: clock.now(), by, note: note ?? null }),
    answer: (id, by, text) =>
      text.trim() === ""
        ? Promise.resolve(problem("invalid", 'An answer needs words: `sle answer 12 "yes"`.'))
        : change(id, { type: "answer", at: clock.now(), by, text }),
    edit: (id, by, patch) => change(id, { type: "edit", at: clock.now(), by, ...patch }),
    cancelAlong: (id, by, reason) => cancelAlong(parts, id, by, reason ?? null),
    depend: (id, by, dependsOn) => replaceDependencies(parts, id, by, dependsOn),
    say: (id, by, text) => say(store, id, by, text, clock.now()),
    trash: (id, by) => change(id, { type: "trash", at: clock.now(), by }),
    restore: (id, by) => change(id, { type: "restore", at: clock.now(), by }),
    emptyTrash: async (before) => ok(await store.tasks.purge(before)),
    setAdmission: (mode, by, until) => setAdmission(store, mode, by, until ?? null, clock.now()),
    addProject: (project) => addProject(store, project, clock.now()),
    removeProject: (name) => removeProject(store, name, clock.now()),
  };
}

async function submit(
  parts: TasksParts,
  input: SubmissionInput,
  from: Submitter,
): Promise<Result<Submitted>> {
  const { source } = from;
  const result = checkSubmission(input, { ...parts, source, now: parts.clock.now() });
  if (!result.ok) return invalidSubmission(result.problems);
  const task = { ...result.submission, ...from, at: parts.clock.now() };
  const inserted = await parts.store.tasks.insert(task);
  if (!inserted.ok) return insertProblem(inserted.refusal);
  return ok({ task: inserted.task, warnings: result.warnings });
}

function checked(parts: TasksParts, input: SubmissionInput, source: Source): Result<Submission> {
  const result = checkSubmission(input, { ...parts, source, now: parts.clock.now() });
  return result.ok ? ok(result.submission) : invalidSubmission(result.problems);
}

async function applied(store: Store, id: number, change: Change): Promise<Result<Task>> {
  const result = await store.tasks.change(id, change);
  return result.ok ? ok(result.task) : { ok: false, problem: refusalProblem(id, result.refusal) };
}

async function say(
  store: Store,
  id: number,
  by: string,
  text: string,
  at: Instant,
): Promise<Result<Message>> {
  if (text.trim() === "") return problem("invalid", 'Say something: `sle say 12 "use tabs"`.');
  if (text.length > MESSAGE_MAX_CHARACTERS) {
    return problem("invalid", `A message has at most ${MESSAGE_MAX_CHARACTERS} characters.`);
  }
  const task = await store.tasks.get(id);
  if (task === null) return { ok: false, problem: noTask(id) };
  if (isFinal(task.state) || task.state === "waiting") {
    const instead = task.state === "waiting" ? `sle answer ${id}` : `sle retry ${id} -m`;
    return problem("conflict", `Task ${id} is ${task.state}; use \`${instead} "…"\` instead.`);
  }
  return ok(await store.attempts.say(id, at, by, text));
}

async function setAdmission(
  store: Store,
  mode: Admission["mode"],
  by: string,
  until: Instant | null,
  at: Instant,
): Promise<Result<Admission>> {
  if (until !== null && until <= at) {
    return problem("invalid", "The end of a pause must lie ahead.");
  }
  const admission: Admission = { mode, until, by };
  await store.shared.setAdmission(admission, at);
  return ok(admission);
}

async function addProject(store: Store, input: NewProject, at: Instant): Promise<Result<Project>> {
  const name = checkProjectName(input.name);
  if (!name.ok) return problem("invalid", name.message);
  if (!Number.isInteger(input.parallelMax) || input.parallelMax < 1) {
    return problem("invalid", "A project runs at least one task at a time.");
  }
  const checks = input.checks ?? [];
  const shared = sharedCheckName(checks);
  if (shared !== null)
    return problem("invalid", `Two checks are named ${shared}; name one otherwise.`);
  if (checks.length > CHECKS_MAX) {
    return problem("invalid", `A project has at most ${CHECKS_MAX} checks.`);
  }
  const base = input.base ?? null;
  const named = base === null ? null : parseBranchName(base);
  if (named !== null && !named.ok) return problem("invalid", named.message);
  const project: Project = { ...input, base, checks, createdAt: at };
  if (await store.projects.add(project)) return ok(project);
  return problem("conflict", `There is already a project "${project.name}".`);
}

async function removeProject(store: Store, name: string, at: Instant): Promise<Result<string>> {
  switch (await store.projects.remove(name, at)) {
    case "removed":
      return ok(name);
    case "unknown":
      return problem("not-found", `There is no project "${name}"; see \`sle project list\`.`);
    case "in-use":
      return problem("conflict", `Project "${name}" still has tasks to do; cancel them first.`);
  }
}
