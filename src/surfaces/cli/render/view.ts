import { formatDuration } from "../../../core/duration.ts";
import { formatInstant } from "../../../core/instant.ts";
import type { Instant } from "../../../core/task.ts";
import type { Call } from "../command.ts";
import type { Paint } from "../output.ts";

/** What every rendering needs to know of the person and the moment. */
export interface View {
  readonly now: Instant;
  readonly timeZone: string;
  readonly paint: Paint;
  /** Columns to fit lines into; null when lines are not cut. */
  readonly columns: number | null;
}

/** The view of one call. */
export function viewOf({ context, output }: Call): View {
  return {
    now: context.clock.now(),
    timeZone: context.timeZone(),
    paint: output.paint,
    columns: output.columns,
  };
}

/** A moment in the person's zone: `22:00`, `tomorrow 07:00`, `2026-11-24 22:00`. */
export function when(view: View, at: Instant): string {
  return formatInstant(at, view);
}

const ISO_TIME = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/gu;

/** A sentence whose UTC times, as rules and adapters write them, are put into the person's zone. */
export function localTimes(view: Pick<View, "now" | "timeZone">, sentence: string): string {
  return sentence.replace(ISO_TIME, (time) => formatInstant(Date.parse(time), view));
}

/** How long ago a moment was, with its greatest units: `3m12s ago`, `just now`. */
export function ago(view: View, at: Instant): string {
  const ms = view.now - at;
  return ms < 1000 ? "just now" : `${formatDuration(ms)} ago`;
}

/** A stretch of time from one moment to another: `3m12s`. */
export function span(from: Instant, to: Instant): string {
  return formatDuration(Math.max(0, to - from));
}
