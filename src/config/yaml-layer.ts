import { type Document, LineCounter, parseDocument, type YAMLError } from "yaml";
import { isMap, type KeyPath, type Layer } from "./layer.ts";
import type { Problem } from "./problem.ts";
import { nearestOffset } from "./yaml-place.ts";

/** A file's settings, or everything that keeps it from being read as YAML. */
export type YamlLayer =
  | { readonly ok: true; readonly layer: Layer }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/** Most anchors that a file may repeat; keeps a small file from standing for a huge one. */
const ALIASES_MAX = 50;

/** Reads one file's text; `path` is how it is named to people. */
export function yamlLayer(path: string, text: string): YamlLayer {
  const lines = new LineCounter();
  const document = parseDocument(text, { prettyErrors: false, lineCounter: lines });
  const at = (offset: number): string => `${path}:${lines.linePos(offset).line}`;
  const errors = [...document.errors, ...document.warnings];
  if (errors.length > 0) {
    return { ok: false, problems: errors.map((error) => problemOf(error, at(error.pos[0]))) };
  }
  const read = toPlain(document);
  if (!read.ok) return { ok: false, problems: [{ origin: at(0), key: "", message: read.message }] };
  if (read.value !== null && !isMap(read.value)) {
    const message = "must be sections with settings, such as `attempts:`";
    return { ok: false, problems: [{ origin: at(0), key: "", message }] };
  }
  const originOf = (keys: KeyPath): string => at(nearestOffset(document, keys));
  return { ok: true, layer: { written: read.value ?? {}, originOf } };
}

type Plain =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly message: string };

function toPlain(document: Document): Plain {
  try {
    return { ok: true, value: document.toJS({ maxAliasCount: ALIASES_MAX }) ?? null };
  } catch {
    return { ok: false, message: "has an alias (*) that stands for nothing or for too much" };
  }
}

const SYNTAX_MESSAGES: Readonly<Record<string, string>> = {
  DUPLICATE_KEY: "this key is written twice",
  TAB_AS_INDENT: "is indented with a tab; use spaces",
  BAD_INDENT: "is indented in a way that fits nothing above it",
  MULTIPLE_DOCS: "a second document begins here; a configuration is one",
  TAG_RESOLVE_FAILED: "has a tag (!) that is not known",
};

function problemOf(error: YAMLError, origin: string): Problem {
  return {
    origin,
    key: "",
    message: SYNTAX_MESSAGES[error.code] ?? `is not YAML: ${error.message}`,
  };
}
