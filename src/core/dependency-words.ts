import type { Condition, DependencyState } from "./dependency.ts";

/** How many tasks a sentence names before it says how many more there are. */
const NAMED_MAX = 10;

/** What a condition waits for, behind "task 12". */
const CONDITION_WORDS: Readonly<Record<Condition, string>> = {
  succeeded: "to succeed",
  verified: "to be verified",
  landed: "to land",
  failed: "to fail",
  finished: "to end",
};

/** What a dependency that is open waits for: `task 12 to be verified`. */
export function waitingWords({ taskId, condition, state }: DependencyState): string {
  const isDecided = condition === "landed" && state === "succeeded";
  const how = isDecided ? ` (it has succeeded: \`sle land ${taskId}\`)` : "";
  return `task ${taskId} ${CONDITION_WORDS[condition]}${how}`;
}

/** Why a dependency will not be met any more: `task 12 failed`. */
export function brokenWords(dependency: DependencyState): string {
  const { taskId, condition, state } = dependency;
  const task = `task ${taskId}`;
  if (state === "failed") return `${task} failed`;
  if (state === "cancelled") return `${task} was cancelled`;
  if (state === "succeeded") return succeededWords(task, dependency);
  return condition === "landed" ? neverLands(task) : `${task} cannot come to that any more`;
}

/** Why success is not what was waited for. */
function succeededWords(task: string, { condition, ...facts }: DependencyState): string {
  if (condition === "failed") return `${task} succeeded`;
  if (condition === "verified") {
    return `${task} succeeded, but its result is ${facts.verdict ?? "unverified"}`;
  }
  if (facts.decision === "rejected") return `the result of ${task} was rejected`;
  return facts.trashed ? `${task} is in the trash and has not landed` : neverLands(task);
}

function neverLands(task: string): string {
  return `${task} is a thought, which never lands`;
}

/** The command after which the dependency can be met again; null when there is none. */
export function remedyOf({ taskId, condition, state, ...facts }: DependencyState): string | null {
  if (state === "failed" || state === "cancelled") return `sle retry ${taskId}`;
  if (state !== "succeeded") return null;
  if (condition === "verified") return `sle retry ${taskId}`;
  if (condition === "failed") return null;
  if (facts.decision === "rejected") return `sle retry ${taskId}`;
  return facts.trashed ? `sle trash restore ${taskId}` : null;
}

/** Words in a row, the first ten of `count`: `3, 4 and 5`, `3, 4 and 98 more`. */
export function inRow(words: readonly (string | number)[], count: number = words.length): string {
  const shown = words.slice(0, NAMED_MAX);
  const more = count - shown.length;
  if (more > 0) return `${shown.join(", ")} and ${more} more`;
  const last = shown.at(-1) ?? "";
  return shown.length < 2 ? `${last}` : `${shown.slice(0, -1).join(", ")} and ${last}`;
}
