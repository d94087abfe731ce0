import { iso } from "./iso.ts";
import { type Schedule, scheduleAuthor, type Slot, type SlotOutcome } from "./schedule.ts";
import type { NewEvent } from "./event.ts";
import type { Asked } from "./new-task.ts";
import { type FullQueue, fullWords } from "./queue.ts";
import { type Instant, isFinal, type Task } from "./task.ts";

/** Most slots that `all` makes up for: the newest; older ones are missed. */
export const CATCH_UP_MAX = 24;
/** A slot that is met within this time is on time; slots are a minute apart at least. */
const ON_TIME_MS = 60_000;

/** The due slots of a schedule as far as they were counted: the newest each, those before as one. */
export interface DueSlots {
  readonly older: {
    readonly dueAt: Instant;
    readonly untilAt: Instant;
    readonly count: number;
  } | null;
  /** Oldest first, at most `CATCH_UP_MAX`. */
  readonly newest: readonly Instant[];
  /** The slot after them; null when there is none. */
  readonly nextAt: Instant | null;
}

/** The time of the slot after an instant; null when there is none. */
export type NextSlot = (after: Instant) => Instant | null;

/** What is done about one due slot, or about several that nothing is made of. */
export interface DueSlot {
  readonly dueAt: Instant;
  readonly untilAt: Instant;
  readonly count: number;
  /** Whether its task is to be queued, and if late, why; else why not. */
  readonly plan:
    | { readonly type: "queue"; readonly late: string | null }
    | { readonly type: "leave"; readonly outcome: "skipped" | "missed"; readonly cause: string };
}

/** Nothing counted yet but the slot that was promised. */
export function dueFrom(openDueAt: Instant, next: NextSlot): DueSlots {
  return { older: null, newest: [openDueAt], nextAt: nextAfter(openDueAt, next) };
}

/** Counts at most `steps` further slots that are due at `at`. */
export function countDue(due: DueSlots, at: Instant, next: NextSlot, steps: number): DueSlots {
  const newest = [...due.newest];
  let { older, nextAt } = due;
  for (let step = 0; step < steps && nextAt !== null && nextAt <= at; step += 1) {
    newest.push(nextAt);
    const old = newest.length > CATCH_UP_MAX ? newest.shift() : undefined;
    if (old !== undefined) older = withOne(older, old);
    nextAt = nextAfter(nextAt, next);
  }
  return { older, newest, nextAt };
}

/** True when more slots are due than were counted. */
export function hasMoreDue({ nextAt }: DueSlots, at: Instant): boolean {
  return nextAt !== null && nextAt <= at;
}

/**
 * What is done about the due slots, oldest first; those of one row that nothing is made of are one.
 * While more are due than were counted none of the counted is made up for, unless it is among the
 * newest that wait for the next count.
 */
export function planDue(schedule: Schedule, due: DueSlots, at: Instant): readonly DueSlot[] {
  const { older, newest } = due;
  const planned: DueSlot[] = [];
  if (older !== null) planned.push({ ...older, plan: leave(schedule, older.untilAt) });
  if (hasMoreDue(due, at)) return planned;
  newest.forEach((dueAt, index) => {
    const isNewest = index === newest.length - 1;
    const plan = planOne(schedule, dueAt, { at, isNewest });
    join(planned, { dueAt, untilAt: dueAt, count: 1, plan });
  });
  return planned;
}

/** The slot that is open once the planned ones are settled; null when there is none. */
export function openAfter(due: DueSlots, at: Instant): Instant | null {
  return hasMoreDue(due, at) ? (due.newest[0] ?? null) : due.nextAt;
}

function planOne(
  schedule: Schedule,
  dueAt: Instant,
  { at, isNewest }: { readonly at: Instant; readonly isNewest: boolean },
): DueSlot["plan"] {
  const isLate = at - dueAt >= ON_TIME_MS;
  const { catchUp, paused } = schedule;
  const isWanted = catchUp === "all" || (isNewest && (catchUp === "last" || !isLate));
  if (paused !== null || !isWanted) return leave(schedule, dueAt);
  return { type: "queue", late: isLate ? NOBODY : null };
}

const NOBODY = "no daemon was awake then";

function leave({ paused, catchUp }: Schedule, dueAt: Instant): DueSlot["plan"] {
  if (paused !== null && paused.at <= dueAt) {
    return { type: "leave", outcome: "skipped", cause: `paused: ${paused.reason}` };
  }
  const rest = {
    skip: "",
    last: "; the newest slot counts",
    all: `; ${CATCH_UP_MAX} are made up for`,
  };
  return { type: "leave", outcome: "missed", cause: `${NOBODY}${rest[catchUp]}` };
}

function join(planned: DueSlot[], slot: DueSlot): void {
  const last = planned.at(-1);
  const isSame =
    last?.plan.type === "leave" &&
    slot.plan.type === "leave" &&
    last.plan.outcome === slot.plan.outcome;
  if (!isSame) planned.push(slot);
  else planned[planned.length - 1] = { ...last, untilAt: slot.untilAt, count: last.count + 1 };
}

function withOne(older: DueSlots["older"], dueAt: Instant): DueSlots["older"] {
  return older === null
    ? { dueAt, untilAt: dueAt, count: 1 }
    : { ...older, untilAt: dueAt, count: older.count + 1 };
}

/** Never back: a slot that is not later than the one before would be promised twice. */
function nextAfter(dueAt: Instant, next: NextSlot): Instant | null {
  const found = next(dueAt);
  return found !== null && found > dueAt ? found : null;
}

/** Why a planned task is not queued now; null when it is. */
export function overlapCause(
  { overlap }: Schedule,
  before: Pick<Task, "id" | "state"> | null,
): string | null {
  if (overlap === "queue" || before === null || isFinal(before.state)) return null;
  return `task ${before.id} of a slot before is ${before.state}`;
}

/** Why no task could be made of a slot. */
export function refusedCause(
  refusal:
    | { readonly reason: "unknown-project"; readonly project: string }
    | ({ readonly reason: "queue-full" } & FullQueue)
    | { readonly reason: string },
): string {
  if ("project" in refusal) {
    return `there is no project ${refusal.project} any more; add it again, or remove the schedule`;
  }
  if (!("max" in refusal)) return `its task was refused (${refusal.reason})`;
  const words = fullWords(refusal);
  return words.charAt(0).toLowerCase() + words.slice(1);
}

/** The task that a slot becomes when it is queued at `at`. */
export function taskOfSlot(schedule: Schedule, dueAt: Instant, at: Instant): Asked {
  const { task, deadlineInMs, name } = schedule;
  return {
    ...task,
    at,
    source: "schedule",
    notBefore: null,
    deadlineAt: deadlineInMs === null ? null : dueAt + deadlineInMs,
    dependsOn: [],
    by: scheduleAuthor(name),
  };
}

/** How a due slot came out. */
export interface SlotEnd {
  readonly outcome: SlotOutcome;
  readonly taskId: number | null;
  readonly cause: string | null;
}

/** The row of a slot that came out. */
export function settledSlot(
  scheduleId: number,
  due: Omit<DueSlot, "plan">,
  end: SlotEnd & { readonly at: Instant; readonly writtenAt: Instant },
): Slot {
  const { dueAt, untilAt, count } = due;
  const { at, writtenAt, outcome, taskId, cause } = end;
  return { scheduleId, dueAt, untilAt, count, writtenAt, outcome, settledAt: at, taskId, cause };
}

/** Tells how a slot came out. */
export function slotEvent(name: string, slot: Slot, outcome: SlotOutcome, at: Instant): NewEvent {
  const { dueAt, untilAt, count, taskId, cause } = slot;
  const until = count === 1 ? {} : { untilAt: iso(untilAt), count };
  const data = { schedule: name, dueAt: iso(dueAt), ...until, message: cause };
  return { type: `slot.${outcome}`, at, taskId, attempt: null, data };
}
