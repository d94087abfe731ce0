import type { WeeklyMoment } from "./hours.ts";
import type { Instant } from "./task.ts";

/** A stretch of time in which a provider counts usage. */
export interface QuotaWindow {
  readonly provider: string;
  /** The provider's name of the window, for example `five_hour` or `seven_day`. */
  readonly window: string;
  /** Share used, 0 to 1 and beyond; null when unknown, which is never taken for zero. */
  readonly used: number | null;
  /** When counting starts anew; null when unknown. */
  readonly resetsAt: Instant | null;
  /** `closed`: the provider refuses work until the reset. */
  readonly status: "open" | "closed";
  readonly source: "observed" | "estimated";
  readonly observedAt: Instant;
}

/** Shares of a window, 0 to 1, at which starts are held. */
export interface Thresholds {
  readonly day: number;
  readonly night: number;
}

/** A share of every window that is to be free whenever the clock on the wall shows this time. */
export interface Reserve extends WeeklyMoment {
  /** 0 to 1. */
  readonly share: number;
}

/** How much of what a provider allows tasks may use. */
export interface QuotaRules extends Thresholds {
  /** For windows of more than a day, whatever the hour. */
  readonly week: number;
  /** Other thresholds for single windows, by `window` or `provider/window`, which comes first. */
  readonly windows: Readonly<Record<string, Partial<Thresholds>>>;
  readonly reserves: readonly Reserve[];
  /** Shares at which it is told how far a window is used. */
  readonly alerts: readonly number[];
  /**
   * How surely what the person will need is left: standard deviations above what is expected of
   * them; null leaves nothing but reserves and what is beyond the thresholds.
   */
  readonly care: number | null;
}

const HOUR_MS = 3_600_000;
const COUNTS: Readonly<Record<string, number>> = { one: 1, five: 5, seven: 7, thirty: 30 };

/** How long a window lasts, read from its name (`five_hour`, `seven_day_opus`); null when it does not say. */
export function windowLengthMs(name: string): number | null {
  const words = /^([a-z]+)_(hour|day)(?:_|$)/u.exec(name);
  const count = COUNTS[words?.[1] ?? ""];
  if (words === null || count === undefined) return null;
  return count * (words[2] === "hour" ? HOUR_MS : 24 * HOUR_MS);
}

/** Resets that differ by less are the same: providers round them. */
const SAME_RESET_MS = 120_000;

/** True when two looks tell of the same reset. */
export function isSameReset(one: Instant, other: Instant): boolean {
  return Math.abs(one - other) < SAME_RESET_MS;
}

/** True for a window of more than a day. */
export function isLongWindow(name: string): boolean {
  return (windowLengthMs(name) ?? 0) > 24 * HOUR_MS;
}

/**
 * False for a window of one model (`seven_day_opus`) and a task that names another; one that names
 * none may be done by any.
 */
export function concernsModel(
  { window }: Pick<QuotaWindow, "window">,
  model: string | null,
): boolean {
  const only = /^[a-z]+_(?:hour|day)_([a-z]+)$/u.exec(window)?.[1];
  return only === undefined || model === null || model.toLowerCase().includes(only);
}

/** How surely what a person will need is left to them, in words. */
export const HOLD_BACK = ["careful", "typical", "off"] as const;
export type HoldBack = (typeof HOLD_BACK)[number];
/** Standard deviations of the person's use; `careful` was tuned with `npm run bench:schedule`. */
export const CARE_OF: Readonly<Record<HoldBack, number | null>> = {
  careful: 3,
  typical: 1.3,
  off: null,
};

/** The thresholds that hold for a window. */
export function thresholdsOf(
  { windows, day, night, week }: QuotaRules,
  { provider, window }: Pick<QuotaWindow, "provider" | "window">,
): Thresholds {
  const named = (name: string): Partial<Thresholds> | undefined =>
    Object.hasOwn(windows, name) ? windows[name] : undefined;
  const own = isLongWindow(window) ? { day: week, night: week } : { day, night };
  return { ...own, ...named(window), ...named(`${provider}/${window}`) };
}
