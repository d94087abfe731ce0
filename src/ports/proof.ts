import type { Check } from "../core/check.ts";
import type { IsolationLevel } from "../core/isolation.ts";
import type { Project } from "../core/project.ts";
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

/** By what results of a project are proven. */
export interface ProofRules {
  readonly checks: readonly Check[];
  readonly protectedPaths: ProtectedPaths;
  /** What is wrong with the rules themselves, in sentences; then nothing counts as proven. */
  readonly doubts: readonly string[];
}

/** Name of the reviewed file on a base branch. */
export const PROJECT_FILE = ".sleepless.yml";
/** A larger one is not read. */
export const PROJECT_FILE_BYTES_MAX: number = 64 * 1024;

/** What results are proven with. */
export interface Proving {
  /** Runs a check to its end, without the agent and as far apart from us as one; throws only the signal's reason. */
  readonly run: (spec: CheckSpec, signal: AbortSignal) => Promise<CheckRun>;
  /** Seals a receipt as the next link of the chain; the chain is durable before this resolves. */
  readonly seal: (receipt: Omit<Receipt, "previous">) => Promise<SealedReceipt>;
  /** By what a project is proven: its own checks and those of the reviewed file on its base branch. */
  readonly rulesFor: (project: Project, file: string | null) => ProofRules;
}
