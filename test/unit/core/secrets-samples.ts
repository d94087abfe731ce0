import { createHash } from "node:crypto";
import type { KnownSecret } from "../../../src/core/secrets/known.ts";
import type {
  ScannedText,
  SecretFinding,
  SecretFindings,
} from "../../../src/core/secrets/finding.ts";
import { findSecrets, type SecretSearch } from "../../../src/core/secrets/find.ts";

/** Signs that look like chance, always the same; secrets of tests are put together from them at run time. */
export function signs(length: number, alphabet = "k7Qz2mXw9RbT4vLp8NcJ3hYd6FsG5tKa"): string {
  const at = (index: number): number => Math.imul(index * index + 7, 0x9e3779b1) >>> 8;
  return Array.from({ length }, (_, index) => alphabet[at(index) % alphabet.length]).join("");
}

export const HEX_SIGNS = "7c3a9e1f5b8d02466b";

/** A token of GitHub that opens nothing. */
export function githubToken(): string {
  return ["gh", "p_", signs(36)].join("");
}

export function hash(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

/** A file with this text. */
export function file(text: string, path = "src/a.ts"): ScannedText {
  return { where: { kind: "file", path }, text };
}

/** What is found with nothing known and no baseline, when nobody says more. */
export function find(
  texts: ScannedText | readonly ScannedText[],
  more: Partial<SecretSearch> = {},
): SecretFindings {
  const list = "text" in texts ? [texts] : texts;
  return findSecrets(list, { known: [], baseline: null, hash, ...more });
}

/** Everything that was found, whatever follows from it. */
export function all({ blocking, warnings, allowed }: SecretFindings): readonly SecretFinding[] {
  return [...blocking, ...warnings, ...allowed];
}

/** Rules and severities of what is found in a file. */
export function rulesIn(text: string, path?: string): readonly string[] {
  return all(find(file(text, path))).map(({ rule, severity }) => `${rule} ${severity}`);
}

export function known(value: string, name = "DAEMON_TOKEN"): readonly KnownSecret[] {
  return [{ name, value }];
}
