import type { EventType } from "./event.ts";
import type { SlotOutcome } from "./schedule.ts";
import type { Outcome } from "./outcome.ts";
import type { FailureClass } from "./failure.ts";
import type { Instant, Source, TaskState } from "./task.ts";

/** Everything that was promised and what came of it, as rows: what an audit balances. */
export interface Books {
  readonly schedules: readonly ScheduleBook[];
  /** By schedule and time. */
  readonly slots: readonly SlotBook[];
  readonly tasks: readonly TaskBook[];
  readonly attempts: readonly AttemptBook[];
  /** In the order in which they were intended. */
  readonly effects: readonly EffectBook[];
  readonly messages: readonly MessageBook[];
  /** How far each notifier was told. */
  readonly cursors: readonly { readonly name: string; readonly seq: number }[];
  readonly lastSeq: number;
  /** Highest number that a task ever had, also of those that were removed for good. */
  readonly highestTaskId: number;
}

/** A schedule, removed or not. */
export interface ScheduleBook {
  readonly id: number;
  readonly name: string;
  readonly isRemoved: boolean;
}

/** The row of a slot. */
export interface SlotBook {
  readonly scheduleId: number;
  readonly dueAt: Instant;
  readonly untilAt: Instant;
  readonly count: number;
  readonly outcome: SlotOutcome | null;
  readonly taskId: number | null;
}

/** A task with the types of its events, oldest first. */
export interface TaskBook {
  readonly id: number;
  readonly state: TaskState;
  readonly source: Source;
  readonly leaseId: string | null;
  readonly attempt: number;
  readonly attemptsUsed: number;
  readonly attemptsMax: number;
  readonly failure: FailureClass | null;
  readonly events: readonly EventType[];
}

/** An attempt of a task. */
export interface AttemptBook {
  readonly taskId: number;
  readonly number: number;
  readonly leaseId: string;
  /** Null while it runs. */
  readonly outcome: Outcome["type"] | null;
}

/** Something that was done outside, or was meant to be. */
export interface EffectBook {
  readonly key: string;
  readonly taskId: number;
  readonly attempt: number;
  readonly kind: string;
  readonly intendedAt: Instant;
  readonly isDone: boolean;
}

/** Words of a person to a task. */
export interface MessageBook {
  readonly id: number;
  readonly taskId: number;
  /** The attempt that took them; null while nobody has. */
  readonly readBy: number | null;
}
