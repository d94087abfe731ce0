import type { Instant, Priority, TaskKind } from "./task.ts";

/** What a policy judges a queued task by; all tasks of a lane share it, so a hold on its head holds all. */
export interface LaneKey {
  readonly kind: TaskKind;
  readonly project: string | null;
  readonly executor: string | null;
  readonly model: string | null;
  readonly nightOnly: boolean;
}

/** What a task's place within its lane is made of. */
export interface Place {
  readonly priority: Priority;
  readonly queuedAt: Instant;
  readonly deadlineAt: Instant | null;
}

/** How far a priority pulls a task forward in its own lane. */
const PRIORITY_BOOST_MS: Readonly<Record<Priority, number>> = {
  high: 12 * 3_600_000,
  normal: 0,
  low: -12 * 3_600_000,
};

/** A task counts as queued no later than so long before its deadline. */
export const DEADLINE_LEAD_MS: number = 72 * 3_600_000;

/** The lane's name: equal for tasks that every policy judges alike. */
export function laneOf(key: LaneKey): string {
  const night = key.nightOnly ? ["night"] : [];
  return [key.kind, key.project, key.executor, key.model, ...night]
    .map((part) => encodeURIComponent(part ?? ""))
    .join("|");
}

/**
 * Place within a lane: older first, priorities worth half a day each, a deadline that is ahead as if
 * the task had been queued three days before it. Fixed when queued, so indexable.
 */
export function orderKeyFor({ priority, queuedAt, deadlineAt }: Place): number {
  // One that has passed, as of a task that is tried again, would pull it forward without an end.
  const isAhead = deadlineAt !== null && deadlineAt > queuedAt;
  const since = isAhead ? Math.min(queuedAt, deadlineAt - DEADLINE_LEAD_MS) : queuedAt;
  return since - boostMs(priority);
}

/** By how much a priority pulls a task forward in its own lane; negative for `low`. */
export function boostMs(priority: Priority): number {
  return PRIORITY_BOOST_MS[priority];
}
