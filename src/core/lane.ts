import type { Instant, Priority, TaskKind } from "./task.ts";

/** What a policy judges a queued task by; all tasks of a lane share it, so a hold on its head holds all. */
export interface LaneKey {
  readonly kind: TaskKind;
  readonly project: string | null;
  readonly executor: string | null;
  readonly model: string | null;
}

/** How far a priority pulls a task forward in its own lane. */
const PRIORITY_BOOST_MS: Readonly<Record<Priority, number>> = {
  high: 12 * 3_600_000,
  normal: 0,
  low: -12 * 3_600_000,
};

/** The lane's name: equal for tasks that every policy judges alike. */
export function laneOf(key: LaneKey): string {
  return [key.kind, key.project, key.executor, key.model]
    .map((part) => encodeURIComponent(part ?? ""))
    .join("|");
}

/** Place within a lane: older first, priorities worth half a day each. Fixed when queued, so indexable. */
export function orderKeyFor(entry: { priority: Priority; queuedAt: Instant }): number {
  return entry.queuedAt - boostMs(entry.priority);
}

/** By how much a priority pulls a task forward in its own lane; negative for `low`. */
export function boostMs(priority: Priority): number {
  return PRIORITY_BOOST_MS[priority];
}
