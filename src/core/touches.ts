import { folderName } from "./cone.ts";
import type { Parsed } from "./parsed.ts";
import { printableLine } from "./terminal.ts";

/** Most paths that a task is judged by. */
export const TOUCHES_MAX = 20;
/** What a person writes so that no path in the text counts. */
const NO_TOUCHES = "none";
/** So much of a text is looked at: what it is about stands at its beginning. */
const LOOKED_AT_CHARACTERS = 16_384;

const ADDRESS = /[a-z][a-z+.-]{0,20}:\/\/\S+/giu;
const QUOTED = /`([^`\s]{1,200})`/gu;
const WORD = /(?:^|[\s("'[])((?:[\w@.-]{1,100}\/){0,20}[\w@.-]{0,100})(?=$|[\s)"'\],;:!?])/gmu;
const HAS_ENDING = /(?:^|\/)[\w@.-]*[\w@-]\.[a-z]\w{0,7}$/iu;
/** Bare names with these are files, not words such as Node.js or example.org. */
const FILE_NAME =
  /^[\w@-][\w@.-]*\.(?:tsx?|jsx|mjs|cjs|py|go|rs|java|kt|rb|php|c|h|cc|cpp|cs|swift|md|json|ya?ml|toml|sql|s?css|html|sh)$/iu;

/**
 * The files and folders that a text names, at most `TOUCHES_MAX`: what ends with a slash or has a slash
 * and an ending, names of files with usual endings, and every path in backquotes.
 */
export function touchesIn(text: string): readonly string[] {
  const plain = text.slice(0, LOOKED_AT_CHARACTERS).replace(ADDRESS, " ");
  const found = new Set<string>();
  for (const [, word = ""] of plain.matchAll(QUOTED)) {
    if (word.includes("/") || HAS_ENDING.test(word)) add(found, word);
  }
  for (const [, word = ""] of plain.replace(QUOTED, " ").matchAll(WORD)) {
    const path = word.replace(/\.$/u, "");
    if (isPath(path)) add(found, path);
  }
  return [...found].slice(0, TOUCHES_MAX);
}

/** The paths that a person names; `none` for no path at all. */
export function parseTouches(words: readonly string[]): Parsed<readonly string[]> {
  if (words.length === 1 && words[0] === NO_TOUCHES) return { ok: true, value: [] };
  if (words.length > TOUCHES_MAX) {
    return {
      ok: false,
      message: `A task may name ${TOUCHES_MAX} paths at most, not ${words.length}.`,
    };
  }
  const paths: string[] = [];
  for (const word of words) {
    const path = folderName(word);
    if (path === null) {
      const shown = `"${printableLine(word, 60)}"`;
      const what = "is no path below the top of the project";
      return { ok: false, message: `${shown} ${what}; write for example src/api/ or none.` };
    }
    paths.push(path);
  }
  return { ok: true, value: paths };
}

/** A path of `ours` that is the same as one of `theirs`, in it or around it; null when none is. */
export function sharedPath(ours: readonly string[], theirs: readonly string[]): string | null {
  return ours.find((path) => theirs.some((other) => isShared(path, other))) ?? null;
}

/** A bare name is any file of that name: people seldom write where it is. */
function isShared(one: string, other: string): boolean {
  return (
    one === other ||
    one.startsWith(`${other}/`) ||
    other.startsWith(`${one}/`) ||
    (!one.includes("/") && other.endsWith(`/${one}`)) ||
    (!other.includes("/") && one.endsWith(`/${other}`))
  );
}

function isPath(word: string): boolean {
  return word.includes("/") ? word.endsWith("/") || HAS_ENDING.test(word) : FILE_NAME.test(word);
}

function add(found: Set<string>, word: string): void {
  const path = folderName(word);
  if (path !== null) found.add(path);
}
