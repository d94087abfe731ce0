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
