import type { Parsed } from "./parsed.ts";
import type { CheckOutcome, CheckRuns } from "./proof.ts";
import type { ChangedPath, ProtectedPaths } from "./protected-paths.ts";
import type { Instant } from "./task.ts";
import type { Verdict } from "./verdict.ts";

/** The evidence behind a verdict: all that was run and seen, by hashes where it is long. */
export interface Receipt {
  readonly version: 1;
  readonly taskId: number;
  readonly attempt: number;
  readonly project: string | null;
  readonly at: Instant;
  readonly verdict: Verdict;
  readonly reasons: readonly string[];
  /** Commit that the work began from; null when there is none. */
  readonly base: string | null;
  /** Commit and tree that were judged. */
  readonly commit: string;
  readonly tree: string;
  readonly changed: readonly ChangedPath[];
  readonly protectedPaths: ProtectedPaths;
  readonly checks: readonly (CheckRuns & { readonly outcome: CheckOutcome })[];
  /** Hash of the receipt before this one in the same home; null for the first. */
  readonly previous: string | null;
}

/** A receipt as it is stored: what was seen, and the hash of it. */
export interface SealedReceipt {
  readonly receipt: Receipt;
  /** SHA-256 of the canonical form of `receipt`, as hexadecimal digits. */
  readonly sha256: string;
}

/**
 * JSON with one form for one value: keys sorted, no white space, numbers as JavaScript writes them.
 * The value counts as it is after it was stored as JSON, so that it has the same form then.
 */
export function canonicalJson(value: unknown): string {
  return sortedJson(JSON.parse(JSON.stringify(value) ?? "null"));
}

function sortedJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(sortedJson).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, each]) => `${JSON.stringify(key)}:${sortedJson(each)}`).join(",")}}`;
}

/** A receipt as the text of its file: it has no other. */
export function receiptText(sealed: SealedReceipt): string {
  return `${JSON.stringify(sealed, null, 2)}\n`;
}

/** Reads the file of a receipt; one that is not to the byte what was sealed is refused in a sentence. */
export function readReceipt(
  text: string,
  sha256Of: (text: string) => string,
): Parsed<SealedReceipt> {
  const sealed = parseSealed(text);
  if (sealed === null) return { ok: false, message: "It is not a receipt." };
  const found = sha256Of(canonicalJson(sealed.receipt));
  if (found !== sealed.sha256) {
    const message = `Its content has the hash ${found}, and it was sealed with ${sealed.sha256}.`;
    return { ok: false, message };
  }
  if (receiptText({ receipt: sealed.receipt, sha256: sealed.sha256 }) !== text) {
    return { ok: false, message: "Its file was written anew by another hand." };
  }
  return { ok: true, value: sealed };
}

function parseSealed(text: string): SealedReceipt | null {
  try {
    const { receipt, sha256 } = JSON.parse(text);
    return receipt.version === 1 && typeof sha256 === "string" ? { receipt, sha256 } : null;
  } catch {
    return null;
  }
}
