import { type Document, isAlias, isMap, isNode, isScalar, isSeq } from "yaml";
import type { KeyPath } from "./layer.ts";

/** Where the key at `keys` begins in the text; the nearest one above it when it is not there. */
export function nearestOffset(document: Document, keys: KeyPath): number {
  let node: unknown = document.contents;
  let offset = startOf(node) ?? 0;
  for (const name of keys) {
    const found = entryOf(document, node, name);
    if (found === null) break;
    offset = found.offset ?? offset;
    node = found.value;
  }
  return offset;
}

/** Where exactly that key begins in the text; null when it is not there. */
export function keyOffset(document: Document, keys: KeyPath): number | null {
  let found: Entry | null = { offset: null, value: document.contents };
  for (const name of keys) {
    if (found !== null) found = entryOf(document, found.value, name);
  }
  return found?.offset ?? null;
}

interface Entry {
  readonly offset: number | null;
  readonly value: unknown;
}

function entryOf(document: Document, node: unknown, name: string | number): Entry | null {
  const target = isAlias(node) ? node.resolve(document) : node;
  if (isSeq(target)) {
    const item = target.items[Number(name)];
    return item === undefined ? null : { offset: startOf(item), value: item };
  }
  if (!isMap(target)) return null;
  const pair = target.items.find(({ key }) => String(isScalar(key) ? key.value : key) === name);
  return pair === undefined ? null : { offset: startOf(pair.key), value: pair.value };
}

function startOf(node: unknown): number | null {
  return isNode(node) ? (node.range?.[0] ?? null) : null;
}
