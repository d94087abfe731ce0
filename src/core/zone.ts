import type { Instant } from "./task.ts";

/** A date on the wall, as days since 1970-01-01, whatever the zone. */
export type LocalDay = number;

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

/** True when `name` is a time zone that dates can be computed in, for example `Europe/Berlin` or `UTC`. */
export function isTimeZone(name: string): boolean {
  try {
    formatterOf(name);
    return true;
  } catch {
    return false;
  }
}

/** The local date at `at`. Throws a RangeError for an unknown zone. */
export function localDayOf(timeZone: string, at: Instant): LocalDay {
  return Math.floor((at + offsetMs(timeZone, at)) / DAY_MS);
}

/** The day of the week, 0 for Monday to 6 for Sunday. */
export function weekdayOf(day: LocalDay): number {
  // 1970-01-01 was a Thursday.
  return (((day + 3) % 7) + 7) % 7;
}

/** Minutes that the clock on the wall shows after midnight, with seconds as a fraction. */
export function localMinuteOf(timeZone: string, at: Instant): number {
  const local = at + offsetMs(timeZone, at);
  return (local - Math.floor(local / DAY_MS) * DAY_MS) / MINUTE_MS;
}

/**
 * The first instant at which the clock on the wall shows `minute` minutes after midnight of `day`,
 * or has passed it: a time that the clocks skip becomes the moment of the skip, of a time that they
 * show twice it is the first.
 */
export function instantOf(timeZone: string, day: LocalDay, minute: number): Instant {
  // Of a fraction of a millisecond the halving below would never find the end.
  const wall = Math.round(day * DAY_MS + minute * MINUTE_MS);
  const before = offsetMs(timeZone, wall - DAY_MS);
  const after = offsetMs(timeZone, wall + DAY_MS);
  const early = wall - Math.max(before, after);
  const late = wall - Math.min(before, after);
  if (early + offsetMs(timeZone, early) === wall) return early;
  return firstAtOrPast(timeZone, wall, early, late);
}

/** Halves the span until the moment is found; within it the clock on the wall only goes forward. */
function firstAtOrPast(timeZone: string, wall: number, early: Instant, late: Instant): Instant {
  let below = early;
  let above = late;
  while (above - below > 1) {
    const middle = Math.floor((below + above) / 2);
    if (middle + offsetMs(timeZone, middle) >= wall) above = middle;
    else below = middle;
  }
  return above;
}

/** What is added to an instant to read the wall's clock as if it were UTC. */
function offsetMs(timeZone: string, at: Instant): number {
  if (at < QUARTERS_SINCE) return findOffsetMs(timeZone, at);
  if (lastOffsets.timeZone !== timeZone || lastOffsets.byQuarter.size >= OFFSETS_MAX) {
    lastOffsets = { timeZone, byQuarter: new Map() };
  }
  const quarter = Math.floor(at / QUARTER_MS);
  const known = lastOffsets.byQuarter.get(quarter);
  if (known !== undefined) return known;
  const offset = findOffsetMs(timeZone, at);
  lastOffsets.byQuarter.set(quarter, offset);
  return offset;
}

/** Since then clocks are changed at full quarters of an hour of UTC only. */
const QUARTERS_SINCE = Date.UTC(2012, 0, 1);
const QUARTER_MS = 900_000;
const OFFSETS_MAX = 10_000;
/** The last answers: to ask the platform costs as much as a whole policy. */
let lastOffsets = { timeZone: "", byQuarter: new Map<number, number>() };

function findOffsetMs(timeZone: string, at: Instant): number {
  const second = Math.floor(at / 1000) * 1000;
  const parts: Partial<Record<Intl.DateTimeFormatPartTypes, string>> = {};
  for (const part of formatterOf(timeZone).formatToParts(second)) parts[part.type] = part.value;
  const wall = Date.UTC(
    Number(parts.year),
    Number(parts.month) - 1,
    Number(parts.day),
    Number(parts.hour),
    Number(parts.minute),
    Number(parts.second),
  );
  return wall - second;
}

/** Making a formatter costs a thousand times more than using it. */
const formatters = new Map<string, Intl.DateTimeFormat>();

function formatterOf(timeZone: string): Intl.DateTimeFormat {
  const known = formatters.get(timeZone);
  if (known !== undefined) return known;
  const made = new Intl.DateTimeFormat("en-US", {
    timeZone,
    hourCycle: "h23",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
    second: "numeric",
  });
  formatters.set(timeZone, made);
  return made;
}
