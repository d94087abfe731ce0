import type { Receipt } from "./receipt.ts";
import type { Task } from "./task.ts";

/** A task of a schedule that succeeded or failed, with what was seen of its result. */
export interface EndedRun {
  readonly task: Pick<Task, "id" | "kind" | "state" | "verdict" | "landing">;
  /** Of its newest attempt; null when nothing was judged. */
  readonly receipt: Pick<Receipt, "tree" | "checks"> | null;
}

/**
 * Why a schedule gets nowhere, by its last `count` tasks, newest first: they fail the same check, end
 * with the same files, or succeed without a result that was accepted. Null when none of it holds.
 */
export function stuckReason(runs: readonly EndedRun[], count: number): string | null {
  const last = runs.slice(0, count);
  if (last.length < count) return null;
  const which = `the last ${count} tasks (${last.map(({ task }) => `#${task.id}`).join(", ")})`;
  const check = sharedFailure(last);
  if (check !== null) return `${which} fail the same check, ${check}`;
  const trees = new Set(last.map(({ receipt }) => receipt?.tree ?? null));
  if (trees.size === 1 && !trees.has(null)) return `${which} end with the same files`;
  if (last.every(isForNothing)) return `${which} succeeded, and no result of them was accepted`;
  return null;
}

/** The first check that failed in all of them. */
function sharedFailure(runs: readonly EndedRun[]): string | null {
  const [first, ...others] = runs.map(failedChecks);
  return first?.find((name) => others.every((names) => names.includes(name))) ?? null;
}

function failedChecks({ receipt }: EndedRun): readonly string[] {
  const failed = receipt?.checks.filter(
    ({ outcome }) => outcome === "failed" || outcome === "already-failing",
  );
  return failed?.map(({ name }) => name) ?? [];
}

/** A thought has no result that could be accepted. */
function isForNothing({ task }: EndedRun): boolean {
  const isAccepted = task.verdict === "verified" || task.landing?.decision === "landed";
  return task.kind !== "thought" && task.state === "succeeded" && !isAccepted;
}
