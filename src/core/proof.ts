import type { Check } from "./check.ts";
import { type ChangedPath, protectedAmong, type ProtectedPaths } from "./protected-paths.ts";
import { printableLine } from "./terminal.ts";
import type { Verdict } from "./verdict.ts";

/** One run of a check, on one tree. */
export interface CheckRun {
  /** Null when it did not end by itself. */
  readonly exitCode: number | null;
  /** Why it could not be run, in words; null when it was. */
  readonly problem: string | null;
  readonly durationMs: number;
  /** SHA-256 of all it wrote, as hexadecimal digits. */
  readonly outputSha256: string;
}

/** A check with its runs. */
export interface CheckRuns extends Check {
  readonly onResult: CheckRun;
  /** Run again, when the first run failed. */
  readonly again: CheckRun | null;
  /** On what the work began from, when both runs failed. */
  readonly onBase: CheckRun | null;
}

/** What came of a check. */
export type CheckOutcome = "passed" | "flaky" | "failed" | "already-failing" | "unavailable";

/** What is known of a result when it is judged. */
export interface ProofFacts {
  readonly changed: readonly ChangedPath[];
  readonly protectedPaths: ProtectedPaths;
  readonly checks: readonly CheckRuns[];
  /** What else speaks against trusting it, in sentences. */
  readonly doubts: readonly string[];
}

/** A verdict with what it rests on, in sentences for a person. */
export interface Proof {
  readonly verdict: Verdict;
  readonly reasons: readonly string[];
  readonly outcomes: readonly { readonly name: string; readonly outcome: CheckOutcome }[];
}

/** Exit codes of a shell for a program that it cannot find or run. */
const NOT_RUN_CODES: ReadonlySet<number | null> = new Set([126, 127]);
/** How many paths a sentence names. */
const PATHS_SHOWN = 3;
const PATH_LENGTH_SHOWN = 100;

/**
 * Judges a result by what the daemon saw itself. Refuted: what judges the work was changed, or a check
 * fails that passed before. Verified: something was changed, and every check passed. All else is
 * unverified.
 */
export function judgeProof({ changed, protectedPaths, checks, doubts }: ProofFacts): Proof {
  const outcomes = checks.map((check) => ({ name: check.name, outcome: outcomeOf(check) }));
  const named = (outcome: CheckOutcome): readonly string[] =>
    outcomes.filter((each) => each.outcome === outcome).map(({ name }) => name);
  const touched = protectedAmong(changed, protectedPaths).map(({ path }) => path);
  const against = [
    ...(touched.length === 0 ? [] : [`What judges the work was changed: ${listed(touched)}.`]),
    ...checks.filter((check) => outcomeOf(check) === "failed").map(failureWords),
  ];
  const open = [
    ...doubts,
    ...(changed.length === 0 ? ["Nothing was changed."] : []),
    ...(checks.length === 0 ? ["The project has no checks."] : []),
    ...named("unavailable").map((name) => `The check ${name} could not be run.`),
    ...named("already-failing").map((name) => `The check ${name} failed before, too.`),
  ];
  const marks = named("flaky").map((name) => `The check ${name} failed once and then passed.`);
  if (against.length > 0)
    return { verdict: "refuted", reasons: [...against, ...open, ...marks], outcomes };
  if (open.length > 0) return { verdict: "unverified", reasons: [...open, ...marks], outcomes };
  return { verdict: "verified", reasons: marks, outcomes };
}

function outcomeOf({ onResult, again, onBase }: CheckRuns): CheckOutcome {
  if (isNotRun(onResult)) return "unavailable";
  if (onResult.exitCode === 0) return "passed";
  if (again?.exitCode === 0 && again.problem === null) return "flaky";
  if (onBase === null) return "failed";
  if (isNotRun(onBase)) return "unavailable";
  return onBase.exitCode === 0 ? "failed" : "already-failing";
}

function failureWords({ name, onBase }: CheckRuns): string {
  return onBase === null
    ? `The check ${name} fails.`
    : `The check ${name} fails, and passed before.`;
}

function isNotRun({ problem, exitCode }: CheckRun): boolean {
  return problem !== null || NOT_RUN_CODES.has(exitCode);
}

function listed(paths: readonly string[]): string {
  const more = paths.length - PATHS_SHOWN;
  // An agent names its files: no name may begin a line of its own, in a terminal or a commit.
  const names = paths.slice(0, PATHS_SHOWN).map((path) => printableLine(path, PATH_LENGTH_SHOWN));
  const shown = names.join(", ");
  return more > 0 ? `${shown} and ${more} more` : shown;
}
