import { isSameReset, type QuotaWindow, windowLengthMs } from "../quota.ts";
import type { Instant, TaskKind } from "../task.ts";

/** What was seen of one window in one hour, by whomever it was used. */
export interface HourOfUse {
  readonly provider: string;
  readonly window: string;
  /** When the hour begins; a whole hour of UTC. */
  readonly hourAt: Instant;
  /** How much of the hour was seen. */
  readonly seenMs: number;
  /** Share of the window, 0 to 1, that was used in what was seen. */
  readonly used: number;
}

/** An attempt that has ended. */
export interface PastRun {
  readonly executor: string;
  readonly kind: TaskKind;
  readonly project: string | null;
  /** As the task asked for it; null means the executor's own default. */
  readonly model: string | null;
  readonly startedAt: Instant;
  readonly endedAt: Instant;
  readonly usd: number;
}

/** What forecasts learn from. */
export interface UsageHistory {
  readonly hours: readonly HourOfUse[];
  readonly runs: readonly PastRun[];
}

/** An hour, in which the history is kept. */
export const HOUR_MS = 3_600_000;
/** What is older is forgotten: people change their habits. */
export const HISTORY_MS: number = 56 * 24 * HOUR_MS;
/** Only a look that comes so soon after the one before makes anything be forgotten: clocks go wrong. */
export const FORGET_WITHIN_MS: number = 24 * HOUR_MS;
/** So many runs say as much as any number. */
export const RUNS_MAX = 1000;
/** Of what was used between two looks so far apart nobody knows when it was. */
const GAP_MAX_MS = 6 * HOUR_MS;

/** What two looks at a window, one after the other, say of the hours between them. */
export function useBetween(before: QuotaWindow, after: QuotaWindow): readonly HourOfUse[] {
  const { provider, window, used } = after;
  if (used === null || before.used === null || after.observedAt <= before.observedAt) return [];
  const spread = (from: Instant, until: Instant, share: number): readonly HourOfUse[] =>
    until - from > GAP_MAX_MS ? [] : hoursOf({ provider, window }, from, until, share);
  const grewBy = used - before.used;
  if (isSame(before, after, grewBy)) {
    return spread(before.observedAt, after.observedAt, Math.max(0, grewBy));
  }
  const begunAt = begunAtOf(after);
  if (begunAt === null || before.resetsAt === null || begunAt > after.observedAt) return [];
  // A window begins with the first use after the last one ended: nothing was used between the two.
  const idleFrom = Math.max(before.resetsAt, before.observedAt);
  const idle = begunAt > idleFrom ? spread(idleFrom, begunAt, 0) : [];
  return [...idle, ...spread(begunAt, after.observedAt, used)];
}

/** Share of a run in a stretch of time that it used evenly, from its start to its end. */
export function shareOfRun(run: PastRun, from: Instant, until: Instant): number {
  const overlapMs = Math.min(run.endedAt, until) - Math.max(run.startedAt, from);
  return overlapMs <= 0 ? 0 : overlapMs / Math.max(1, run.endedAt - run.startedAt);
}

/**
 * What a run took, in a unit of its own: US dollars, or where an agent tells none, minutes at the
 * price of a common one. Only ratios of it matter.
 */
export function effortOf({ usd, startedAt, endedAt }: PastRun): number {
  return usd > 0 ? usd : Math.max(1, endedAt - startedAt) / (20 * 60_000);
}

function isSame(before: QuotaWindow, after: QuotaWindow, grewBy: number): boolean {
  if (before.resetsAt === null || after.resetsAt === null) {
    return before.resetsAt === after.resetsAt && grewBy >= 0;
  }
  return isSameReset(before.resetsAt, after.resetsAt);
}

function begunAtOf({ window, resetsAt }: QuotaWindow): Instant | null {
  const lengthMs = windowLengthMs(window);
  return resetsAt === null || lengthMs === null ? null : resetsAt - lengthMs;
}

function hoursOf(
  which: Pick<HourOfUse, "provider" | "window">,
  from: Instant,
  until: Instant,
  share: number,
): readonly HourOfUse[] {
  if (until <= from) return [];
  const hours: HourOfUse[] = [];
  for (let hourAt = Math.floor(from / HOUR_MS) * HOUR_MS; hourAt < until; hourAt += HOUR_MS) {
    const seenMs = Math.min(until, hourAt + HOUR_MS) - Math.max(from, hourAt);
    hours.push({ ...which, hourAt, seenMs, used: (share * seenMs) / (until - from) });
  }
  return hours;
}
