import type { WeeklySpan } from "../core/hours.ts";
import type { Reserve } from "../core/quota.ts";

const SIZE = /^(\d+(?:\.\d+)?)\s*([KMGT]i?)?B$/iu;
const UNIT_BYTES: Readonly<Record<string, number>> = {
  "": 1,
  k: 1000,
  m: 1000 ** 2,
  g: 1000 ** 3,
  t: 1000 ** 4,
  ki: 1024,
  mi: 1024 ** 2,
  gi: 1024 ** 3,
  ti: 1024 ** 4,
};

const TIME = /^([01]?\d|2[0-3]):([0-5]\d)$/u;
const PERCENT = /^(\d+(?:\.\d+)?)\s*%$/u;

/** Bytes of a size such as `512MiB` or `2GB`; null when it is none. */
export function sizeBytes(text: string): number | null {
  const match = text.length > 100 ? null : SIZE.exec(text);
  if (match === null) return null;
  return Math.round(Number(match[1]) * (UNIT_BYTES[(match[2] ?? "").toLowerCase()] ?? 0));
}

/** Minutes after midnight of a time such as `22:00`; null when it is none. */
export function minuteOfDay(text: string): number | null {
  const match = TIME.exec(text);
  return match === null ? null : Number(match[1]) * 60 + Number(match[2]);
}

/** The share that a percentage such as `80%` stands for; null when it is none. */
export function shareOfPercent(text: string): number | null {
  const match = text.length > 100 ? null : PERCENT.exec(text);
  return match === null ? null : Number(match[1]) / 100;
}

const DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
const EVERY_DAY: readonly number[] = DAYS.map((_, day) => day);
const SPAN = /^(?:(?<days>[a-z, -]+?)\s+)?(?<start>\d{1,2}:\d\d)\s*-\s*(?<end>\d{1,2}:\d\d)$/u;
const RESERVE = /^(?<share>[\d.]+\s*%)\s+by\s+(?:(?<days>[a-z, -]+?)\s+)?(?<time>\d{1,2}:\d\d)$/u;
const TEXT_LENGTH_MAX = 100;

/** A stretch such as `22:00-07:00`, `mon-fri 22:00-07:00` or `sat, sun 00:00-24:00`; null for none. */
export function weeklySpan(text: string): WeeklySpan | null {
  const parts = partsOf(SPAN, text);
  const days = daysIn(parts["days"]);
  const startMinute = minuteOfDay(parts["start"] ?? "");
  const end = parts["end"] ?? "";
  const endMinute = end === "24:00" ? DAY_MINUTES : minuteOfDay(end);
  if (days === null || startMinute === null || endMinute === null) return null;
  return startMinute === endMinute ? null : { days, startMinute, endMinute };
}

/** What is to be free when, such as `30% by 08:00` or `50% by mon-fri 08:30`; null for none. */
export function reserveIn(text: string): Reserve | null {
  const parts = partsOf(RESERVE, text);
  const days = daysIn(parts["days"]);
  const share = shareOfPercent(parts["share"] ?? "");
  const minute = minuteOfDay(parts["time"] ?? "");
  if (days === null || share === null || share > 1 || minute === null) return null;
  return { share, days, minute };
}

const DAY_MINUTES = 1440;

function partsOf(form: RegExp, text: string): Readonly<Record<string, string | undefined>> {
  if (text.length > TEXT_LENGTH_MAX) return {};
  return form.exec(text.trim().toLowerCase())?.groups ?? {};
}

/** Every day for none; a range may go over the end of the week. */
function daysIn(text: string | undefined): readonly number[] | null {
  if (text === undefined) return EVERY_DAY;
  const days = new Set<number>();
  for (const part of text.split(",")) {
    const [from = -1, to = from] = part.split("-").map((name) => DAYS.indexOf(name.trim()));
    if (from === -1 || to === -1 || part.split("-").length > 2) return null;
    for (let day = from; ; day = (day + 1) % DAYS.length) {
      days.add(day);
      if (day === to) break;
    }
  }
  return [...days].toSorted((a, b) => a - b);
}
