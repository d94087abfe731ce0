import { effortOf, type PastRun } from "./history.ts";

/** Logarithms of what was seen, as far as a mean and a spread need them. */
export interface LogStats {
  readonly count: number;
  readonly mean: number;
  /** Sum of the squared distances from the mean. */
  readonly squares: number;
}

/** What is known of runs that are alike. */
export interface RunStats {
  readonly durationMs: LogStats;
  readonly effort: LogStats;
}

/** By ever closer likeness: an executor's runs, of a kind, of its project, of its model. */
export type RunsByLikeness = Readonly<Record<string, RunStats>>;

/** What a run is like. */
export type Likeness = Pick<PastRun, "executor" | "kind" | "project" | "model">;

const NONE: LogStats = { count: 0, mean: 0, squares: 0 };
/** What is believed before anything was seen: a median and a wide spread. */
const PRIORS: Readonly<Record<keyof RunStats, { readonly mean: number; readonly spread: number }>> =
  {
    durationMs: { mean: Math.log(20 * 60_000), spread: 1 },
    effort: { mean: 0, spread: 1 },
  };
/**
 * Runs count as at least so long and costly: one that broke off as it began would else stand so far
 * from the others that the next one could be anything, and would be expected to fill a window.
 */
const LENGTH_MIN_MS = 60_000;
const EFFORT_MIN = 0.05;
/** No run costs more; whoever says so errs. */
const EFFORT_MAX = 10_000;
/** For so many runs counts what is believed from less alike ones. */
const PRIOR_COUNT = 4;

/** Learns from runs, whatever their order. */
export function learnRuns(runs: readonly PastRun[]): RunsByLikeness {
  const learned: Record<string, RunStats> = {};
  for (const run of runs) {
    for (const key of likenessKeys(run)) {
      const { durationMs, effort } = learned[key] ?? { durationMs: NONE, effort: NONE };
      learned[key] = {
        durationMs: withValue(durationMs, Math.max(LENGTH_MIN_MS, run.endedAt - run.startedAt)),
        effort: withValue(effort, Math.min(EFFORT_MAX, Math.max(EFFORT_MIN, effortOf(run)))),
      };
    }
  }
  return learned;
}

/**
 * The value that such a run stays below with this chance. Each likeness starts from what is believed
 * of the wider one and moves with what was seen; little seen makes the answer wider. Runs are taken
 * for log-normal, and the answer is the predictive one (Student's t).
 */
export function quantileOf(
  learned: RunsByLikeness,
  like: Likeness,
  what: keyof RunStats,
  chance: number,
): number {
  const prior = PRIORS[what];
  let mean = prior.mean;
  let variance = prior.spread ** 2;
  let weight = PRIOR_COUNT;
  for (const key of likenessKeys(like)) {
    const seen = learned[key]?.[what];
    if (seen === undefined) break;
    weight = PRIOR_COUNT + seen.count;
    const shift = (PRIOR_COUNT * seen.count * (seen.mean - mean) ** 2) / weight;
    variance = (PRIOR_COUNT * variance + seen.squares + shift) / weight;
    mean = (PRIOR_COUNT * mean + seen.count * seen.mean) / weight;
  }
  const spread = Math.sqrt(variance * (1 + 1 / weight));
  return Math.exp(mean + studentQuantile(chance, weight) * spread);
}

function likenessKeys({ executor, kind, project, model }: Likeness): readonly string[] {
  const parts = [executor, kind, project ?? "", model ?? ""].map(encodeURIComponent);
  return parts.map((_, index) => parts.slice(0, index + 1).join("|"));
}

function withValue({ count, mean, squares }: LogStats, value: number): LogStats {
  const distance = Math.log(value) - mean;
  const next = mean + distance / (count + 1);
  return { count: count + 1, mean: next, squares: squares + distance * (Math.log(value) - next) };
}

/** Hill's expansion of Student's quantile around the normal one; good to a percent from 4 degrees on. */
function studentQuantile(chance: number, degrees: number): number {
  const z = normalQuantile(chance);
  const first = (z ** 3 + z) / 4;
  const second = (5 * z ** 5 + 16 * z ** 3 + 3 * z) / 96;
  return z + first / degrees + second / degrees ** 2;
}

/** Winitzki's inverse of the error function; off by less than 0.005 of a standard deviation. */
export function normalQuantile(chance: number): number {
  const x = 2 * chance - 1;
  const log = Math.log(1 - x * x);
  const half = 2 / (Math.PI * 0.147) + log / 2;
  return Math.SQRT2 * Math.sign(x) * Math.sqrt(Math.sqrt(half * half - log / 0.147) - half);
}
