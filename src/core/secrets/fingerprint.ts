import type { ScannedText } from "./finding.ts";

const LENGTH = 20;

/** Names a secret of a rule in a file without holding it; `hash` gives hexadecimal digits. */
export function fingerprintOf(
  hash: (text: string) => string,
  rule: string,
  place: string,
  identity: string,
): string {
  return `${rule}@${hash(`${rule}\0${place}\0${identity}`).slice(0, LENGTH)}`;
}

/** Path of the file that a text is of or names; null for other texts. */
export function pathOf({ where, text }: ScannedText): string | null {
  if (where.kind === "file") return where.path;
  return where.kind === "file-name" ? text : null;
}
