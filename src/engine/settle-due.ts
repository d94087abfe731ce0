import type { Slot } from "../core/schedule.ts";
import {
  countDue,
  dueFrom,
  type DueSlots,
  hasMoreDue,
  type NextSlot,
  openAfter,
  planDue,
} from "../core/slots.ts";
import type { Instant, Task } from "../core/task.ts";
import type { ScheduleWithSlot } from "../ports/schedule-store.ts";
import type { Store } from "../ports/store.ts";

/** How many slots are counted without a break: some 20 ms of work. */
const STEPS = 200;
/** How many slots are counted before they are settled; what is due beyond comes with the next turn. */
const COUNT_MAX = 100_000;

/** What came of the due slots of a schedule. */
export interface SettledDue {
  readonly slots: readonly Slot[];
  readonly tasks: readonly Task[];
  /** When its next slot is due; null when it has none. */
  readonly nextDueAt: Instant | null;
}

/** When and by what slots are settled. */
export interface SettleBy {
  readonly at: Instant;
  readonly next: NextSlot;
  /** Awaited now and then where many are due. */
  readonly breathe?: () => Promise<void>;
  /** Once it is aborted no more are counted; what is left comes the next time. */
  readonly signal?: AbortSignal;
}

/**
 * Gives every slot of a schedule that is due at `at` its outcome. Null when somebody else did, or the
 * schedule was changed meanwhile: read it again.
 */
export async function settleDue(
  store: Store,
  { schedule, open }: ScheduleWithSlot,
  by: SettleBy,
): Promise<SettledDue | null> {
  if (open === null || open.dueAt > by.at) {
    return { slots: [], tasks: [], nextDueAt: open?.dueAt ?? null };
  }
  const due = await countAll(open.dueAt, by);
  const nextDueAt = openAfter(due, by.at);
  const settled = await store.schedules.settle({
    scheduleId: schedule.id,
    version: schedule.version,
    openDueAt: open.dueAt,
    at: by.at,
    slots: planDue(schedule, due, by.at),
    nextDueAt,
  });
  return settled.ok ? { slots: settled.slots, tasks: settled.tasks, nextDueAt } : null;
}

async function countAll(openDueAt: Instant, by: SettleBy): Promise<DueSlots> {
  let due = countDue(dueFrom(openDueAt, by.next), by.at, by.next, STEPS);
  for (let counted = STEPS; hasMoreDue(due, by.at) && counted < COUNT_MAX; counted += STEPS) {
    if (by.signal?.aborted === true) break;
    await by.breathe?.();
    due = countDue(due, by.at, by.next, STEPS);
  }
  return due;
}
