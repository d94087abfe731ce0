import type { TokenCounts } from "../core/attempt.ts";
import type { UsageHistory } from "../core/forecast/history.ts";
import type { QuotaWindow } from "../core/quota.ts";
import type { Instant } from "../core/task.ts";

/** Counted use of one model, added to attempt and ledger in one transaction. */
export interface UsageEntry {
  readonly at: Instant;
  readonly taskId: number;
  readonly attempt: number;
  readonly provider: string;
  readonly model: string;
  readonly tokens: TokenCounts;
  readonly usd: number;
}

/** Use of one model, summed over a stretch of time. */
export interface UsageTotal {
  readonly provider: string;
  readonly model: string;
  readonly attempts: number;
  readonly tokens: TokenCounts;
  readonly usd: number;
}

/** What was used and what is left. */
export interface UsageStore {
  readonly windows: () => Promise<readonly QuotaWindow[]>;
  /**
   * Keeps the newest observation of each window; an older one is ignored. Event when it closes. What
   * it says of the time since the last one is added to the hours of `history`.
   */
  readonly observe: (
    windows: readonly QuotaWindow[],
    alertLevels?: readonly number[],
  ) => Promise<void>;
  /** Counts use in the ledger and, where they are still known, in the attempt, its task and project. */
  readonly add: (entry: UsageEntry) => Promise<void>;
  /** Sums of the ledger since `since`, sorted by provider and model. */
  readonly totals: (since: Instant) => Promise<readonly UsageTotal[]>;
  /** What forecasts learn from: hours since `since`, and the newest runs of at most `RUNS_MAX` tasks. */
  readonly history: (since: Instant) => Promise<UsageHistory>;
}
