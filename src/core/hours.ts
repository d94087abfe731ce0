import type { Instant } from "./task.ts";
import { instantOf, localDayOf, type LocalDay } from "./zone.ts";

/** When it is night, in whose zone. */
export interface HoursRules {
  /** IANA zone name, for example `Europe/Berlin`. */
  readonly timeZone: string;
  /**
   * Minutes after local midnight at which the night begins and ends; begin > end crosses midnight,
   * begin = end means that it is never night.
   */
  readonly nightStartMinute: number;
  readonly nightEndMinute: number;
  /** When true, tasks start only at night. */
  readonly nightOnly: boolean;
}

/** True from the first instant of a night to just before its end, by the clock on the wall. */
export function isNight(rules: HoursRules, at: Instant): boolean {
  return stretchAt(rules, at).night;
}

/** When day next turns to night or night to day, after `at`; null when it is never night. */
export function nextHoursChange(rules: HoursRules, at: Instant): Instant | null {
  const { until } = stretchAt(rules, at);
  return until === Infinity ? null : until;
}

/** The first instant of the local day that `at` falls into: local midnight, or what follows it when the clocks skip it. */
export function dayStart(timeZone: string, at: Instant): Instant {
  return dayAt(timeZone, at).from;
}

/** The first instant of the local day after the one that `at` falls into. */
export function nextDayStart(timeZone: string, at: Instant): Instant {
  return dayAt(timeZone, at).until;
}

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

/** The last stretch asked for, with what it was for. */
let lastStretch: { readonly key: string; readonly stretch: Stretch } | null = null;

function stretchAt(rules: HoursRules, at: Instant): Stretch {
  const key = `${rules.timeZone} ${rules.nightStartMinute} ${rules.nightEndMinute}`;
  if (lastStretch?.key === key && isWithin(lastStretch.stretch, at)) return lastStretch.stretch;
  const stretch = findStretch(rules, at);
  lastStretch = { key, stretch };
  return stretch;
}

/** Nights are found as pairs of instants, so an hour that the clocks repeat never makes two nights. */
function findStretch(rules: HoursRules, at: Instant): Stretch {
  let from = -Infinity;
  if (rules.nightStartMinute === rules.nightEndMinute)
    return { night: false, from, until: Infinity };
  const today = localDayOf(rules.timeZone, at);
  // A night that the clocks skip whole is empty, so the next one may be a day further away.
  for (let day = today - 2; ; day += 1) {
    const [begin, end] = nightOf(rules, day);
    if (begin === end) continue;
    if (at < begin) return { night: false, from, until: begin };
    if (at < end) return { night: true, from: begin, until: endOfNight(rules, day, end) };
    from = end;
  }
}

/** The end of the night of `day`, or of the next one where the clocks skip all the day between them. */
function endOfNight(rules: HoursRules, day: LocalDay, end: Instant): Instant {
  const [nextBegin, nextEnd] = nightOf(rules, day + 1);
  return nextBegin === end ? nextEnd : end;
}

/** Begin and end of the night that begins on local `day`. */
function nightOf(rules: HoursRules, day: LocalDay): readonly [Instant, Instant] {
  const crosses = rules.nightStartMinute > rules.nightEndMinute;
  const begin = instantOf(rules.timeZone, day, rules.nightStartMinute);
  const end = instantOf(rules.timeZone, crosses ? day + 1 : day, rules.nightEndMinute);
  return [begin, end];
}
