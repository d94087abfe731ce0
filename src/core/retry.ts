/** How long to wait before a failed attempt is followed by the next. */
export interface RetryRules {
  /** Longest wait after the first failure; it doubles with each further one. */
  readonly backoffBaseMs: number;
  readonly backoffMaxMs: number;
}

/** What holds unless the settings say otherwise: from half a minute to an hour. */
export const RETRY_RULES_DEFAULT: RetryRules = {
  backoffBaseMs: 30_000,
  backoffMaxMs: 3_600_000,
};

/** No failure is followed at once, however the chance falls. */
const BACKOFF_MIN_MS = 1000;

/**
 * Exponential backoff with full jitter: anything up to a limit that doubles, so that tasks that failed
 * together return as far apart as can be. `chance` is in [0, 1).
 */
export function backoffMs(rules: RetryRules, attemptsUsed: number, chance: number): number {
  const doublings = Math.max(0, attemptsUsed - 1);
  const ceilingMs = Math.min(rules.backoffMaxMs, rules.backoffBaseMs * 2 ** doublings);
  return Math.max(Math.min(BACKOFF_MIN_MS, ceilingMs), Math.round(ceilingMs * chance));
}
