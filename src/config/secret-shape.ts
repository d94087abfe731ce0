import { makeRedactor } from "../core/redact.ts";

const redact = makeRedactor([]);

/** An address with a name and a password before its host. */
const PASSWORD_IN_ADDRESS = /:\/\/[^/\s:@]*:[^/\s@]+@/u;

/** True for text that holds what looks like a token, a private key or a password in an address. */
export function looksLikeSecret(text: string): boolean {
  return redact(text) !== text || PASSWORD_IN_ADDRESS.test(text);
}
