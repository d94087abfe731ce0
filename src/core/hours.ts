import type { Instant, TaskKind } from "./task.ts";
import { instantOf, localDayOf, type LocalDay, weekdayOf } from "./zone.ts";

/** A stretch of the week that comes again on each of its days. */
export interface WeeklySpan {
  /** Days on which it begins, 0 for Monday to 6 for Sunday. */
  readonly days: readonly number[];
  /** Minutes after local midnight, the end up to 1440; an end that is not later is on the next day. */
  readonly startMinute: number;
  readonly endMinute: number;
}

/** When it is night, in whose zone, and what may start then. */
export interface HoursRules {
  /** IANA zone name, for example `Europe/Berlin`. */
  readonly timeZone: string;
  /** It is night during each of them, whether they touch or overlap; none: never. */
  readonly nights: readonly WeeklySpan[];
  /** Kinds of tasks that may start by day, and by night. */
  readonly kindsByDay: readonly TaskKind[];
  readonly kindsByNight: readonly TaskKind[];
}

/** True from the first instant of a night to just before its end, by the clock on the wall. */
export function isNight(rules: HoursRules, at: Instant): boolean {
  return stretchAt(rules, at).night;
}

/** When day next turns to night or night to day, after `at`; null when it never does. */
export function nextHoursChange(rules: HoursRules, at: Instant): Instant | null {
  const { until } = stretchAt(rules, at);
  return until === Infinity ? null : until;
}

/** When the night that `at` falls into began; the beginning of time for one without an end. */
export function nightStart(rules: HoursRules, at: Instant): Instant {
  return Math.max(0, stretchAt(rules, at).from);
}

/** The first instant of the local day that `at` falls into: local midnight, or what follows it when the clocks skip it. */
export function dayStart(timeZone: string, at: Instant): Instant {
  return dayAt(timeZone, at).from;
}

/** The first instant of the local day after the one that `at` falls into. */
export function nextDayStart(timeZone: string, at: Instant): Instant {
  return dayAt(timeZone, at).until;
}

/** A time of the day on some days of the week. */
export interface WeeklyMoment {
  /** 0 for Monday to 6 for Sunday. */
  readonly days: readonly number[];
  /** Minutes after local midnight. */
  readonly minute: number;
}

/** When the clock on the wall next shows a time, after `at`; null when it has no day. */
export function nextMoment(timeZone: string, when: WeeklyMoment, at: Instant): Instant | null {
  const known = lastMoments.get(when);
  if (known?.timeZone === timeZone && isWithin(known, at)) return known.until;
  const until = findMoment(timeZone, when, at);
  if (until !== null) lastMoments.set(when, { timeZone, from: at, until });
  return until;
}

/** The last answers: one plan asks for the same moment once per head. */
const lastMoments = new WeakMap<WeeklyMoment, Span & { readonly timeZone: string }>();

function findMoment(timeZone: string, { days, minute }: WeeklyMoment, at: Instant): Instant | null {
  const today = localDayOf(timeZone, at);
  for (let day = today; day <= today + WEEK_DAYS; day += 1) {
    if (!days.includes(weekdayOf(day))) continue;
    const moment = instantOf(timeZone, day, minute);
    if (moment > at) return moment;
  }
  return null;
}

const WEEK_DAYS = 7;
const DAY_MINUTES = 1440;

/** From an instant on, until just before another. */
interface Span {
  readonly from: Instant;
  readonly until: Instant;
}

function isWithin(span: Span, at: Instant): boolean {
  return span.from <= at && at < span.until;
}

/** The last day asked for: one plan asks for the same day once per head. */
let lastDay: (Span & { readonly timeZone: string }) | null = null;

function dayAt(timeZone: string, at: Instant): Span {
  if (lastDay?.timeZone === timeZone && isWithin(lastDay, at)) return lastDay;
  const day = localDayOf(timeZone, at);
  lastDay = {
    timeZone,
    from: instantOf(timeZone, day, 0),
    until: instantOf(timeZone, day + 1, 0),
  };
  return lastDay;
}

/** A span in which it is night or day throughout. */
interface Stretch extends Span {
  readonly night: boolean;
}

/** The last stretch asked for, with what it was for: one plan asks for the same one once per head. */
let lastStretch: (Stretch & Pick<HoursRules, "timeZone" | "nights">) | null = null;

function stretchAt({ timeZone, nights }: HoursRules, at: Instant): Stretch {
  if (
    lastStretch?.nights === nights &&
    lastStretch.timeZone === timeZone &&
    isWithin(lastStretch, at)
  ) {
    return lastStretch;
  }
  lastStretch = { ...findStretch(timeZone, nights, at), timeZone, nights };
  return lastStretch;
}

/** So far nights are looked for: one that the clocks skip whole comes a week later. */
const DAYS_BEHIND = 2;
const DAYS_AHEAD = 2 * WEEK_DAYS + 1;

/** Nights are found as pairs of instants, so an hour that the clocks repeat never makes two nights. */
function findStretch(timeZone: string, nights: readonly WeeklySpan[], at: Instant): Stretch {
  const today = localDayOf(timeZone, at);
  const spans = mergedSpans(timeZone, nights, today);
  const end = instantOf(timeZone, today + DAYS_AHEAD, 0);
  let from = -Infinity;
  for (const span of spans) {
    if (at < span.from) return { night: false, from, until: span.from };
    // What goes on to the end of all that is looked at has none.
    if (at < span.until)
      return { night: true, ...span, until: span.until < end ? span.until : Infinity };
    from = span.until;
  }
  return { night: false, from, until: Infinity };
}

/** The nights around a day, in order; those that touch or overlap are one. */
function mergedSpans(
  timeZone: string,
  nights: readonly WeeklySpan[],
  today: LocalDay,
): readonly Span[] {
  const merged: Span[] = [];
  for (const span of spansAround(timeZone, nights, today)) {
    const last = merged.at(-1);
    if (last === undefined || span.from > last.until) merged.push(span);
    else merged[merged.length - 1] = { ...last, until: Math.max(last.until, span.until) };
  }
  return merged;
}

function spansAround(
  timeZone: string,
  nights: readonly WeeklySpan[],
  today: LocalDay,
): readonly Span[] {
  const spans: Span[] = [];
  for (let day = today - DAYS_BEHIND; day < today + DAYS_AHEAD; day += 1) {
    for (const night of nights) {
      if (!night.days.includes(weekdayOf(day))) continue;
      const span = spanOn(timeZone, night, day);
      // One that the clocks skip whole is none.
      if (span.from < span.until) spans.push(span);
    }
  }
  return spans.toSorted((a, b) => a.from - b.from);
}

function spanOn(timeZone: string, { startMinute, endMinute }: WeeklySpan, day: LocalDay): Span {
  const isNextDay = endMinute <= startMinute || endMinute === DAY_MINUTES;
  const minute = endMinute === DAY_MINUTES ? 0 : endMinute;
  return {
    from: instantOf(timeZone, day, startMinute),
    until: instantOf(timeZone, isNextDay ? day + 1 : day, minute),
  };
}
