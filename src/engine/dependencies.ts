import { CONDITIONS, type Condition } from "../core/dependency.ts";
import {
  type DependencyInput,
  dependenciesFrom,
  dependenciesProblem,
} from "../core/dependency-input.ts";
import type { DependencyRefusal } from "../core/dependency-judgement.ts";
import { brokenWords, remedyOf } from "../core/dependency-words.ts";
import { type Result, ok, problem } from "../core/problem.ts";
import { type FullQueue, fullWords } from "../core/queue.ts";
import type { Task } from "../core/task.ts";
import type { InsertRefusal } from "../ports/chain.ts";
import type { Clock } from "../ports/clock.ts";
import type { ReplaceRefusal } from "../ports/dependency-store.ts";
import type { Store } from "../ports/store.ts";
import { refusalProblem } from "./refusal-problem.ts";

/** A task that was cancelled, with the ids of those that went along. */
export interface CancelledTasks {
  readonly task: Task;
  readonly along: readonly number[];
}

/** What the changes of dependencies need. */
interface Parts {
  readonly store: Store;
  readonly clock: Clock;
}

/** Lets a queued task wait for these instead; for none, it may start. */
export async function replaceDependencies(
  { store, clock }: Parts,
  id: number,
  by: string,
  inputs: readonly DependencyInput[],
): Promise<Result<Task>> {
  const wrong = dependenciesProblem(inputs);
  if (wrong !== null) return problem("invalid", wrong, [{ field: "dependsOn", message: wrong }]);
  const dependsOn = dependenciesFrom(inputs);
  const replaced = await store.dependencies.replace(id, { at: clock.now(), by, dependsOn });
  return replaced.ok ? ok(replaced.task) : replaceProblem(id, replaced.refusal);
}

/** Cancels a task and all that wait for it. */
export async function cancelAlong(
  { store, clock }: Parts,
  id: number,
  by: string,
  reason: string | null,
): Promise<Result<CancelledTasks>> {
  const cancelled = await store.dependencies.cancelAlong(id, { at: clock.now(), by, reason });
  if (cancelled.ok) return ok({ task: cancelled.task, along: cancelled.along });
  return { ok: false, problem: refusalProblem(id, cancelled.refusal) };
}

/** Why a task was not inserted, in a person's words. */
export function insertProblem<T>(refusal: InsertRefusal): Result<T> {
  switch (refusal.reason) {
    case "unknown-project":
      return problem(
        "not-found",
        `There is no project "${refusal.project}"; add it with \`sle project add ${refusal.project} --path <folder>\`, or see \`sle project list\`.`,
      );
    case "queue-full":
      return problem("refused", `${fullWords(refusal)}; ${roomWords(refusal)}.`);
    case "unknown-dependency":
    case "broken-dependency":
      return dependencyProblem(refusal);
  }
}

function roomWords({ source }: FullQueue): string {
  const setting = source === null ? "`queue.max`" : "`queue.max_per_source` or `queue.sources`";
  return `wait until some have started, cancel some, or raise ${setting} and restart the daemon`;
}

/** The condition of that name, or what there are. */
export function conditionNamed(word: string): Result<Condition> {
  const condition = CONDITIONS.find((each) => each === word);
  if (condition !== undefined) return ok(condition);
  return problem("invalid", `A chain goes on once a task ${CONDITIONS.join(", ")}: choose one.`);
}

function replaceProblem(id: number, refusal: ReplaceRefusal): Result<Task> {
  if (refusal.reason === "unknown-dependency" || refusal.reason === "broken-dependency") {
    return dependencyProblem(refusal);
  }
  if (refusal.reason !== "circle") return { ok: false, problem: refusalProblem(id, refusal) };
  const way = shortened(refusal.way).join(" → ");
  return problem("conflict", `These would wait for each other for ever: ${way}.`);
}

function dependencyProblem<T>(refusal: DependencyRefusal): Result<T> {
  if (refusal.reason === "unknown-dependency") {
    const message = `There is no task ${refusal.taskId} to wait for; \`sle ls\` lists the tasks.`;
    return problem("not-found", message);
  }
  const { dependency } = refusal;
  const remedy = remedyOf(dependency);
  const wait = remedy === null ? "Wait" : `Do \`${remedy}\` first, or wait`;
  const advice = `${wait} for nothing but its end: \`--after ${dependency.taskId}:finished\`.`;
  return problem("conflict", `This would wait for ever: ${brokenWords(dependency)}. ${advice}`);
}

/** Most tasks of a circle that are named. */
const WAY_SHOWN_MAX = 12;

function shortened(way: readonly number[]): readonly (number | string)[] {
  if (way.length <= WAY_SHOWN_MAX) return way;
  const half = WAY_SHOWN_MAX / 2;
  return [...way.slice(0, half), "…", ...way.slice(-half)];
}
