import type { LogFacts } from "../../ports/log.ts";

/** How lines look on standard output. */
export type TerminalStyle = "colour" | "plain" | "json";

/** One line before it is written. */
export interface LogRecord {
  readonly level: "debug" | "info" | "warn" | "error";
  /** Epoch milliseconds. */
  readonly at: number;
  readonly message: string;
  readonly facts: LogFacts;
}

const COLOURS: Readonly<Record<LogRecord["level"], string>> = {
  debug: "\u001B[2m",
  info: "\u001B[32m",
  warn: "\u001B[33m",
  error: "\u001B[31m",
};
const DIM = "\u001B[2m";
const PLAIN = "\u001B[0m";

/** Colour for people, plain where colour is unwanted (NO_COLOR), JSON where the journal collects it. */
export function terminalStyle(
  isTerminal: boolean,
  env: Readonly<Record<string, string | undefined>>,
): TerminalStyle {
  if (!isTerminal) return env["JOURNAL_STREAM"] === undefined ? "plain" : "json";
  const wantsNone = (env["NO_COLOR"] ?? "") !== "" || env["TERM"] === "dumb";
  return wantsNone ? "plain" : "colour";
}

/** A line for people, newline included: time of day, level, message, facts. */
export function terminalLine(record: LogRecord, style: "colour" | "plain"): string {
  const paint = (colour: string, text: string): string =>
    style === "colour" && text !== "" ? `${colour}${text}${PLAIN}` : text;
  const time = new Date(record.at).toTimeString().slice(0, 8);
  const facts = Object.entries(record.facts)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => `${visible(key)}=${factText(value)}`)
    .join(" ");
  const parts = [
    paint(DIM, time),
    paint(COLOURS[record.level], record.level.padEnd(5)),
    visible(record.message),
    paint(DIM, facts),
  ];
  return `${parts.filter((part) => part !== "").join(" ")}\n`;
}

function factText(value: unknown): string {
  if (typeof value === "string" && /^[\w./:@%+,-]+$/u.test(value)) return value;
  return visible(JSON.stringify(value) ?? "null");
}

/** Nothing that could move the cursor, colour the screen or turn the direction of writing. */
function visible(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, (character) => {
    const code = (character.codePointAt(0) ?? 0).toString(16).padStart(4, "0");
    return `\\u${code}`;
  });
}
