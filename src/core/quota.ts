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
