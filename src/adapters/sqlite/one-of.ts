/** That a column has one of these values; `IN` builds a table of them at every write, which costs more than the write. */
export function oneOf(column: string, ...values: readonly string[]): string {
  return `(${values.map((value) => `${column} = '${value}'`).join(" OR ")})`;
}
