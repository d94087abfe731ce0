import { makeRedactor } from "../core/redact.ts";

const redact = makeRedactor([]);

/** True for text that holds what looks like a token or a private key. */
export function looksLikeSecret(text: string): boolean {
  return redact(text) !== text;
}
