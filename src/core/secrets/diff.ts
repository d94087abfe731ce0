import type { ScannedText } from "./finding.ts";

/** What a diff brings. */
export interface DiffTexts {
  /** The names and the lines of files that are new or changed. */
  readonly texts: readonly ScannedText[];
  /** Changed files whose content the diff does not show, because git takes them for binary. */
  readonly unread: readonly string[];
}

const HUNK = /^@@ -\d+(?:,(?<old>\d+))? \+(?<start>\d+)(?:,(?<new>\d+))? @@/u;

/**
 * Reads the text that `git diff-tree -p` writes, whole. Lines are counted as each hunk says, so that no
 * line of a file is taken for one of the diff. Of every hunk the new side is given, with which of its
 * lines are new.
 */
export function diffTexts(diff: string): DiffTexts {
  const texts: ScannedText[] = [];
  const unread: string[] = [];
  const lines = diff.split("\n");
  let path = "";
  for (let at = 0; at < lines.length; at += 1) {
    const line = lines[at] as string;
    const counts = HUNK.exec(line)?.groups;
    if (line.startsWith("diff --git ")) {
      path = pathOf(lines, at);
      if (!isDeleted(lines, at)) texts.push({ where: { kind: "file-name" }, text: path });
    } else if (line.startsWith("Binary files ") && !line.endsWith(" and /dev/null differ")) {
      unread.push(path);
    } else if (counts !== undefined) {
      const hunk = readHunk(lines, at + 1, counts);
      if (hunk.added.size > 0) {
        const where = { kind: "file", path, line: hunk.start } as const;
        texts.push({ where, text: hunk.text, added: hunk.added });
      }
      at = hunk.end - 1;
    }
  }
  return { texts, unread };
}

interface Hunk {
  readonly start: number;
  readonly text: string;
  readonly added: ReadonlySet<number>;
  /** Index of the line behind it. */
  readonly end: number;
}

function readHunk(
  lines: readonly string[],
  from: number,
  counts: Readonly<Record<string, string | undefined>>,
): Hunk {
  const start = Number(counts["start"]);
  let [oldLeft, newLeft] = [Number(counts["old"] ?? 1), Number(counts["new"] ?? 1)];
  const text: string[] = [];
  const added = new Set<number>();
  let at = from;
  for (; at < lines.length && (oldLeft > 0 || newLeft > 0); at += 1) {
    const line = lines[at] as string;
    if (line.startsWith("\\")) continue;
    if (!line.startsWith("+")) oldLeft -= 1;
    if (line.startsWith("-")) continue;
    if (line.startsWith("+")) added.add(start + text.length);
    text.push(line.slice(1));
    newLeft -= 1;
  }
  return { start, text: text.join("\n"), added, end: at };
}

/** The lines between `diff --git` and the first hunk or the next file. */
function headerAt(lines: readonly string[], at: number): readonly string[] {
  const rest = lines.slice(at + 1, at + 12);
  const end = rest.findIndex((line) => /^(?:@@ |diff --git |Binary files )/u.test(line));
  return end === -1 ? rest : rest.slice(0, end);
}

function isDeleted(lines: readonly string[], at: number): boolean {
  return headerAt(lines, at).some((line) => line.startsWith("deleted file mode "));
}

/** Path on the new side; the first line names both sides, which are the same but for a new name. */
function pathOf(lines: readonly string[], at: number): string {
  const named = headerAt(lines, at)
    .map((line) => /^(?:rename|copy) to (?<name>.*)$/su.exec(line)?.groups?.["name"])
    .find((name) => name !== undefined);
  if (named !== undefined) return unquoted(named);
  const both = (lines[at] as string).slice("diff --git ".length);
  const second = both.slice((both.length + 1) / 2);
  return unquoted(second).replace(/^b\//u, "");
}

const ESCAPES: Readonly<Record<string, number>> = { a: 7, b: 8, t: 9, n: 10, v: 11, f: 12, r: 13 };

/** A name as git writes it: in quotes when it holds a sign that is not plain. */
function unquoted(name: string): string {
  if (!name.startsWith('"')) return name;
  const bytes: number[] = [];
  const inner = name.slice(1, -1);
  for (const { 0: whole, groups } of inner.matchAll(/\\(?<code>[0-7]{3})|\\(?<sign>.)|[^\\]/gsu)) {
    const { code, sign } = groups as Record<"code" | "sign", string | undefined>;
    if (code !== undefined) bytes.push(Number.parseInt(code, 8));
    else if (sign !== undefined) bytes.push(ESCAPES[sign] ?? sign.charCodeAt(0));
    else bytes.push(...new TextEncoder().encode(whole));
  }
  return new TextDecoder().decode(Uint8Array.from(bytes));
}
