import type { Outcome } from "./outcome.ts";
import type { Instant } from "./task.ts";
import type { Verdict } from "./verdict.ts";

/** Tokens counted by the provider; cache reads and writes apart because they cost differently. */
export interface TokenCounts {
  readonly input: number;
  readonly output: number;
  readonly cacheRead: number;
  readonly cacheWrite: number;
}

/** The count before anything was used. */
export const NO_TOKENS: TokenCounts = { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 };

/** The parts of an attempt, in order. */
export const STEP_NAMES = [
  "open-workspace",
  "work",
  "keep-results",
  "rebase",
  "check",
  "scan-secrets",
  "commit",
  "push",
  "open-pr",
  "conclude",
] as const;
export type StepName = (typeof STEP_NAMES)[number];

/** One recorded part of an attempt. */
export interface Step {
  readonly name: StepName;
  readonly startedAt: Instant;
  readonly endedAt: Instant | null;
  readonly ok: boolean | null;
  readonly detail: string;
}

/** Names one process for good: a pid may be used again, the pair with its start time is not. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Start time in clock ticks since boot, as the system tells it. */
  readonly startTicks: number;
  /** The boot it belongs to; after a restart of the machine no process of ours is alive. */
  readonly bootId: string;
}

/** What a running attempt shows of itself. */
export interface Progress {
  /** One line: the last tool used or the last words said. */
  readonly activity: string;
  readonly turns: number;
  readonly at: Instant;
}

/** One try at a task. */
export interface Attempt {
  readonly taskId: number;
  readonly number: number;
  readonly leaseId: string;
  /** The daemon that made it. */
  readonly owner: string;
  readonly executor: string;
  readonly model: string | null;
  readonly sessionId: string | null;
  /** True when it continued an earlier session. */
  readonly resumed: boolean;
  readonly workspace: string | null;
  readonly process: ProcessIdentity | null;
  readonly admittedAt: Instant;
  /** Set on the agent's first event, never at dispatch. */
  readonly startedAt: Instant | null;
  readonly endedAt: Instant | null;
  readonly outcome: Outcome | null;
  readonly verdict: Verdict | null;
  readonly tokens: TokenCounts;
  readonly usd: number;
  readonly progress: Progress | null;
  /** Folder with transcript, final text and changed files, relative to the home. */
  readonly results: string | null;
  readonly steps: readonly Step[];
}
