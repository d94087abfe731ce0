import type { Parsed } from "../core/parsed.ts";
import type { NextSlot } from "../core/slots.ts";

/** Reads times that come again, in cron form. */
export interface Cron {
  /**
   * The times of `cron` by the clock on the wall of `timeZone`, or one sentence that says what is wrong
   * with either. Each time is a whole minute and later than the one before; a time of day that the clocks
   * skip is the moment after it, one that they show twice comes once; what comes every so often goes on
   * by the clock instead.
   */
  readonly read: (cron: string, timeZone: string) => Parsed<NextSlot>;
}
