import type { IsolationLevel } from "../core/isolation.ts";
import type { CheckRun } from "../core/proof.ts";
import type { ProtectedPaths } from "../core/protected-paths.ts";
import type { Receipt, SealedReceipt } from "../core/receipt.ts";

/** One check to run. */
export interface CheckSpec {
  readonly project: string;
  readonly isolation: IsolationLevel | null;
  /** A line for the shell. */
  readonly command: string;
  /** A clean folder, which the check may change. */
  readonly folder: string;
  /** Marks the process tree (see launcher.ts). */
  readonly mark: string;
  readonly timeoutMs: number;
  /** Where all that it writes goes. */
  readonly outputPath: string;
}

/** What results are proven with. */
export interface Proving {
  /** Runs a check to its end, without the agent and as far apart from us as one; throws only the signal's reason. */
  readonly run: (spec: CheckSpec, signal: AbortSignal) => Promise<CheckRun>;
  /** Seals a receipt as the next link of the chain; the chain is durable before this resolves. */
  readonly seal: (receipt: Omit<Receipt, "previous">) => Promise<SealedReceipt>;
  readonly protectedPaths: ProtectedPaths;
}
