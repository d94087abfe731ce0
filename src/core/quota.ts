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
  /** Other thresholds for single windows, by `window` or `provider/window`, which comes first. */
  readonly windows: Readonly<Record<string, Partial<Thresholds>>>;
  readonly reserves: readonly Reserve[];
}

/** The thresholds that hold for a window. */
export function thresholdsOf(
  { windows, day, night }: QuotaRules,
  { provider, window }: Pick<QuotaWindow, "provider" | "window">,
): Thresholds {
  const named = (name: string): Partial<Thresholds> | undefined =>
    Object.hasOwn(windows, name) ? windows[name] : undefined;
  return { day, night, ...named(window), ...named(`${provider}/${window}`) };
}
