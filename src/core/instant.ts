import { parseDuration } from "./duration.ts";
import type { Parsed } from "./parsed.ts";
import type { Instant } from "./task.ts";
import { printableLine } from "./terminal.ts";
import { instantOf, localDayOf, localMinuteOf, type LocalDay, weekdayOf } from "./zone.ts";

/** What a time in a person's words is relative to. */
export interface TimeFrame {
  readonly now: Instant;
  /** IANA zone in which times without one are read. */
  readonly timeZone: string;
  /** A day without a time is its end, not its beginning. */
  readonly isEndMeant?: boolean;
}

const DAY_MS = 86_400_000;
const DAY_WORDS: ReadonlyMap<string, number> = new Map([
  ["yesterday", -1],
  ["today", 0],
  ["tomorrow", 1],
]);
const WEEKDAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/**
 * Reads a moment: `22:00` and `fri 22:00` (the next one), `tomorrow 07:00`, `2026-11-24 22:00` (local), ISO 8601
 * with a zone, `+2h`, `now`, or seconds or milliseconds since 1970.
 */
export function parseInstant(text: string, frame: TimeFrame): Parsed<Instant> {
  const trimmed = text.trim();
  const value = trimmed.length > 100 ? null : read(trimmed.toLowerCase(), frame);
  if (value !== null) return { ok: true, value };
  const shown = `"${printableLine(trimmed, 40)}"`;
  const examples = "22:00, tomorrow 07:00, fri 18:00, 2026-11-24 22:00 or +2h";
  return { ok: false, message: `${shown} is not a time; write for example ${examples}.` };
}

/** Writes a moment as a person says it: `22:00` for today, `tomorrow 07:00`, else `2026-11-24 22:00`. */
export function formatInstant(at: Instant, frame: TimeFrame): string {
  const day = localDayOf(frame.timeZone, at);
  const minute = Math.floor(localMinuteOf(frame.timeZone, at));
  const time = `${two(Math.floor(minute / 60))}:${two(minute % 60)}`;
  switch (day - localDayOf(frame.timeZone, frame.now)) {
    case -1:
      return `yesterday ${time}`;
    case 0:
      return time;
    case 1:
      return `tomorrow ${time}`;
    default:
      return `${new Date(day * DAY_MS).toISOString().slice(0, 10)} ${time}`;
  }
}

function read(text: string, frame: TimeFrame): Instant | null {
  if (text === "now") return frame.now;
  return (
    readOffset(text, frame) ??
    readEpoch(text) ??
    readTime(text, frame) ??
    readWordDay(text, frame) ??
    readDate(text, frame)
  );
}

function readOffset(text: string, frame: TimeFrame): Instant | null {
  if (!text.startsWith("+")) return null;
  const duration = parseDuration(text.slice(1));
  return duration.ok ? frame.now + duration.value : null;
}

/** Ten digits are seconds, thirteen are milliseconds: from 2001 to 2286 both ways. */
function readEpoch(text: string): Instant | null {
  if (/^\d{10}$/u.test(text)) return Number(text) * 1000;
  return /^\d{13}$/u.test(text) ? Number(text) : null;
}

function readTime(text: string, { now, timeZone }: TimeFrame): Instant | null {
  const minute = minuteOf(text);
  if (minute === null) return null;
  const today = localDayOf(timeZone, now);
  const at = instantOf(timeZone, today, minute);
  return at > now ? at : instantOf(timeZone, today + 1, minute);
}

function readWordDay(text: string, frame: TimeFrame): Instant | null {
  const { now, timeZone } = frame;
  const [word = "", time, ...more] = text.split(/\s+/u);
  const today = localDayOf(timeZone, now);
  const days = DAY_WORDS.get(word) ?? daysUntil(word, today);
  if (days === null || more.length > 0) return null;
  const at = onDay(frame, today + days, time);
  const isPast = at !== null && at <= now && !DAY_WORDS.has(word);
  return isPast ? onDay(frame, today + days + WEEKDAYS.length, time) : at;
}

/** Days until the next one of this name, 0 for today; null for no such name. */
function daysUntil(word: string, today: LocalDay): number | null {
  const weekday = WEEKDAYS.indexOf(word.replace(/^(...)[a-z]*day$/u, "$1"));
  if (weekday === -1) return null;
  return (weekday - weekdayOf(today) + WEEKDAYS.length) % WEEKDAYS.length;
}

function onDay(
  { timeZone, isEndMeant }: TimeFrame,
  day: LocalDay,
  time: string | undefined,
): Instant | null {
  if (time === undefined) return instantOf(timeZone, isEndMeant === true ? day + 1 : day, 0);
  const minute = minuteOf(time);
  return minute === null ? null : instantOf(timeZone, day, minute);
}

const DATE =
  /^([12]\d{3})-(\d\d)-(\d\d)(?:[t ](\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?)(z|[+-]\d\d:?\d\d)?)?$/u;

function readDate(text: string, frame: TimeFrame): Instant | null {
  const [, year, month, date, time, zone] = DATE.exec(text) ?? [];
  const day = dayOf(Number(year), Number(month), Number(date));
  if (day === null) return null;
  if (time === undefined || zone === undefined) return onDay(frame, day, time);
  const minute = minuteOf(time);
  if (minute === null) return null;
  return Math.round(day * DAY_MS + minute * 60_000 - zoneOffsetMs(zone));
}

/** Minutes after midnight of `HH:MM` or `HH:MM:SS`; null for what no clock shows. */
function minuteOf(time: string): number | null {
  const match = /^(\d\d?):(\d\d)(?::(\d\d(?:\.\d{1,9})?))?$/u.exec(time);
  if (match === null) return null;
  const [hour, minute, second] = [Number(match[1]), Number(match[2]), Number(match[3] ?? 0)];
  if (hour > 23 || minute > 59 || second >= 60) return null;
  return hour * 60 + minute + second / 60;
}

/** Null when the calendar has no such day. */
function dayOf(year: number, month: number, date: number): LocalDay | null {
  const ms = Date.UTC(year, month - 1, date);
  // A day too many always spills into another month.
  return new Date(ms).getUTCMonth() === month - 1 ? ms / DAY_MS : null;
}

function zoneOffsetMs(zone: string): number {
  // Of a `z` nothing is left, which reads as zero.
  const digits = zone.slice(1).replace(":", "");
  const minutes = Number(digits.slice(0, 2)) * 60 + Number(digits.slice(2));
  return (zone.startsWith("-") ? -minutes : minutes) * 60_000;
}

function two(number: number): string {
  return String(number).padStart(2, "0");
}
