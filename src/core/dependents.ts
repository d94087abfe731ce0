import type { Change } from "./change.ts";
import type { Condition } from "./dependency.ts";
import type { NewEvent } from "./event.ts";
import type { Instant } from "./task.ts";

/** How many of those who wait an event names. */
export const WAITING_NAMED_MAX = 10;
/** Who cancels what is not needed. */
const OURSELVES = "sleepless";

/** Tasks that wait directly for another, whose end decided about them: the first few, and how many. */
export interface Waiting {
  readonly tasks: readonly number[];
  readonly count: number;
}

/**
 * Tells that queued tasks wait for what the task will not come to any more: one decision of a
 * person, however many wait behind them.
 */
export function blockedEvent(taskId: number, at: Instant, { tasks, count }: Waiting): NewEvent {
  const data = { tasks: tasks.slice(0, WAITING_NAMED_MAX), count };
  return { type: "dependents.blocked", at, taskId, attempt: null, data };
}

/** Tells that what was blocked by the task can be met again, or was. */
export function unblockedEvent(taskId: number, at: Instant, { tasks, count }: Waiting): NewEvent {
  const data = { tasks: tasks.slice(0, WAITING_NAMED_MAX), count };
  return { type: "dependents.unblocked", at, taskId, attempt: null, data };
}

/** Cancels a task that was to follow a failure which did not come. */
export function unneededChange(taskId: number, at: Instant): Change {
  const reason = `Task ${taskId} succeeded, so what was to follow its failure is not needed.`;
  return { type: "cancel", at, by: OURSELVES, reason };
}

/** True when cancelling a task along with another leaves nothing to wait for: only its end was. */
export function isCancelledAlong(condition: Condition): boolean {
  return condition !== "finished";
}
