import type { LogFacts } from "../../ports/log.ts";

/** Most characters of keys and texts in one line; what is beyond is cut. */
export const LINE_CHARACTERS_MAX = 8192;
const DEPTH_MAX = 6;
const ENTRIES_MAX = 100;
const REDACTED = "[redacted]";
const CUT = "[cut]";

/** Names of values that are never shown, whatever they look like; `tokens` are counts and are. */
const SECRET_KEY =
  /(?:^|[_.-])(?:token|secrets?|password|passwd|passphrase|authorization|api_?key|private_?key|credentials?|cookies?|set-cookie)$/iu;

/**
 * A plain, bounded copy of facts in which every text has gone through `redact` and values under
 * telling names are hidden. Never throws, whatever the facts are.
 */
export function cleanFacts(facts: LogFacts, redact: (text: string) => string): LogFacts {
  const walk: Walk = { redact, left: LINE_CHARACTERS_MAX, seen: new Set() };
  const cleaned = clean(facts, walk, 0);
  return typeof cleaned === "object" && cleaned !== null ? (cleaned as LogFacts) : {};
}

/** One text of bounded length without secrets. */
export function cleanText(text: string, redact: (text: string) => string): string {
  return cut(redact(text), LINE_CHARACTERS_MAX);
}

interface Walk {
  readonly redact: (text: string) => string;
  left: number;
  readonly seen: Set<object>;
}

function clean(value: unknown, walk: Walk, depth: number): unknown {
  switch (typeof value) {
    case "string":
      return cleanString(value, walk);
    case "bigint":
      return value.toString();
    case "boolean":
    case "number":
      return value;
    case "object":
      return value === null ? null : cleanObject(value, walk, depth);
    case "undefined":
      return undefined;
    case "function":
    case "symbol":
      return `[${typeof value}]`;
  }
}

/** Redacted before it is cut, so that no half of a secret is left at the edge. */
function cleanString(text: string, walk: Walk): string {
  if (walk.left <= 0) return CUT;
  const shown = cut(walk.redact(text), walk.left);
  walk.left -= shown.length;
  return shown;
}

function cleanObject(value: object, walk: Walk, depth: number): unknown {
  if (depth >= DEPTH_MAX || walk.left <= 0) return CUT;
  if (walk.seen.has(value)) return "[circular]";
  walk.seen.add(value);
  try {
    if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
    if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
    if (Array.isArray(value)) return cleanEntries(value, walk, depth).map(([, entry]) => entry);
    const source = value instanceof Error ? factsOfError(value) : value;
    return Object.fromEntries(cleanEntries(source, walk, depth));
  } catch {
    return "[unreadable]";
  } finally {
    walk.seen.delete(value);
  }
}

/** Ends with an entry that says so where the rest did not fit. */
function cleanEntries(source: object, walk: Walk, depth: number): [string, unknown][] {
  const cleaned: [string, unknown][] = [];
  for (const [key, value] of Object.entries(source) as [string, unknown][]) {
    if (cleaned.length >= ENTRIES_MAX || walk.left <= 0) {
      cleaned.push(["cut", CUT]);
      break;
    }
    const isSecret = hidesValue(key) && value !== null && value !== undefined;
    const name = cleanKey(key, walk);
    cleaned.push([name, isSecret ? REDACTED : clean(value, walk, depth + 1)]);
  }
  return cleaned;
}

function hidesValue(key: string): boolean {
  // `apiKey` is read like `api_key`.
  return SECRET_KEY.test(key.replaceAll(/(?<=[a-z\d])(?=[A-Z])/gu, "_"));
}

function cleanKey(key: string, walk: Walk): string {
  return /^\d+$/u.test(key) ? key : cleanString(key, walk);
}

function factsOfError(error: Error): object {
  const { name, message, stack, cause } = error;
  return { name, message, ...Object.fromEntries(Object.entries(error)), stack, cause };
}

function cut(text: string, lengthMax: number): string {
  return text.length > lengthMax ? `${text.slice(0, lengthMax).toWellFormed()}${CUT}` : text;
}
