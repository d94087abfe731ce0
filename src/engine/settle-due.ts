import type { OrderRules } from "../core/order.ts";
import type { QueueLimits } from "../core/queue.ts";
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

/** So many slots are one row at most: two years of minutes. */
const COUNT_MAX = 1_000_000;

/** What came of the due slots of a schedule. */
export type SettledDue =
  | {
      readonly type: "settled";
      readonly slots: readonly Slot[];
      readonly tasks: readonly Task[];
      /** When its next slot is due; null when it has none. */
      readonly nextDueAt: Instant | null;
    }
  /** Nothing is settled yet: ask again with what was counted. */
  | { readonly type: "counting"; readonly counted: DueSlots }
  /** Somebody else settled them, or changed the schedule meanwhile: read it again. */
  | { readonly type: "overtaken" };

/** When and by what slots are settled. */
export interface SettleBy {
  readonly at: Instant;
  readonly next: NextSlot;
  /** What was counted from the same open slot before. */
  readonly counted?: DueSlots | undefined;
  /** Most slots that are counted now; no limit where absent. */
  readonly stepsMax?: number;
  readonly order?: OrderRules | undefined;
  readonly queueLimits?: QueueLimits | undefined;
}

/** Gives every slot of a schedule that is due at `at` its outcome. */
export async function settleDue(
  store: Store,
  { schedule, open }: ScheduleWithSlot,
  { at, next, counted, stepsMax = Infinity, order, queueLimits }: SettleBy,
): Promise<SettledDue> {
  if (open === null || open.dueAt > at) {
    return { type: "settled", slots: [], tasks: [], nextDueAt: open?.dueAt ?? null };
  }
  const due = countDue(counted ?? dueFrom(open.dueAt, next), at, next, stepsMax);
  if (hasMoreDue(due, at) && (due.older?.count ?? 0) < COUNT_MAX) {
    return { type: "counting", counted: due };
  }
  const nextDueAt = openAfter(due, at);
  const settled = await store.schedules.settle({
    scheduleId: schedule.id,
    version: schedule.version,
    openDueAt: open.dueAt,
    at,
    slots: planDue(schedule, due, at),
    nextDueAt,
    order,
    queueLimits,
  });
  if (!settled.ok) return { type: "overtaken" };
  return { type: "settled", slots: settled.slots, tasks: settled.tasks, nextDueAt };
}
