import type { Change, ChangeEvent } from "./change.ts";
import { CONDITIONS, standingOf } from "./dependency.ts";
import type { NewEvent } from "./event.ts";
import type { Outcome } from "./outcome.ts";
import type { Instant, Task } from "./task.ts";
import type { Verdict } from "./verdict.ts";

/** How the attempt that a change ended came out. */
export interface AttemptEnd {
  readonly number: number;
  readonly endedAt: Instant;
  readonly outcome: Outcome;
  readonly verdict: Verdict | null;
}

/** What is written in the same transaction as a changed task. */
export interface Bookkeeping {
  readonly events: readonly NewEvent[];
  readonly attemptEnd: AttemptEnd | null;
  /** What tasks that wait for it wait for may have been met by this, or can no longer be. */
  readonly concernsDependents: boolean;
}

/** What a store writes beside the row when `change` made `after` of `before`. */
export function bookkeepingOf(
  before: Task,
  change: Change,
  changed: { readonly task: Task; readonly events: readonly ChangeEvent[] },
): Bookkeeping {
  const after = changed.task;
  const ran = before.state === "running" || after.state === "running";
  return {
    events: changed.events.map(({ type, data }) => ({
      type,
      at: change.at,
      taskId: after.id,
      attempt: ran ? after.attempt : null,
      data,
    })),
    attemptEnd: attemptEndOf(before, change),
    concernsDependents: CONDITIONS.some(
      (condition) => standingOf(condition, before) !== standingOf(condition, after),
    ),
  };
}

/**
 * True when what was said to the attempt is said to the next one too: it did not succeed, and nobody
 * knows whether its agent had heard. As with the text of the task, twice is better than never.
 */
export function isUnheard(end: AttemptEnd): boolean {
  return end.outcome.type !== "succeeded";
}

function attemptEndOf(before: Task, change: Change): AttemptEnd | null {
  const ended = { number: before.attempt, endedAt: change.at };
  if (change.type === "conclude") {
    return { ...ended, outcome: change.outcome, verdict: change.verdict };
  }
  if (change.type === "recover") {
    return { ...ended, outcome: { type: "interrupted", reason: "daemon-died" }, verdict: null };
  }
  return null;
}
