import type { Parsed } from "./parsed.ts";
import { printableLine } from "./terminal.ts";

/** Longest name of a project, in characters. */
export const PROJECT_NAME_MAX = 64;

/** Names that mean something to the language or to a command. */
const RESERVED: ReadonlySet<string> = new Set([
  "__proto__",
  "constructor",
  "prototype",
  "all",
  "none",
]);

/**
 * Checks the name of a project: lower-case letters, digits, `-`, `_` and `.`, 1 to 64 of them. Such
 * a name is a safe folder and a safe part of a git reference as it stands.
 */
export function checkProjectName(name: string): Parsed<string> {
  const problem = problemOf(name);
  if (problem === null) return { ok: true, value: name };
  const shown = printableLine(name, PROJECT_NAME_MAX);
  const suggestion = suggest(name);
  const advice = suggestion === null ? "choose another" : `try "${suggestion}"`;
  return { ok: false, message: `The project name "${shown}" ${problem}; ${advice}.` };
}

function problemOf(name: string): string | null {
  if (name === "") return "is empty";
  if (name.length > PROJECT_NAME_MAX) return `is longer than ${PROJECT_NAME_MAX} characters`;
  if (!/^[a-z0-9._-]+$/u.test(name)) {
    return 'may have only lower-case letters, digits, "-", "_" and "."';
  }
  if (/^[.-]/u.test(name)) return "may not begin with a dot or a dash";
  if (name.includes("..") || name.endsWith(".")) return "may not have two dots or end with one";
  if (name.endsWith(".lock")) return 'may not end with ".lock"';
  if (RESERVED.has(name)) return "is reserved";
  return null;
}

/** The nearest name that would do; null when there is none. */
function suggest(name: string): string | null {
  const near = name
    .slice(0, 4 * PROJECT_NAME_MAX)
    .normalize("NFKD")
    .toLowerCase()
    .replace(/\p{M}/gu, "")
    .replace(/[^a-z0-9_]+/gu, "-")
    .replace(/^-|-$/gu, "")
    .slice(0, PROJECT_NAME_MAX);
  return problemOf(near) === null ? near : null;
}
