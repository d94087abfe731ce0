import type { Instant } from "../task.ts";
import { instantOf, type LocalDay, localDayOf, weekdayOf } from "../zone.ts";
import { HOUR_MS } from "./history.ts";

/** What a person used of a window on one day, hour by hour, and how much of each hour is known. */
export interface PersonDay {
  readonly day: LocalDay;
  /** Sums from midnight to each full hour, 25 of them: shares of the window. */
  readonly used: readonly number[];
  /** The same of what was seen, in hours. */
  readonly seen: readonly number[];
}

/** What a person will use of a window in a stretch of time. */
export interface Expected {
  readonly mean: number;
  /** Hardly ever is it more. */
  readonly upper: number;
}

/** How a person's days of one window are read. */
export interface PersonRules {
  readonly timeZone: string;
  readonly days: readonly PersonDay[];
  /** Believed of a working day before one was seen: share of the window. */
  readonly dayPrior: number;
  /** How many standard deviations `upper` is above the mean. */
  readonly care: number;
}

/** The hours in which a person is believed to work before anything was seen, and how much on a free day. */
const WORK_FROM_HOUR = 8;
const WORK_UNTIL_HOUR = 19;
const FREE_DAY_PART = 0.4;
/** What is further ahead is not looked at: no window is that long. */
const AHEAD_MAX_MS = 62 * 24 * HOUR_MS;
/** For so many days counts what is believed. */
const PRIOR_DAYS = 2;
/** What is believed of a day may be wrong by this part of it. */
const PRIOR_SPREAD = 0.5;
/** Days of the same weekday say so much more than other working or free days. */
const SAME_WEEKDAY = 2;
/** And working days of free ones, on which somebody may work for once, so little. */
const OTHER_KIND = 0.15;
/** Of a stretch so much must have been seen for a day to say something of it. */
const SEEN_MIN = 0.5;

/** What the person is expected to use between two instants, from what they did at such times before. */
export function expectedUse(rules: PersonRules, from: Instant, until: Instant): Expected {
  const { timeZone } = rules;
  let mean = 0;
  let variance = 0;
  let doubt = 0;
  const first = localDayOf(timeZone, from);
  const last = localDayOf(timeZone, Math.min(until, from + AHEAD_MAX_MS) - 1);
  for (let day = first; day <= last; day += 1) {
    const midnight = instantOf(timeZone, day, 0);
    const start = Math.max(0, Math.min(24, (from - midnight) / HOUR_MS));
    const end = Math.max(start, Math.min(24, (until - midnight) / HOUR_MS));
    const part = expectedOfPart(rules, day, start, end);
    mean += part.mean;
    variance += part.variance;
    // Days are independent of each other, what is wrongly believed of them is not.
    doubt += Math.sqrt(part.variance / part.weight);
  }
  return { mean, upper: upperOf(mean, Math.hypot(Math.sqrt(variance), doubt), rules.care) };
}

/** Of a log-normal with this mean and deviation: use is never below zero and now and then far above its mean. */
function upperOf(mean: number, deviation: number, care: number): number {
  if (mean <= 0) return 0;
  const variance = Math.log(1 + (deviation / mean) ** 2);
  return mean * Math.exp(care * Math.sqrt(variance) - variance / 2);
}

interface Part {
  readonly mean: number;
  readonly variance: number;
  readonly weight: number;
}

function expectedOfPart(rules: PersonRules, day: LocalDay, start: number, end: number): Part {
  const weekday = weekdayOf(day);
  const prior = priorOf(rules.dayPrior, weekday, start, end);
  let weight = PRIOR_DAYS;
  let sum = PRIOR_DAYS * prior;
  let squares = PRIOR_DAYS * (1 + PRIOR_SPREAD ** 2) * prior ** 2;
  for (const past of rules.days) {
    const use = past.day === day ? null : usedIn(past, start, end);
    if (use === null) continue;
    const counts = likenessOf(weekdayOf(past.day), weekday);
    weight += counts;
    sum += counts * use;
    squares += counts * use ** 2;
  }
  const mean = sum / weight;
  return { mean, variance: Math.max(0, squares / weight - mean ** 2), weight };
}

function likenessOf(one: number, other: number): number {
  if (one === other) return SAME_WEEKDAY;
  return isFree(one) === isFree(other) ? 1 : OTHER_KIND;
}

function isFree(weekday: number): boolean {
  return weekday >= 5;
}

function priorOf(dayPrior: number, weekday: number, start: number, end: number): number {
  const overlap = Math.min(end, WORK_UNTIL_HOUR) - Math.max(start, WORK_FROM_HOUR);
  const part = Math.max(0, overlap) / (WORK_UNTIL_HOUR - WORK_FROM_HOUR);
  return part * dayPrior * (isFree(weekday) ? FREE_DAY_PART : 1);
}

/** Null when too little of that part of the day was seen. */
function usedIn({ used, seen }: PersonDay, start: number, end: number): number | null {
  const seenHours = at(seen, end) - at(seen, start);
  if (end <= start) return 0;
  if (seenHours < SEEN_MIN * (end - start)) return null;
  return ((at(used, end) - at(used, start)) * (end - start)) / seenHours;
}

/** A running sum at a fraction of an hour. */
function at(sums: readonly number[], hour: number): number {
  const whole = Math.floor(hour);
  const below = sums[whole] as number;
  return below + (hour - whole) * ((sums[whole + 1] ?? below) - below);
}
