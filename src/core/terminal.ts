import { CONTROL_CHARACTER, TERMINAL_ESCAPE } from "./control.ts";

/** Characters that reorder what stands beside them, and the invisible copies of ASCII. */
const DECEIVING = /[\u202a-\u202e\u2066-\u2069\u{e0000}-\u{e007f}]/gu;

/**
 * Any text, made safe to print on a terminal: escape sequences and characters that reorder or hide
 * text are gone, other control characters are shown as visible signs, newline and tab stay.
 */
export function printable(text: string): string {
  return text
    .toWellFormed()
    .replace(TERMINAL_ESCAPE, "")
    .replace(DECEIVING, "")
    .replaceAll("\r\n", "\n")
    .replace(CONTROL_CHARACTER, visible);
}

/** Like `printable`, on one line: stretches of white space become one space, what is longer than `max` ends with `…`. */
export function printableLine(text: string, max: number = Infinity): string {
  // Cut roughly first, so that a line of a huge text costs little.
  const line = printable(text.slice(0, 8 * max).replace(/\s+/gu, " ")).trim();
  if (line.length <= max) return line;
  return `${line.slice(0, max - 1).replace(/\p{Cs}$/u, "")}…`;
}

/** The picture Unicode has for a C0 control, or the number of a C1 one. */
function visible(character: string): string {
  const code = character.charCodeAt(0);
  if (code === 0x7f) return "\u2421";
  return code < 0x20 ? String.fromCharCode(0x2400 + code) : `<${code.toString(16)}>`;
}
