import { cut, pad, textWidth } from "./text-width.ts";

/** A cell: its text and, if it is not to be plain, how to dress it once it has its width. */
export type Cell = string | { readonly text: string; readonly dress: (text: string) => string };

/**
 * Lines up rows under a head. The last column takes what is left of `columns` and is cut to it;
 * null leaves it whole.
 */
export function table(
  head: readonly string[],
  rows: readonly (readonly Cell[])[],
  columns: number | null,
): string {
  const all = [head, ...rows];
  const last = head.length - 1;
  const widths = head.map((_, index) =>
    Math.max(...all.map((row) => textWidth(textOf(row[index] ?? "")))),
  );
  const before = widths.slice(0, last).reduce((sum, width) => sum + width + GAP.length, 0);
  return all
    .map((row) =>
      row
        .map((cell, index) => {
          const text = textOf(cell);
          const fitted =
            index < last ? pad(text, widths[index] ?? 0) : fitLast(text, columns, before);
          return typeof cell === "string" ? fitted : cell.dress(fitted);
        })
        .join(GAP)
        .trimEnd(),
    )
    .join("\n");
}

const GAP = "  ";
/** The last column is never cut below this, however narrow the terminal. */
const LAST_COLUMNS_MIN = 20;

function fitLast(text: string, columns: number | null, before: number): string {
  return columns === null ? text : cut(text, Math.max(LAST_COLUMNS_MIN, columns - before));
}

function textOf(cell: Cell): string {
  return typeof cell === "string" ? cell : cell.text;
}
