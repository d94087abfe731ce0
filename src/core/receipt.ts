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

/** JSON with one form for one value: keys sorted, no white space, numbers as JavaScript writes them. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, each]) => `${JSON.stringify(key)}:${canonicalJson(each)}`).join(",")}}`;
}

/** What is wrong with a stored receipt, in one sentence; null when it is what was sealed. */
export function receiptProblem(stored: unknown, sha256Of: (text: string) => string): string | null {
  if (!isSealed(stored)) return "It is not a receipt.";
  const { receipt, sha256 } = stored;
  const found = sha256Of(canonicalJson(receipt));
  return found === sha256
    ? null
    : `Its content has the hash ${found}, and it was sealed with ${sha256}.`;
}

function isSealed(stored: unknown): stored is SealedReceipt {
  if (typeof stored !== "object" || stored === null) return false;
  return "receipt" in stored && "sha256" in stored && typeof stored.sha256 === "string";
}
