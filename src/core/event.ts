import type { Instant } from "./task.ts";

/** Every kind of fact that is told; past tense, `noun.happened`. */
export const EVENT_TYPES = [
  "task.queued",
  "task.admitted",
  "task.retrying",
  "task.parked",
  "task.interrupted",
  "task.recovered",
  "task.waiting",
  "task.succeeded",
  "task.failed",
  "task.cancelled",
  "task.cancel-requested",
  "task.retried",
  "task.answered",
  "task.edited",
  "task.said",
  "task.landed",
  "task.rejected",
  "task.trashed",
  "task.restored",
  "dependents.blocked",
  "dependents.unblocked",
  "attempt.started",
  "attempt.denied",
  "step.started",
  "step.ended",
  "workspace.restored",
  "project.added",
  "project.changed",
  "project.removed",
  "quota.observed",
  "quota.closed",
  "quota.alert",
  "admission.changed",
  "schedule.added",
  "schedule.paused",
  "schedule.resumed",
  "schedule.removed",
  "slot.ran",
  "slot.deferred",
  "slot.skipped",
  "slot.missed",
  "slot.failed",
  "daemon.started",
  "daemon.stopped",
] as const;
export type EventType = (typeof EVENT_TYPES)[number];

/** JSON facts of an event; small, never agent output. */
export type EventData = Readonly<Record<string, unknown>>;

/** A fact before it has its number. */
export interface NewEvent {
  readonly type: EventType;
  readonly at: Instant;
  readonly taskId: number | null;
  readonly attempt: number | null;
  readonly data: EventData;
}

/** A numbered fact, written in the same transaction as the change it tells of. */
export interface Event extends NewEvent {
  readonly seq: number;
}
