/** One measured figure beside its goal. */
export interface Row {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** As a person reads it, for example `>= 0.6`; empty when there is none. */
  readonly goal: string;
  readonly note: string;
}

/** The rows as aligned text, each with whether its goal is met. */
export function tableOf(rows: readonly Row[]): string {
  const cells = [
    ["figure", "value", "unit", "goal", "", "note"],
    ...rows.map((row) => [row.name, numeral(row.value), row.unit, row.goal, mark(row), row.note]),
  ];
  const widths = [0, 1, 2, 3, 4].map((column) =>
    Math.max(...cells.map((row) => row[column]?.length ?? 0)),
  );
  return cells
    .map((row) =>
      row
        .map((cell, column) =>
          column === 1 ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0),
        )
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

/** True when the value keeps to the goal; a row without a goal keeps to it. */
export function isMet(row: Row): boolean {
  const [, sign, limit] = /^(<=|>=|<|>|=) *(-?[\d.]+)$/.exec(row.goal) ?? [];
  switch (sign) {
    case "<=":
      return row.value <= Number(limit);
    case ">=":
      return row.value >= Number(limit);
    case "<":
      return row.value < Number(limit);
    case ">":
      return row.value > Number(limit);
    case "=":
      return row.value === Number(limit);
    case undefined:
    default:
      return true;
  }
}

function mark(row: Row): string {
  if (row.goal === "") return "";
  return isMet(row) ? "ok" : "MISSED";
}

function numeral(value: number): string {
  if (Number.isInteger(value)) return String(value);
  return value >= 100 ? value.toFixed(0) : value.toFixed(value >= 10 ? 1 : 2);
}
