import type { ScannedText } from "./finding.ts";

/**
 * A whole new file as a text to look through, whatever its bytes are: what is no UTF-8 becomes signs
 * that no secret has, so that a token between them is found.
 */
export function fileText(path: string, bytes: Uint8Array): ScannedText {
  return { where: { kind: "file", path }, text: new TextDecoder().decode(bytes) };
}
