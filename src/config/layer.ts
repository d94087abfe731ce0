/** Written settings: maps of maps down to values. */
export type Written = Readonly<Record<string, unknown>>;

/** The keys from the top down to a value; numbers within lists. */
export type KeyPath = readonly (string | number)[];

/** One place that settings come from. */
export interface Layer {
  readonly written: Written;
  /** Where the value at a path was set, as shown to a person: `config.yaml:12`, `flag`. */
  readonly originOf: (path: KeyPath) => string;
}

/** True for a map of further keys. */
export function isMap(value: unknown): value is Written {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The value at a path; undefined when there is none. */
export function valueAt(written: unknown, path: KeyPath): unknown {
  let value = written;
  for (const name of path) {
    if (Array.isArray(value)) value = value[Number(name)] as unknown;
    else if (isMap(value) && Object.hasOwn(value, name)) value = value[name];
    else return undefined;
  }
  return value;
}

/** A copy of `written` with one value set; maps on the way are made. No key ever means a prototype. */
export function withValue(written: Written, path: readonly string[], value: unknown): Written {
  const [name, ...rest] = path;
  if (name === undefined) return written;
  const below = Object.hasOwn(written, name) ? written[name] : undefined;
  const next = rest.length === 0 ? value : withValue(isMap(below) ? below : {}, rest, value);
  return Object.fromEntries([...Object.entries(written), [name, next]]);
}

/** `above` over `below`: entry by entry where `mergesAt` says so; all else is replaced whole. */
export function mergeWritten(
  below: Written,
  above: Written,
  mergesAt: (path: readonly string[]) => boolean,
  path: readonly string[] = [],
): Written {
  const entries = Object.entries(above).map(([name, value]): [string, unknown] => {
    const under = Object.hasOwn(below, name) ? below[name] : undefined;
    const at = [...path, name];
    if (!isMap(value) || !isMap(under) || !mergesAt(at)) return [name, value];
    return [name, mergeWritten(under, value, mergesAt, at)];
  });
  return Object.fromEntries([...Object.entries(below), ...entries]);
}
