import type { OrderRules } from "../core/order.ts";
import type { QueueLimits } from "../core/queue.ts";
import type { NewSchedule, Schedule, SchedulePause, Slot } from "../core/schedule.ts";
import type { DueSlot } from "../core/slots.ts";
import type { Instant, Task } from "../core/task.ts";

/** A schedule with the slot that it promised next. */
export interface ScheduleWithSlot {
  readonly schedule: Schedule;
  /** Null once it is removed, or when its cron has no further time. */
  readonly open: Slot | null;
}

/** What becomes of the due slots of one schedule, as planned from its `version` and its open slot. */
export interface SettleRequest {
  readonly scheduleId: number;
  readonly version: number;
  readonly openDueAt: Instant;
  readonly at: Instant;
  /** Oldest first; the first one begins at `openDueAt`. */
  readonly slots: readonly DueSlot[];
  /** The slot that is promised then; null for none. */
  readonly nextDueAt: Instant | null;
  /** The weights that its tasks get their places by; absent: the default ones. */
  readonly order?: OrderRules | undefined;
  /** How many tasks may be queued; a slot whose task has no room has failed. Absent: any number. */
  readonly queueLimits?: QueueLimits | undefined;
}

/** The slots as they came out, with the tasks that were queued; or somebody else was first. */
export type Settled =
  | { readonly ok: true; readonly slots: readonly Slot[]; readonly tasks: readonly Task[] }
  | { readonly ok: false };

/** The slot that a task was queued for. */
export interface SlotOfTask {
  readonly taskId: number;
  readonly schedule: string;
  readonly dueAt: Instant;
}

/** Schedules and the ledger of their slots. Every method is one transaction. */
export interface ScheduleStore {
  /** Keeps it with its first slot and its event; null when the name is taken. */
  readonly add: (schedule: NewSchedule, firstDueAt: Instant) => Promise<ScheduleWithSlot | null>;
  /** Those that are not removed, by name. */
  readonly list: () => Promise<readonly ScheduleWithSlot[]>;
  readonly get: (name: string) => Promise<ScheduleWithSlot | null>;
  /** When the first open slot of all is due; null when nothing is promised. */
  readonly nextDueAt: () => Promise<Instant | null>;
  /** Newest first, the open one among them. */
  readonly slots: (scheduleId: number, limit: number) => Promise<readonly Slot[]>;
  /**
   * Gives due slots their outcomes, queues their tasks and promises the next slot, all or nothing.
   * Overlap is judged here, on what the task before is now. Changes nothing when the schedule has
   * another version or the slot is not open any more.
   */
  readonly settle: (request: SettleRequest) => Promise<Settled>;
  /** Null when there is no such schedule; one that is paused already keeps its first reason. */
  readonly pause: (name: string, pause: SchedulePause) => Promise<Schedule | null>;
  /** Null when there is no such schedule; one that goes on already is left as it is. */
  readonly resume: (name: string, at: Instant, by: string) => Promise<Schedule | null>;
  /** Its open slot is skipped; null when there is no such schedule. */
  readonly remove: (name: string, at: Instant, by: string) => Promise<Schedule | null>;
  /** Of those of the tasks that a schedule made, by task. */
  readonly ofTasks: (taskIds: readonly number[]) => Promise<readonly SlotOfTask[]>;
  /** Its newest tasks that succeeded or failed since `since`, by slot, newest first. */
  readonly ended: (scheduleId: number, since: Instant, limit: number) => Promise<readonly Task[]>;
}
