import type { Parsed } from "./parsed.ts";
import { printableLine } from "./terminal.ts";

const UNITS = [
  ["d", 86_400_000],
  ["h", 3_600_000],
  ["m", 60_000],
  ["s", 1000],
  ["ms", 1],
] as const;

/** Longest duration a person can write. */
export const DURATION_MAX_MS: number = 3650 * 86_400_000;

const PART = /(\d+(?:\.\d+)?)\s*(ms|[dhms])\s*/uy;

/** Reads a duration such as `90s`, `1h30m`, `1.5h` or `2d`, in milliseconds. */
export function parseDuration(text: string): Parsed<number> {
  const trimmed = text.trim();
  const ms = trimmed.length > 100 ? null : sumOfParts(trimmed);
  if (ms === null) {
    const shown = `"${printableLine(trimmed, 40)}"`;
    return {
      ok: false,
      message: `${shown} is not a duration; write for example 90s, 1h30m or 2d.`,
    };
  }
  if (ms > DURATION_MAX_MS) {
    return {
      ok: false,
      message: "A duration of more than 3650 days is too long; write a shorter one.",
    };
  }
  return { ok: true, value: ms };
}

/** Writes a duration with its two greatest units, cut below: `1h30m`, `45s`, `250ms`, `2d4h`. */
export function formatDuration(ms: number): string {
  if (ms < 0) return `-${formatDuration(-ms)}`;
  const whole = Math.round(ms);
  const first = UNITS.findIndex(([, unitMs]) => whole >= unitMs);
  const [name, unitMs] = UNITS[first] ?? ["s", 1000];
  const count = Math.floor(whole / unitMs);
  const [nextName, nextMs] = UNITS[first + 1] ?? ["ms", 1];
  const rest = nextName === "ms" ? 0 : Math.floor((whole - count * unitMs) / nextMs);
  return rest === 0 ? `${count}${name}` : `${count}${name}${rest}${nextName}`;
}

function sumOfParts(text: string): number | null {
  let sum = 0;
  let at = 0;
  while (at < text.length) {
    PART.lastIndex = at;
    const match = PART.exec(text);
    if (match === null) return null;
    for (const [name, unitMs] of UNITS) {
      if (name === match[2]) sum += Number(match[1]) * unitMs;
    }
    at = PART.lastIndex;
  }
  return text === "" ? null : Math.round(sum);
}
