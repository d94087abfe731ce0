import { base64Texts } from "./base64-texts.ts";

/** Numbers of the first and the last line of something. */
export interface Lines {
  readonly first: number;
  readonly last: number;
}

/** A text as it is looked through: as it stands, or with a disguise taken off. */
export interface View {
  readonly kind: "plain" | "joined" | "decoded";
  readonly text: string;
  /** The lines over which a part of `text` goes in the text as it stands; the first is 0. */
  readonly linesOf: (start: number, end: number) => Lines;
}

/** Two parts of a string on two lines, or a line that goes on behind a backslash. */
const SEAM =
  /\\\r?\n[ \t]{0,80}|["'`][ \t]{0,20}(?:\+|\.|&|\\|\|\|)?[ \t]{0,20}\r?\n[ \t]{0,80}(?:\+|\.|&|\|\|)?[ \t]{0,20}["'`]/g;

/**
 * A text as it stands but for the zero bytes of UTF-16; with what is split over lines put together,
 * if anything is; and what stands in it as base64.
 */
export function viewsOf(written: string): readonly View[] {
  const text = written.includes("\0") ? written.replaceAll("\0", "") : written;
  const lineAt = lineFinder(text);
  const linesOf = (start: number, end: number): Lines => ({
    first: lineAt(start),
    last: lineAt(end),
  });
  const decoded = base64Texts(text).map((found): View => {
    const lines = linesOf(found.at, found.end);
    return { kind: "decoded", text: found.text, linesOf: () => lines };
  });
  return [{ kind: "plain", text, linesOf }, ...joined(text, linesOf), ...decoded];
}

/** Finds lines of offsets; the places of the line ends are looked for when it is first asked. */
function lineFinder(text: string): (offset: number) => number {
  let ends: number[] | null = null;
  return (offset) => {
    ends ??= lineEnds(text);
    let [low, high] = [0, ends.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((ends[middle] as number) < offset) low = middle + 1;
      else high = middle;
    }
    return low;
  };
}

function lineEnds(text: string): number[] {
  const ends: number[] = [];
  for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", at + 1)) ends.push(at);
  return ends;
}

function joined(text: string, linesOf: View["linesOf"]): readonly View[] {
  const parts: string[] = [];
  // Where each part begins, in the joined text and in the text as it stands.
  const begins: { readonly at: number; readonly from: number }[] = [{ at: 0, from: 0 }];
  let [length, from] = [0, 0];
  for (const { 0: seam, index } of text.matchAll(SEAM)) {
    parts.push(text.slice(from, index));
    length += index - from;
    from = index + seam.length;
    begins.push({ at: length, from });
  }
  if (parts.length === 0) return [];
  parts.push(text.slice(from));
  const placeOf = (offset: number): number => {
    let [low, high] = [0, begins.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((begins[middle] as (typeof begins)[0]).at <= offset) low = middle;
      else high = middle - 1;
    }
    const begin = begins[low] as (typeof begins)[0];
    return begin.from + offset - begin.at;
  };
  return [
    {
      kind: "joined",
      text: parts.join(""),
      linesOf: (start, end) => linesOf(placeOf(start), placeOf(end)),
    },
  ];
}
