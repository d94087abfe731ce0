import type { TokenCounts } from "./attempt.ts";
import { dayStart, type HoursRules, isNight, nightStart } from "./hours.ts";
import type { Instant } from "./task.ts";

/** The most that something may cost; null is no limit of that kind. At least one of them is a number. */
export interface Budget {
  readonly usd: number | null;
  /** Counted as `countedTokens` does. */
  readonly tokens: number | null;
}

/** What something has cost so far. */
export interface Spent {
  readonly usd: number;
  /** Counted as `countedTokens` does. */
  readonly tokens: number;
}

/** The budgets that the settings give; null is none. */
export interface BudgetRules {
  /** Of every single attempt. */
  readonly attempt: Budget | null;
  /** Of a project in one day, where the project has none of its own. */
  readonly project: Budget | null;
  /** Of all tasks together in one night, and in one day. */
  readonly night: Budget | null;
  readonly day: Budget | null;
}

/** What was spent of the budgets that tasks share, apart from the dollars of today. */
export interface Spending {
  /** Counted tokens since the local day began. */
  readonly tokensToday: number;
  /** Since the night began; null by day. */
  readonly tonight: Spent | null;
  /** By project: what its tasks cost today, and its own budget of a day. */
  readonly projects: Readonly<Record<string, ProjectSpending>>;
}

/** One project's part of it. */
export interface ProjectSpending {
  readonly spentToday: Spent;
  /** Null: the one for all projects holds. */
  readonly budget: Budget | null;
}

/** From when on spending counts. */
export interface SpendingSince {
  readonly day: Instant;
  /** Null by day: there is no night to count. */
  readonly night: Instant | null;
}

/** Nothing yet. */
export const NOTHING_SPENT: Spent = { usd: 0, tokens: 0 };
/** No budget for anything. */
export const NO_BUDGETS: BudgetRules = { attempt: null, project: null, night: null, day: null };

/** So many tokens read from the provider's cache count as one: about what they cost. */
const CACHE_READS_PER_TOKEN = 10;

/** Tokens as budgets count them: what the cache gave back counts a tenth, cut below, all else in full. */
export function countedTokens({ input, output, cacheRead, cacheWrite }: TokenCounts): number {
  return input + output + cacheWrite + Math.floor(cacheRead / CACHE_READS_PER_TOKEN);
}

/** True once as much is spent as the budget allows. */
export function isSpent(budget: Budget, { usd, tokens }: Spent): boolean {
  const isOver = (most: number | null, sofar: number): boolean => most !== null && sofar >= most;
  return isOver(budget.usd, usd) || isOver(budget.tokens, tokens);
}

/** What a budget leaves, never less than nothing. */
export function leftOf(budget: Budget, { usd, tokens }: Spent): Budget {
  return {
    usd: budget.usd === null ? null : Math.max(0, budget.usd - usd),
    tokens: budget.tokens === null ? null : Math.max(0, budget.tokens - tokens),
  };
}

/** From when on the spending that admission judges by counts, at `now`. */
export function spendingSince(hours: HoursRules, now: Instant): SpendingSince {
  return {
    day: dayStart(hours.timeZone, now),
    night: isNight(hours, now) ? nightStart(hours, now) : null,
  };
}
