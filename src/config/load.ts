import { kindAt, settingInfos } from "./catalog.ts";
import { problemsOf } from "./issues.ts";
import { isMap, type Layer, mergeWritten, valueAt, type Written } from "./layer.ts";
import { type Problem, problemLine } from "./problem.ts";
import { parseSettings } from "./schema.ts";
import { CLAUDE_CODE, type Settings } from "./settings.ts";
import { environmentLayer, flagLayer } from "./text-layers.ts";
import { yamlLayer } from "./yaml-layer.ts";

/** Everything that settings come from; later ones win: files in order, environment, flags. */
export interface ConfigSources {
  readonly files: readonly { readonly path: string; readonly text: string }[];
  readonly env: Readonly<Record<string, string | undefined>>;
  /** By dotted key, as text: `{ "attempts.timeout": "1h" }`. */
  readonly flags: Readonly<Record<string, string>>;
  /** The machine's own zone, an IANA name. */
  readonly timeZone: string;
}

/** One setting with its value as written and where that was. */
export interface SettingValue {
  readonly key: string;
  readonly value: unknown;
  /** `path:line`, `environment NAME`, `flag` or `default`. */
  readonly origin: string;
}

/** Checked settings with their provenance, or every problem there is, one sentence each. */
export type LoadedConfig =
  | { readonly ok: true; readonly settings: Settings; readonly values: readonly SettingValue[] }
  | { readonly ok: false; readonly problems: readonly string[] };

/** Reads, checks and merges all sources; pure. A bad source never hides the problems of another. */
export function loadConfig(sources: ConfigSources): LoadedConfig {
  const problems: Problem[] = [];
  const layers: Layer[] = [];
  for (const { path, text } of sources.files) {
    const read = yamlLayer(path, text);
    if (read.ok) layers.push(read.layer);
    else problems.push(...read.problems);
  }
  layers.push(environmentLayer(sources.env), flagLayer(sources.flags));
  const filled = layers.map(({ written, originOf }): Layer => {
    return { written: withSections(written), originOf };
  });
  for (const layer of filled) problems.push(...checkLayer(layer, sources.timeZone));
  if (problems.length > 0) return refused(problems);
  return mergeLayers(filled, sources.timeZone);
}

function refused(problems: readonly Problem[]): LoadedConfig {
  return { ok: false, problems: [...new Set(problems.map(problemLine))] };
}

/** A section with nothing below it is an empty one. */
function withSections(written: Written, path: readonly string[] = []): Written {
  const entries = Object.entries(written).map(([name, value]): [string, unknown] => {
    const at = [...path, name];
    if (kindAt(at) !== "section") return [name, value];
    if (value === null) return [name, {}];
    return [name, isMap(value) ? withSections(value, at) : value];
  });
  return Object.fromEntries(entries);
}

function checkLayer(layer: Layer, timeZone: string): readonly Problem[] {
  const parsed = parseSettings(layer.written, timeZone);
  const problems = problemsOf(layer, parsed.ok ? [] : parsed.issues);
  return problems.toSorted((a, b) => lineOf(a) - lineOf(b));
}

function lineOf(problem: Problem): number {
  return Number(/:(\d+)$/u.exec(problem.origin)?.[1] ?? 0);
}

function mergeLayers(layers: readonly Layer[], timeZone: string): LoadedConfig {
  const mergesAt = (path: readonly string[]): boolean => {
    const kind = kindAt(path);
    return kind === "section" || kind === "names";
  };
  let merged: Written = {};
  for (const layer of layers) merged = mergeWritten(merged, layer.written, mergesAt);
  const parsed = parseSettings(merged, timeZone);
  // Each layer was sound by itself and no check spans two keys, so their sum is sound.
  if (!parsed.ok) throw new Error(`Merged settings do not parse: ${JSON.stringify(parsed.issues)}`);
  const values = valuesOf(layers, merged);
  const problems = contradictions(parsed.settings, values);
  return problems.length > 0 ? refused(problems) : { ok: true, settings: parsed.settings, values };
}

function valuesOf(layers: readonly Layer[], merged: Written): readonly SettingValue[] {
  return settingInfos().flatMap(({ key, byDefault }) => {
    const path = key.split(".");
    const value = valueAt(merged, path);
    const names = kindAt(path) === "names" && isMap(value) ? Object.keys(value) : [];
    if (names.length === 0) return [foundAt(layers, path, byDefault)];
    return names.map((name) => foundAt(layers, [...path, name], undefined));
  });
}

function foundAt(
  layers: readonly Layer[],
  path: readonly string[],
  byDefault: unknown,
): SettingValue {
  const key = path.join(".");
  const layer = layers.findLast(({ written }) => valueAt(written, path) !== undefined);
  if (layer === undefined) return { key, value: byDefault, origin: "default" };
  return { key, value: valueAt(layer.written, path), origin: layer.originOf(path) };
}

/** What is wrong only in sight of several settings at once. */
function contradictions(
  { attempts, hours, executors }: Settings,
  values: readonly SettingValue[],
): readonly Problem[] {
  const problems: Problem[] = [];
  const blame = (key: string, message: string): void => {
    const origin = values.find((value) => value.key === key)?.origin ?? "default";
    problems.push({ origin, key, message });
  };
  if (attempts.backoffMaxMs < attempts.backoffBaseMs) {
    blame("attempts.backoff_max", "must not be shorter than attempts.backoff_base");
  }
  if (hours.kindsByDay.length + hours.kindsByNight.length === 0) {
    blame("hours.kinds_by_night", "must have a kind when hours.kinds_by_day has none");
  }
  const known = [CLAUDE_CODE, ...Object.keys(executors.commands)];
  if (!known.includes(executors.default)) {
    blame(
      "executors.default",
      `must be one of ${known.join(", ")}, not ${JSON.stringify(executors.default)}`,
    );
  }
  return problems;
}
