import { NO_BUDGETS } from "../core/budget.ts";
import type { AdmissionRules } from "../core/hold.ts";
import type { HoursRules, WeeklySpan } from "../core/hours.ts";
import { ORDER_DEFAULT } from "../core/order.ts";
import type { QuotaRules } from "../core/quota.ts";
import { TASK_KINDS } from "../core/task.ts";

const EVERY_DAY: readonly number[] = [0, 1, 2, 3, 4, 5, 6];

/** Rules by which everything may start, with what a test changes. */
export function openRules(patch: Partial<AdmissionRules> = {}): AdmissionRules {
  return {
    parallelMax: 100,
    executorDefault: "claude-code",
    avoidsConflicts: true,
    hours: hoursOf(),
    quota: quotaOf(1, 1),
    memoryFreeMinBytes: null,
    diskFreeMinBytes: null,
    loadMax: null,
    batteryMin: null,
    budgets: NO_BUDGETS,
    order: ORDER_DEFAULT,
    ...patch,
  };
}

/** Every night from 22:00 to 07:00 in UTC, in which everything may start, and by day. */
export function hoursOf(patch: Partial<HoursRules> = {}): HoursRules {
  const nights = [nightOf(22 * 60, 7 * 60)];
  return { timeZone: "UTC", nights, kindsByDay: TASK_KINDS, kindsByNight: TASK_KINDS, ...patch };
}

/** A night of these minutes, on all days or on some. */
export function nightOf(
  startMinute: number,
  endMinute: number,
  days: readonly number[] = EVERY_DAY,
): WeeklySpan {
  return { days, startMinute, endMinute };
}

/** Thresholds for all windows. */
export function quotaOf(day: number, night: number, patch: Partial<QuotaRules> = {}): QuotaRules {
  return { day, night, week: 1, windows: {}, reserves: [], alerts: [], care: null, ...patch };
}
