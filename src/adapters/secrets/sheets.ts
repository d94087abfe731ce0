import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { ScannedText } from "../../core/secrets/finding.ts";
import { ALLOW_MARK } from "../../core/secrets/search-text.ts";

/** A line of a sheet, as it is in its text. */
export interface SheetLine {
  /** Number in the file; null where lines have no meaning. */
  readonly line: number | null;
  readonly isNew: boolean;
  readonly isMarked: boolean;
}

/** One text as a file of ours, with what each of its lines is. */
export interface Sheet {
  readonly text: ScannedText;
  readonly lines: readonly SheetLine[];
}

const NAME_LENGTH_MAX = 80;
const UNSAFE = /[^A-Za-z0-9._-]/gu;
/** Files by which scanners are told what to look for, and the comments that tell them not to. */
const SETTINGS_OF_SCANNERS = /^\.(?:git|better)leaks/u;
const MARKS_OF_SCANNERS = /((?:git|better)leaks):(?=allow)/giu;

/**
 * Writes each text into a folder of its own, named by its number, under a name that is as like its own
 * as is safe: scanners look at it, and nothing in it may tell them what to leave out.
 */
export async function writeSheets(
  folder: string,
  texts: readonly ScannedText[],
): Promise<readonly Sheet[]> {
  const sheets = texts.filter(({ where }) => where.kind !== "file-name").map(sheetOf);
  for (const [index, { text }] of sheets.entries()) {
    const own = join(folder, String(index));
    await mkdir(own);
    const content = text.text.replace(MARKS_OF_SCANNERS, "$1-");
    await writeFile(join(own, safeName(text)), content, { flag: "wx" });
  }
  return sheets;
}

function sheetOf(text: ScannedText): Sheet {
  const { where, added } = text;
  const first = where.kind === "file" ? (where.line ?? 1) : null;
  const lines = text.text.split("\n").map((line, index): SheetLine => {
    if (first === null) return { line: null, isNew: true, isMarked: false };
    const number = first + index;
    const isNew = added === undefined || added.has(number);
    return { line: number, isNew, isMarked: line.includes(ALLOW_MARK) };
  });
  return { text, lines };
}

function safeName({ where }: ScannedText): string {
  if (where.kind !== "file") return "text.txt";
  const last = where.path.split("/").at(-1) ?? "";
  const name = last.replace(UNSAFE, "_").slice(-NAME_LENGTH_MAX);
  return SETTINGS_OF_SCANNERS.test(name) || /^\.*$/u.test(name) ? `_${name}` : name;
}
