/** An object of a vendor, of which nothing is believed before it was looked at. */
export type Data = Readonly<Record<string, unknown>>;

/** The value as an object; an empty one when it is none. */
export function data(value: unknown): Data {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Data)
    : {};
}

/** The value as a list; an empty one when it is none. */
export function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** The value as text; null when it is none. */
export function text(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}

/** The value as a finite number; null when it is none. */
export function number(value: unknown): number | null {
  return typeof value === "number" && Number.isFinite(value) ? value : null;
}

/** The first line of a text, at most `maxChars` long. */
export function firstLine(value: string, maxChars: number): string {
  const line = value.trim().split("\n", 1)[0] ?? "";
  return line.length <= maxChars ? line : `${line.slice(0, maxChars - 1)}…`;
}
