/** How long to wait before a failed attempt is followed by the next. */
export interface RetryRules {
  /** Longest wait after the first failure; doubles with each further one. */
  readonly backoffBaseMs: number;
  readonly backoffMaxMs: number;
}

/** What holds unless the settings say otherwise: from half a minute to an hour. */
export const RETRY_RULES_DEFAULT: RetryRules = {
  backoffBaseMs: 30_000,
  backoffMaxMs: 3_600_000,
};

/**
 * Exponential backoff, jittered over its upper half so that tasks that failed together do not
 * return together, yet none returns at once. `chance` is in [0, 1).
 */
export function backoffMs(rules: RetryRules, attemptsUsed: number, chance: number): number {
  const doublings = Math.max(0, attemptsUsed - 1);
  const ceilingMs = Math.min(rules.backoffMaxMs, rules.backoffBaseMs * 2 ** doublings);
  return Math.round(ceilingMs * (0.5 + chance / 2));
}
