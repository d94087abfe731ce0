import type { ScannedText, SecretFinding } from "./finding.ts";
import type { KnownFinder, KnownHit } from "./known.ts";
import { type Hit, scan } from "./scan.ts";
import { type Lines, viewsOf } from "./views.ts";

/** On a line of a file: says that what looks like a secret there is none. */
export const ALLOW_MARK = "sleepless:allow-secret";

/** A secret or what looks like one in a text; holds it. */
export interface Found extends Pick<
  SecretFinding,
  "rule" | "title" | "severity" | "line" | "preview"
> {
  /** What makes it this secret and no other. */
  readonly identity: string;
  /** The secret in the form in which it stands, which must not be shown. */
  readonly mask: string;
  /** True when its line says that it is none. */
  readonly isMarked: boolean;
  /** True when nobody may allow it. */
  readonly isSure: boolean;
}

/** What is in a text, and whether there may be more than is told. */
export interface FoundIn {
  readonly found: readonly Found[];
  readonly isFull: boolean;
}

/** Looks through one text in all its views; stops at `max`. */
export function searchText(scanned: ScannedText, findKnown: KnownFinder, max: number): FoundIn {
  const { where, text } = scanned;
  const isFile = where.kind === "file";
  const path = isFile ? where.path : null;
  const marked = isFile ? markedLines(text) : new Set<number>();
  const firstLine = firstLineOf(scanned);
  const found: Found[] = [];
  const seen = new Set<string>();
  let isFull = false;
  for (const { kind, text: seenText, linesOf } of viewsOf(text)) {
    const known = findKnown(seenText, max - found.length);
    const likely = scan(seenText, path, max - found.length);
    isFull ||= known.length + likely.hits.length >= max - found.length || likely.isFull;
    const apart = likely.hits.filter((hit) => !known.some((each) => overlap(each, hit)));
    for (const { start, end, ...each } of [...known.map(ofKnown), ...apart.map(ofHit)]) {
      const lines = linesOf(start, end);
      const place = `${each.rule} ${lines.first}`;
      // What is put together from parts is told only where no part was told.
      const key = kind === "joined" ? place : `${place} ${each.identity}`;
      if (seen.has(key) || !isNew(scanned, lines, firstLine)) continue;
      seen.add(key).add(place);
      const line = isFile ? firstLine + lines.first : null;
      found.push({ ...each, line, isMarked: marked.has(lines.first) });
    }
  }
  return { found, isFull };
}

function firstLineOf({ where }: ScannedText): number {
  return where.kind === "file" && where.line !== undefined ? where.line : 1;
}

function markedLines(text: string): ReadonlySet<number> {
  if (!text.includes(ALLOW_MARK)) return new Set();
  const lines = text.split("\n");
  return new Set(lines.flatMap((line, index) => (line.includes(ALLOW_MARK) ? [index] : [])));
}

interface Span {
  readonly start: number;
  readonly end: number;
}

function overlap(a: Span, b: Span): boolean {
  return a.start < b.end && b.start < a.end;
}

function isNew({ added }: ScannedText, { first, last }: Lines, firstLine: number): boolean {
  if (added === undefined) return true;
  for (let line = first; line <= last; line += 1) if (added.has(firstLine + line)) return true;
  return false;
}

type Placed = Omit<Found, "line" | "isMarked"> & Span;

function ofKnown({ name, form, length, start, end }: KnownHit): Placed {
  return {
    rule: "known-secret",
    title: `value of ${name}`,
    severity: "block",
    preview: preview("", length),
    identity: name,
    mask: form,
    isSure: true,
    start,
    end,
  };
}

function ofHit({ rule, title, severity, secret, start, end, lead }: Hit): Placed {
  return {
    rule,
    title,
    severity,
    preview: preview(lead, secret.length),
    identity: secret,
    mask: secret,
    isSure: false,
    start,
    end,
  };
}

function preview(lead: string, length: number): string {
  return `${lead}*** (${length} characters)`;
}
