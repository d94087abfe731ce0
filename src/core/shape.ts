/**
 * Reads a value of unknown origin as a `T`; null when it is none. What a shape does not name is left
 * out, so that others may add to their answers.
 */
export type Shape<T> = (value: unknown) => { readonly value: T } | null;

/** Any text. */
export const text: Shape<string> = (value) => (typeof value === "string" ? { value } : null);

/** A text that is not empty. */
export const filledText: Shape<string> = (value) => (value === "" ? null : text(value));

/** Any number. */
export const number: Shape<number> = (value) => (typeof value === "number" ? { value } : null);

/** True for `true`; what is missing or null is false. */
export const yes: Shape<boolean> = (value) => {
  if (value === undefined || value === null) return { value: false };
  return typeof value === "boolean" ? { value } : null;
};

/** Whatever it is. */
export const anything: Shape<unknown> = (value) => ({ value });

/** What may be missing or null, which are null then. */
export function maybe<T>(shape: Shape<T>): Shape<T | null> {
  return (value) => (value === undefined || value === null ? { value: null } : shape(value));
}

/** A list of which each is of the shape. */
export function listOf<T>(shape: Shape<T>): Shape<readonly T[]> {
  return (value) => {
    if (!Array.isArray(value)) return null;
    const items: T[] = [];
    for (const each of value) {
      const item = shape(each);
      if (item === null) return null;
      items.push(item.value);
    }
    return { value: items };
  };
}

/** An object with these. */
export function objectOf<T extends object>(shapes: {
  readonly [K in keyof T]: Shape<T[K]>;
}): Shape<T> {
  return (value) => {
    if (typeof value !== "object" || value === null) return null;
    const read: Partial<T> = {};
    for (const key of Object.keys(shapes) as (keyof T)[]) {
      const part = shapes[key]((value as Partial<Record<keyof T, unknown>>)[key]);
      if (part === null) return null;
      read[key] = part.value;
    }
    return { value: read as T };
  };
}
