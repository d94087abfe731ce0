import { parse } from "yaml";
import { fitsAt } from "./catalog.ts";
import { isMap, type KeyPath, type Layer, withValue, type Written } from "./layer.ts";

/** Environment variables that begin like this are settings: `SLEEPLESS__ATTEMPTS__TIMEOUT`. */
export const ENVIRONMENT_PREFIX = "SLEEPLESS__";

/** Settings from the environment; empty variables count as not set. */
export function environmentLayer(env: Readonly<Record<string, string | undefined>>): Layer {
  const entries = Object.entries(env)
    .filter(([name, text]) => name.startsWith(ENVIRONMENT_PREFIX) && text?.trim() !== "")
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, text]): TextEntry => ({
      path: name.slice(ENVIRONMENT_PREFIX.length).toLowerCase().split("__"),
      text: text ?? "",
      origin: `environment ${name}`,
    }));
  return layerOf(entries);
}

/** Settings from the command line, by dotted key. */
export function flagLayer(flags: Readonly<Record<string, string>>): Layer {
  const entries = Object.entries(flags).map(([key, text]): TextEntry => ({
    path: key.split("."),
    text,
    origin: "flag",
  }));
  return layerOf(entries);
}

/**
 * The value that a text stands for: what YAML makes of it when that fits the setting, the text
 * itself when only that fits (a model may be named `5`).
 */
export function valueFromText(path: readonly string[], text: string): unknown {
  const parsed = parsedOr(text);
  return !fitsAt(path, parsed) && fitsAt(path, text) ? text : parsed;
}

interface TextEntry {
  readonly path: readonly string[];
  readonly text: string;
  readonly origin: string;
}

function layerOf(entries: readonly TextEntry[]): Layer {
  let written: Written = {};
  for (const { path, text } of entries) {
    written = withValue(written, path, valueFromText(path, text));
  }
  return { written, originOf: (keys) => originIn(entries, keys) };
}

/** The entry that set the value at `keys`, or one below or above it. */
function originIn(entries: readonly TextEntry[], keys: KeyPath): string {
  const names = keys.map(String);
  const near = entries.filter(({ path }) =>
    path.every((name, index) => index >= names.length || name === names[index]),
  );
  return near.at(-1)?.origin ?? "";
}

function parsedOr(text: string): unknown {
  try {
    const parsed: unknown = parse(text, { logLevel: "silent", maxAliasCount: 0 });
    return parsed === undefined || (isMap(parsed) && !text.trim().startsWith("{")) ? text : parsed;
  } catch {
    return text;
  }
}
