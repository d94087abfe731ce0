import type { NewEvent } from "./event.ts";
import { isSameReset, type QuotaWindow } from "./quota.ts";

/** A quota window as it was last seen, and what was last told of it. */
export interface KnownWindow {
  readonly window: QuotaWindow;
  /** The share in the newest `quota.observed`: small steps add up until they are worth telling. */
  readonly toldUsed: number | null;
}

/** A share that moved by less since it was last told is not told again; one percentage point. */
const TOLD_STEP = 0.01;

/**
 * What is known of a window after a look at it, with the events that the look is worth; null when
 * the look changes nothing: it is older than what is known, or it says that a closed window is open
 * before its reset. Answers of several agents overtake each other, and a start against a closed
 * window is worse than a late one. Passing one of the `alertLevels` is told in any case.
 */
export function observe(
  known: KnownWindow | null,
  told: QuotaWindow,
  alertLevels: readonly number[] = [],
): { readonly known: KnownWindow; readonly events: readonly NewEvent[] } | null {
  const seen = soundWindow(told);
  if (known !== null && isOvertaken(known.window, seen)) return null;
  if (known !== null && isTooEarly(known.window, seen)) return null;
  const closes = seen.status === "closed" && known?.window.status !== "closed";
  const closed = [
    ...alertsOf(known, seen, alertLevels),
    ...(closes ? [eventOf("quota.closed", seen)] : []),
  ];
  if (known !== null && !isWorthTelling(known, seen)) {
    return { known: { window: seen, toldUsed: known.toldUsed }, events: closed };
  }
  const events = [eventOf("quota.observed", seen), ...closed];
  return { known: { window: seen, toldUsed: seen.used }, events };
}

/** No window is longer than a month and a day. */
const AHEAD_MAX_MS: number = 32 * 86_400_000;

/** A number that no window can have is none: nobody is held by it for years, and nothing counts with it. */
function soundWindow(told: QuotaWindow): QuotaWindow {
  const { used, resetsAt, observedAt } = told;
  const isShare = used !== null && Number.isFinite(used) && used >= 0;
  const isTime = resetsAt !== null && resetsAt >= 0 && resetsAt <= observedAt + AHEAD_MAX_MS;
  return { ...told, used: isShare ? used : null, resetsAt: isTime ? resetsAt : null };
}

/** Answers overtake each other by minutes; what is known of a later time yet is of a clock since set back. */
const OVERTAKEN_MAX_MS = 15 * 60_000;

function isOvertaken(known: QuotaWindow, seen: QuotaWindow): boolean {
  const byMs = known.observedAt - seen.observedAt;
  return byMs > 0 && byMs <= OVERTAKEN_MAX_MS;
}

/** Of the levels that were passed since the last look the highest is told, once in each window. */
function alertsOf(
  known: KnownWindow | null,
  seen: QuotaWindow,
  levels: readonly number[],
): readonly NewEvent[] {
  const before = known === null || isCountedAnew(known.window, seen) ? 0 : (known.window.used ?? 0);
  const passed = levels.filter((level) => before < level && (seen.used ?? 0) >= level);
  if (passed.length === 0) return [];
  const { data, ...event } = eventOf("quota.alert", seen);
  return [{ ...event, data: { ...data, level: Math.max(...passed) } }];
}

function isCountedAnew(known: QuotaWindow, seen: QuotaWindow): boolean {
  if (known.resetsAt === null || seen.resetsAt === null)
    return (seen.used ?? 0) < (known.used ?? 0);
  return !isSameReset(known.resetsAt, seen.resetsAt);
}

function isTooEarly(known: QuotaWindow, seen: QuotaWindow): boolean {
  if (known.status !== "closed" || seen.status !== "open") return false;
  return known.resetsAt !== null && seen.observedAt < known.resetsAt;
}

function isWorthTelling(known: KnownWindow, seen: QuotaWindow): boolean {
  if (known.window.status !== seen.status) return true;
  if (known.toldUsed === null || seen.used === null) return known.toldUsed !== seen.used;
  // Shares come as decimal fractions: without rounding, 0.29 is less than a point above 0.28.
  return Math.round(Math.abs(seen.used - known.toldUsed) * 1e6) / 1e6 >= TOLD_STEP;
}

function eventOf(
  type: "quota.observed" | "quota.closed" | "quota.alert",
  seen: QuotaWindow,
): NewEvent {
  const { provider, window, used, resetsAt, status, source } = seen;
  return {
    type,
    at: seen.observedAt,
    taskId: null,
    attempt: null,
    data: { provider, window, used, resetsAt, status, source },
  };
}
