import type { Parsed } from "./parsed.ts";
import { printableLine } from "./terminal.ts";

/** Longest name of a schedule, in characters. */
const NAME_MAX = 40;
/** Longest name that is made from a text, so that a number still fits behind it. */
const MADE_NAME_MAX = 24;

/** Checks the name of a schedule: lower-case letters, digits and dashes, a letter or digit first. */
export function checkScheduleName(name: string): Parsed<string> {
  if (/^[a-z0-9][a-z0-9-]*$/u.test(name) && name.length <= NAME_MAX)
    return { ok: true, value: name };
  const shown = printableLine(name, NAME_MAX);
  const rule = `lower-case letters, digits and dashes, a letter or digit first, at most ${NAME_MAX}`;
  return {
    ok: false,
    message: `"${shown}" cannot be the name of a schedule; it may have ${rule}.`,
  };
}

/** The first of the names made from a text that is not taken: `update-the-docs`, then `update-the-docs-2`. */
export function scheduleNameFrom(text: string, taken: ReadonlySet<string>): string {
  const words = text.slice(0, 200).normalize("NFKD").toLowerCase().replace(/\p{M}/gu, "");
  const slug = words.replace(/[^a-z0-9]+/gu, "-").replace(/^-/u, "");
  const cut = slug.slice(0, MADE_NAME_MAX);
  // Not in the middle of a word, where there are several.
  const whole = slug.length > cut.length ? cut.replace(/(.)-[^-]*$/u, "$1") : cut;
  const base = whole.replace(/-$/u, "") || "schedule";
  let name = base;
  for (let number = 2; taken.has(name); number += 1) name = `${base}-${number}`;
  return name;
}
