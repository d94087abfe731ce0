import type { Submission } from "./submission.ts";
import type { Instant } from "./task.ts";

/** What becomes of slots that nobody was awake for: none, the newest, or all of them is made up for. */
export const CATCH_UPS = ["skip", "last", "all"] as const;
export type CatchUp = (typeof CATCH_UPS)[number];

/** What becomes of a slot while the task of the one before has not ended. */
export const OVERLAPS = ["skip", "queue"] as const;
export type Overlap = (typeof OVERLAPS)[number];

/** What the tasks of a schedule have in common; their times come from their slots. */
export type ScheduledTask = Omit<Submission, "notBefore" | "deadlineAt" | "dependsOn">;

/** Who pauses a schedule that gets nowhere, or that cannot be read any more. */
export const SCHEDULER = "the scheduler";

/** Who or what paused a schedule, and why. */
export interface SchedulePause {
  readonly at: Instant;
  readonly by: string;
  readonly reason: string;
}

/** A schedule before it is stored. */
export interface NewSchedule {
  readonly name: string;
  /** Five fields, or a word such as `@daily`. */
  readonly cron: string;
  /** IANA zone by whose clock on the wall the cron is read. */
  readonly timeZone: string;
  readonly catchUp: CatchUp;
  readonly overlap: Overlap;
  readonly task: ScheduledTask;
  /** How long after their slot its tasks are wanted; null: they have no deadline. */
  readonly deadlineInMs: number | null;
  readonly createdAt: Instant;
  readonly by: string;
}

/** A task that is asked for again and again. */
export interface Schedule extends NewSchedule {
  readonly id: number;
  /** Grows by one when it is paused, goes on or is removed. */
  readonly version: number;
  readonly paused: SchedulePause | null;
  /** What its tasks came to before is forgiven: when it was made, or went on last. */
  readonly judgedFrom: Instant;
  readonly removedAt: Instant | null;
}

/** How a slot came out; each has exactly one outcome, once it is due. */
export const SLOT_OUTCOMES = ["ran", "deferred", "skipped", "missed", "failed"] as const;
/**
 * `ran`: its task was queued on time; `deferred`: later, because nobody was awake; `skipped`: on purpose;
 * `missed`: nobody was awake, and it is not made up for; `failed`: its task could not be queued.
 */
export type SlotOutcome = (typeof SLOT_OUTCOMES)[number];

/** A time at which a schedule promised a task, or a row of such times with one outcome. */
export interface Slot {
  readonly scheduleId: number;
  readonly dueAt: Instant;
  /** The last time that it stands for; `dueAt` when it stands for one. */
  readonly untilAt: Instant;
  /** How many times it stands for. */
  readonly count: number;
  /** Before it was due, unless nobody was awake. */
  readonly writtenAt: Instant;
  /** Null while it is open. */
  readonly outcome: SlotOutcome | null;
  readonly settledAt: Instant | null;
  readonly taskId: number | null;
  /** Why it did not simply run, in a sentence. */
  readonly cause: string | null;
}

/** True when nobody asked for its pause: a person has to decide how it goes on. */
export function needsDecision({ paused }: Schedule): boolean {
  return paused?.by === SCHEDULER;
}

/** By whom a task of a schedule is queued, as it is stored with it. */
export function scheduleAuthor(name: string): string {
  return `schedule ${name}`;
}

/** A slot that is promised and not due yet. */
export function openSlot(scheduleId: number, dueAt: Instant, writtenAt: Instant): Slot {
  const single = { dueAt, untilAt: dueAt, count: 1, writtenAt };
  return { scheduleId, ...single, outcome: null, settledAt: null, taskId: null, cause: null };
}

/** The schedule as it is first stored. */
export function newSchedule(id: number, asked: NewSchedule): Schedule {
  return { ...asked, id, version: 1, paused: null, judgedFrom: asked.createdAt, removedAt: null };
}
