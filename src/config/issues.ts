import type { z } from "zod";
import { kindAt, settingInfos } from "./catalog.ts";
import { closest } from "./closest.ts";
import { isMap, type KeyPath, type Layer, valueAt } from "./layer.ts";
import type { Problem } from "./problem.ts";
import { looksLikeSecret } from "./secret-shape.ts";

/** Longest part of a wrong value that is shown. */
const SHOWN_LENGTH_MAX = 40;

/** Settings of earlier versions and what takes their place. */
const MOVED: Readonly<Record<string, string>> = {
  "agent.workspace_root": "the environment variable SLEEPLESS_HOME",
  "agent.task_timeout_seconds": "attempts.timeout",
  "claude_code.night_start_hour": "hours.night",
  "claude_code.night_end_hour": "hours.night",
};

/** What the checks found in one layer, in words; secrets in it come first and are never shown. */
export function problemsOf(layer: Layer, issues: readonly z.core.$ZodIssue[]): readonly Problem[] {
  const found = issues.flatMap((issue) =>
    issue.code === "unrecognized_keys"
      ? issue.keys.flatMap((key) => unknownSettings(layer, [...keyPathOf(issue), key]))
      : [problemAt(layer, keyPathOf(issue), wordsOf(layer, issue))],
  );
  return [...pastedSecrets(layer, layer.written, []), ...found];
}

/** True when some text of the layer, key or value, looks like a secret. */
function pastedSecrets(layer: Layer, value: unknown, path: KeyPath): readonly Problem[] {
  const message =
    "looks like a secret; put it into an environment variable and write `env:NAME`, or into a file and write `file:/path`";
  if (typeof value === "string") {
    return looksLikeSecret(value) ? [problemAt(layer, path, message)] : [];
  }
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, below]) => {
    const name = Array.isArray(value) ? Number(key) : key;
    return pastedSecrets(layer, below, [...path, name]);
  });
}

/** One problem for each value within, so that every wrong line is named. */
function unknownSettings(layer: Layer, path: KeyPath): readonly Problem[] {
  const value = valueAt(layer.written, path);
  if (isMap(value) && Object.keys(value).length > 0) {
    return Object.keys(value).flatMap((key) => unknownSettings(layer, [...path, key]));
  }
  const key = dotted(path);
  const isOwn = path.some((_, index) => kindAt(path.slice(0, index).map(String)) === "names");
  const meant = isOwn ? undefined : (movedTo(key) ?? nearestSetting(key));
  const hint = meant === undefined ? "" : ` (did you mean ${meant}?)`;
  return [problemAt(layer, path, `no such setting${hint}`)];
}

function movedTo(key: string): string | undefined {
  return Object.hasOwn(MOVED, key) ? MOVED[key] : undefined;
}

/** By the whole key, else by its last part in another section. */
function nearestSetting(key: string): string | undefined {
  const keys = settingInfos().map((info) => info.key);
  const last = lastPart(key);
  const elsewhere = keys.filter((other) => lastPart(other) === last);
  if (elsewhere.length === 1) return elsewhere[0];
  const near = closest(key, keys);
  if (near !== null) return near;
  const nearLast = closest(last, keys.map(lastPart));
  return nearLast === null ? undefined : keys.find((other) => lastPart(other) === nearLast);
}

function lastPart(key: string): string {
  return key.slice(key.lastIndexOf(".") + 1);
}

function wordsOf(layer: Layer, issue: z.core.$ZodIssue): string {
  const path = keyPathOf(issue);
  const inKey = issue.code === "invalid_key" ? issue.issues[0]?.message : undefined;
  if (inKey !== undefined) return inKey;
  const isSection = kindAt(path.map(String)) === "section";
  const words = isSection ? "must be a section with settings below it" : issue.message;
  return `${words}${shown(valueAt(layer.written, path))}`;
}

function shown(value: unknown): string {
  if (value === undefined) return "";
  if (Array.isArray(value)) return value.length === 0 ? ", not an empty list" : ", not a list";
  if (isMap(value)) return ", not a map";
  if (value === null) return ", not empty";
  const text = typeof value === "string" ? value : JSON.stringify(value);
  if (looksLikeSecret(text)) return "";
  const cut = text.length > SHOWN_LENGTH_MAX ? `${text.slice(0, SHOWN_LENGTH_MAX)}…` : text;
  return `, not ${typeof value === "string" ? JSON.stringify(cut) : cut}`;
}

function problemAt(layer: Layer, path: KeyPath, message: string): Problem {
  return { origin: layer.originOf(path), key: dotted(path), message };
}

function keyPathOf(issue: z.core.$ZodIssue): KeyPath {
  return issue.path.map((part) => (typeof part === "symbol" ? String(part) : part));
}

function dotted(path: KeyPath): string {
  let key = "";
  for (const part of path) {
    if (typeof part === "number") key += `[${part}]`;
    else key += key === "" ? part : `.${part}`;
  }
  return looksLikeSecret(key) ? "(a secret as a key)" : key;
}
