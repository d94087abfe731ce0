import {
  type Document,
  isCollection,
  isMap as isYamlMap,
  isNode,
  isScalar,
  parseDocument,
  stringify,
} from "yaml";
import { keyOffset } from "./yaml-place.ts";
import { isMap, withValue, type Written } from "./layer.ts";

/** The edited text, or one sentence on why it was left alone. */
export type TextEdited =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly message: string };

/**
 * Sets one setting in the text of a configuration file and keeps all else, comments and layout
 * among it. Does not judge the value: load the result to see whether it is sound.
 */
export function setInText(text: string, key: string, value: unknown): TextEdited {
  const path = key.split(".");
  if (path.some((name) => name === "")) {
    return {
      ok: false,
      message: `${JSON.stringify(key)} is not a setting; write for example attempts.timeout.`,
    };
  }
  const before = read(text);
  if (before === null) {
    return {
      ok: false,
      message: "The file is not sound YAML; correct it first (sle config validate).",
    };
  }
  const wanted = canonical(withValue(before.written, path, value));
  for (const edited of candidates(text, before.document, path, value)) {
    const after = read(edited);
    if (after !== null && canonical(after.written) === wanted) return { ok: true, text: edited };
  }
  return {
    ok: false,
    message: `${key} shares its place with other settings in this file; edit it by hand.`,
  };
}

/** A value as it stands in a file, on one line. */
export function valueText(value: unknown): string {
  return stringify(value, { collectionStyle: "flow", lineWidth: 0 }).trimEnd();
}

interface Sound {
  readonly document: Document;
  readonly written: Written;
}

function read(text: string): Sound | null {
  const document = parseDocument(text, { prettyErrors: false });
  if (document.errors.length > 0) return null;
  try {
    const written: unknown = document.toJS() ?? {};
    return isMap(written) ? { document, written } : null;
  } catch {
    return null;
  }
}

/** Equal for equal settings, in whatever order they stand. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    isMap(inner)
      ? Object.fromEntries(Object.entries(inner).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}

/** Edited texts, the one that changes least first; not every one says what was meant. */
function* candidates(
  text: string,
  document: Document,
  path: readonly string[],
  value: unknown,
): Generator<string> {
  const node: unknown = document.getIn(path, true);
  if (isNode(node) && node.range) {
    const [start, end] = node.range;
    const gap = start === end || (isScalar(node) && node.source === "") ? " " : "";
    for (const written of [valueText(value), JSON.stringify(value)]) {
      yield text.slice(0, start) + gap + written + text.slice(end);
    }
  }
  yield inserted(text, document, path, value);
  yield rewritten(text, path, value);
}

/** With new lines below the nearest key that is there, or at the end. */
function inserted(
  text: string,
  document: Document,
  path: readonly string[],
  value: unknown,
): string {
  let depth = path.length - 1;
  while (depth > 0 && keyOffset(document, path.slice(0, depth)) === null) depth -= 1;
  const above = path.slice(0, depth);
  const at = keyOffset(document, above);
  const lineEnd = at === null ? text.length : text.indexOf("\n", at) + 1 || text.length;
  const before = text.slice(0, lineEnd);
  const gap = before === "" || before.endsWith("\n") ? "" : "\n";
  const lines = nested(path.slice(depth), value, " ".repeat(indentBelow(text, document, above)));
  return `${before}${gap}${lines}\n${text.slice(lineEnd)}`;
}

/** The column in which entries below a key stand, or would. */
function indentBelow(text: string, document: Document, above: readonly string[]): number {
  const at = keyOffset(document, above);
  if (at === null) return 0;
  const node: unknown = document.getIn(above, true);
  const first = isYamlMap(node) ? node.items[0]?.key : undefined;
  const firstAt = isNode(first) ? first.range?.[0] : undefined;
  return firstAt === undefined ? columnOf(text, at) + 2 : columnOf(text, firstAt);
}

function columnOf(text: string, offset: number): number {
  return offset - (text.lastIndexOf("\n", offset - 1) + 1);
}

function nested(path: readonly string[], value: unknown, indent: string): string {
  const [name = "", ...rest] = path;
  const key = `${indent}${valueText(name)}:`;
  return rest.length === 0
    ? `${key} ${valueText(value)}`
    : `${key}\n${nested(rest, value, `${indent}  `)}`;
}

function rewritten(text: string, path: readonly string[], value: unknown): string {
  const document = parseDocument(text);
  for (let depth = 0; depth < path.length; depth += 1) {
    const above = path.slice(0, depth);
    if (!isCollection(document.getIn(above, true))) document.setIn(above, document.createNode({}));
  }
  document.setIn(path, document.createNode(value, { flow: true }));
  return document.toString({ lineWidth: 0 });
}
