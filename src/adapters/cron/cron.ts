import { Cron as Pattern } from "croner";
import type { Parsed } from "../../core/parsed.ts";
import type { NextSlot } from "../../core/slots.ts";
import { printableLine } from "../../core/terminal.ts";
import { isTimeZone } from "../../core/zone.ts";
import type { Cron } from "../../ports/cron.ts";

/** Longest cron that is read. */
const CRON_LENGTH_MAX = 200;
/** Every day of the year comes at least once in so long: from one 29 February to the next over 2100. */
const LONGEST_PAUSE_MS = 9 * 366 * 86_400_000;

/** Reads cron with a library; what was read once is kept, because a slot is looked for at every turn. */
export function openCron(): Cron {
  const known = new Map<string, Parsed<NextSlot>>();
  return {
    read: (cron, timeZone) => {
      const key = `${timeZone}\n${cron}`;
      const parsed = known.get(key) ?? read(cron, timeZone);
      if (parsed.ok) known.set(key, parsed);
      return parsed;
    },
  };
}

function read(cron: string, timeZone: string): Parsed<NextSlot> {
  if (!isTimeZone(timeZone)) {
    const shown = printableLine(timeZone, 40);
    const message = `There is no time zone "${shown}"; write for example Europe/Berlin or UTC.`;
    return { ok: false, message };
  }
  const problem = problemOfForm(cron);
  if (problem !== null) return refused(cron, problem);
  try {
    const pattern = new Pattern(cron, {
      timezone: timeZone,
      mode: "5-part",
      // A list or a range of hours is a time of day, too: none of it gets lost where the clocks skip it.
      fixedTimeRule: "no-wildcard",
      paused: true,
    });
    const next: NextSlot = (after) => pattern.nextRun(new Date(after))?.getTime() ?? null;
    return hasTimes(next)
      ? { ok: true, value: next }
      : refused(cron, "names a day that no year has");
  } catch (error) {
    return refused(cron, inWords(error));
  }
}

const EXAMPLE = 'write for example "0 2 * * 1-5" for 02:00 from Monday to Friday';

function refused(cron: string, problem: string): Parsed<NextSlot> {
  return {
    ok: false,
    message: `The schedule "${printableLine(cron, 60)}" ${problem}; ${EXAMPLE}.`,
  };
}

const NICKNAME = /^@(?:yearly|annually|monthly|weekly|daily|midnight|hourly)$/iu;

function problemOfForm(cron: string): string | null {
  if (cron.length > CRON_LENGTH_MAX) return `is longer than ${CRON_LENGTH_MAX} characters`;
  const trimmed = cron.trim();
  if (trimmed.startsWith("@")) {
    const words = "@hourly, @daily, @weekly, @monthly and @yearly are known";
    return NICKNAME.test(trimmed) ? null : `is no word for a time (${words})`;
  }
  const fields = trimmed === "" ? 0 : trimmed.split(/\s+/u).length;
  if (fields !== 5) {
    return `has ${fields} ${fields === 1 ? "field" : "fields"} and needs 5 (minute, hour, day, month, day of the week)`;
  }
  // The library puts the present moment in its place, and so another one at each reading.
  return trimmed.includes("?") ? "may not have a question mark" : null;
}

/** A moment before a leap day far enough ahead that the next one is eight years off. */
const PROBE: number = Date.UTC(2096, 2, 1);

function hasTimes(next: NextSlot): boolean {
  const found = next(PROBE);
  return found !== null && found - PROBE <= LONGEST_PAUSE_MS;
}

/** What the library found wrong, without what names its own parts. */
function inWords(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const bare = message.replace(/^\w+: /u, "").replace(/[.;]+$/u, "");
  return `cannot be read (${printableLine(bare, 120)})`;
}
