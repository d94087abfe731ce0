import type { TokenCounts } from "../core/attempt.ts";
import type { FailureClass } from "../core/failure.ts";
import type { IsolationLevel } from "../core/isolation.ts";
import type { Readiness } from "../core/hold.ts";
import type { QuotaWindow } from "../core/quota.ts";
import type { Instant } from "../core/task.ts";
import type { ProcessIdentity } from "../core/attempt.ts";

/** What an executor is asked to do. */
export interface RunSpec {
  readonly taskId: number;
  readonly project: string | null;
  /** What the task asks for; null: as the settings say. */
  readonly isolation: IsolationLevel | null;
  readonly attempt: number;
  /** Marks the process tree (see launcher.ts). */
  readonly mark: string;
  /** The whole task, also when a session is resumed: the executor adds the words to go on. */
  readonly prompt: string;
  readonly workspace: string;
  /** Folders the agent may read besides. */
  readonly readable: readonly string[];
  /** Folders that the workspace itself reads from; nothing for the agent to look at. */
  readonly needs?: readonly string[];
  readonly model: string | null;
  /** Chosen by us before the first byte. */
  readonly sessionId: string;
  /** True to continue that session rather than begin it. */
  readonly resume: boolean;
  /** Longest time with no sign of life. */
  readonly stallMs: number;
  /** Longest time in all. */
  readonly timeoutMs: number;
  /** US dollars that the run may cost, for an agent that can stop by itself; absent: no limit. */
  readonly budgetUsd?: number;
  /** Large output goes here, never into memory; an existing folder of ours. */
  readonly outputDir: string;
}

/** What happens while an agent works; unknown vendor messages are kept in the transcript, not here. */
export type RunEvent =
  /** The agent's own first sign of life. */
  | { readonly type: "started"; readonly model: string | null; readonly sessionId: string }
  | { readonly type: "launched"; readonly process: ProcessIdentity | null }
  | { readonly type: "text"; readonly text: string }
  | { readonly type: "tool"; readonly name: string; readonly detail: string }
  | { readonly type: "denied"; readonly tool: string; readonly detail: string }
  /** Use since the last such event: differences, never totals. */
  | {
      readonly type: "usage";
      readonly provider: string;
      readonly model: string;
      readonly tokens: TokenCounts;
      readonly usd: number;
    }
  | { readonly type: "quota"; readonly windows: readonly QuotaWindow[] }
  | { readonly type: "retrying"; readonly detail: string };

/** How a run ended, in the scheduler's words; adapters translate, nobody else reads vendor text. */
export type RunOutcome =
  | { readonly type: "done"; readonly text: string }
  | {
      readonly type: "failed";
      readonly failure: FailureClass;
      readonly message: string;
      /** For `quota`: the reset. For others: the vendor's retry-after, if any. */
      readonly retryAt: Instant | null;
    }
  | { readonly type: "stopped"; readonly how: StopReason };

/**
 * `cancel`: a person asked. `shutdown`: resume later. `lease-lost`: at once, the work is someone else's.
 * `budget`: it has cost what it may; as orderly as a cancel, so that the last of the cost is told.
 * `gave-way`: the person needs the room; resume later.
 */
export type StopReason = "cancel" | "shutdown" | "lease-lost" | "gave-way" | "budget";

/** One run of an agent. */
export interface Run {
  /** Ends when the run has ended; reading it to the end is the caller's duty. */
  readonly events: AsyncIterable<RunEvent>;
  /** Never rejects. Settles only when the whole process tree is gone. */
  readonly outcome: Promise<RunOutcome>;
  /** Gives words to the working agent; false when it takes none. */
  readonly steer: (text: string) => boolean;
  readonly stop: (how: StopReason) => void;
}

/** Does the work of an attempt in a workspace. */
export interface Executor {
  readonly name: string;
  /** Whose quota it uses, null when it uses none. */
  readonly provider: string | null;
  readonly can: {
    readonly steer: boolean;
    readonly resume: boolean;
    readonly costs: boolean;
    readonly quota: boolean;
  };
  /** Whether it could start a task now; never spends anything. */
  readonly probe: (signal: AbortSignal) => Promise<Readiness & { readonly detail: string }>;
  /**
   * What the provider says is used, asked without spending anything; null when it does not tell.
   * Absent where it never does. May throw.
   */
  readonly askQuota?: (signal: AbortSignal) => Promise<readonly QuotaWindow[] | null>;
  readonly start: (spec: RunSpec) => Run;
}
