import { isLongWindow } from "../quota.ts";
import type { Instant } from "../task.ts";
import { localDayOf, localMinuteOf } from "../zone.ts";
import {
  effortOf,
  HOUR_MS,
  type HourOfUse,
  type PastRun,
  shareOfRun,
  type UsageHistory,
} from "./history.ts";
import { type Expected, expectedUse, type PersonDay, type PersonRules } from "./person.ts";
import { learnRuns, type Likeness, quantileOf, type RunsByLikeness } from "./runs.ts";

/** What was learned of a window. */
export interface WindowForecast {
  readonly days: readonly PersonDay[];
  /** Share of the window that one unit of effort takes; null before it was seen. */
  readonly perEffort: number | null;
}

/** What is expected of runs and of the person; plain data. */
export interface Forecast {
  readonly timeZone: string;
  readonly runs: RunsByLikeness;
  /** By `provider/window`. */
  readonly windows: Readonly<Record<string, WindowForecast>>;
}

/** A window by its names. */
interface Named {
  readonly provider: string;
  readonly window: string;
}

/** What a run takes of a window of five hours before anything was seen; of longer ones less. */
const RUN_PRIOR = 0.05;
/** What a person takes of a window of five hours on a working day, and of longer ones. */
const SHORT_DAY_PRIOR = 1;
const LONG_DAY_PRIOR = 0.07;
/** Of a window of many days what was believed wrongly of the first is made good on the others. */
const LONG_CARE = 0.7;
/**
 * With fewer days seen less room is left beyond what is expected: of somebody of whom nothing is
 * known, hardly anything could be said with care, and nothing would ever start by day.
 */
const CARE_DAYS = 4;
/** No run is expected to take more: it could never start. */
const RUN_MAX = 0.8;
/** An hour with so little of ours says nothing of what a unit of effort takes. */
const EFFORT_MIN = 0.05;
/** What is left of an hour when ours is taken off counts as the person's beyond this part of ours. */
const NOISE = 0.25;

/** Nothing is known yet. */
export function noForecast(timeZone: string): Forecast {
  return { timeZone, runs: {}, windows: {} };
}

/** Learns from all that is kept; `providers` says who counts the use of each executor. */
export function learn(
  history: UsageHistory,
  timeZone: string,
  providers: Readonly<Record<string, string | null>>,
): Forecast {
  const windows: Record<string, WindowForecast> = {};
  for (const [name, hours] of Map.groupBy(history.hours, nameOf)) {
    const provider = hours[0]?.provider;
    const runs = history.runs.filter(({ executor }) => providers[executor] === provider);
    windows[name] = learnWindow(hours, runs, timeZone);
  }
  return { timeZone, runs: learnRuns(history.runs), windows };
}

/** What the person is expected to use of a window between two instants. */
export function personUse(
  forecast: Forecast,
  window: Named,
  stretch: { readonly from: Instant; readonly until: Instant; readonly care: number },
): Expected {
  const { from, until, care } = stretch;
  let known = lastExpected.get(forecast);
  if (known?.from !== from) lastExpected.set(forecast, (known = { from, answers: new Map() }));
  const key = `${nameOf(window)} ${until} ${care}`;
  const expected =
    known.answers.get(key) ?? expectedUse(rulesOf(forecast, window, care), from, until);
  known.answers.set(key, expected);
  return expected;
}

/** The last answers: one plan asks for the same once per head. */
const lastExpected = new WeakMap<
  Forecast,
  { readonly from: Instant; readonly answers: Map<string, Expected> }
>();

function rulesOf({ timeZone, windows }: Forecast, window: Named, care: number): PersonRules {
  const isLong = isLongWindow(window.window);
  const days = windows[nameOf(window)]?.days ?? [];
  return {
    timeZone,
    days,
    dayPrior: isLong ? LONG_DAY_PRIOR : SHORT_DAY_PRIOR,
    care: care * Math.min(1, days.length / CARE_DAYS) * (isLong ? LONG_CARE : 1),
  };
}

/** Share of the window that such a run stays below with this chance. */
export function runShare(
  { runs, windows }: Forecast,
  window: Named,
  like: Likeness,
  chance: number,
): number {
  const perEffort = windows[nameOf(window)]?.perEffort ?? runPriorOf(window);
  return Math.min(RUN_MAX, perEffort * quantileOf(runs, like, "effort", chance));
}

function nameOf({ provider, window }: Named): string {
  return `${provider}/${window}`;
}

function runPriorOf(window: Named): number {
  return isLongWindow(window.window) ? RUN_PRIOR / 9 : RUN_PRIOR;
}

function learnWindow(
  hours: readonly HourOfUse[],
  runs: readonly PastRun[],
  timeZone: string,
): WindowForecast {
  const efforts = effortsByHour(runs);
  const perEffort = perEffortOf(hours, efforts);
  const known = hours.map(({ hourAt, seenMs, used }) => ({
    day: localDayOf(timeZone, hourAt),
    hour: Math.floor(localMinuteOf(timeZone, hourAt) / 60),
    used: used - oursOf(efforts.get(hourAt) ?? 0, perEffort, used),
    seen: seenMs / HOUR_MS,
  }));
  const days = [...Map.groupBy(known, ({ day }) => day)].map(([day, ofDay]) => ({
    day,
    used: runningSums(ofDay.map(({ hour, used }) => ({ hour, value: used }))),
    seen: runningSums(ofDay.map(({ hour, seen }) => ({ hour, value: seen }))),
  }));
  return { perEffort, days };
}

/** Before it is known what effort takes, all of an hour in which something of ours ran is ours. */
function oursOf(effort: number, perEffort: number | null, used: number): number {
  if (effort === 0) return 0;
  if (perEffort === null || used <= effort * perEffort * (1 + NOISE)) return used;
  return effort * perEffort;
}

function effortsByHour(runs: readonly PastRun[]): ReadonlyMap<Instant, number> {
  const efforts = new Map<Instant, number>();
  for (const run of runs) {
    for (let at = Math.floor(run.startedAt / HOUR_MS) * HOUR_MS; at < run.endedAt; at += HOUR_MS) {
      const part = effortOf(run) * shareOfRun(run, at, at + HOUR_MS);
      efforts.set(at, (efforts.get(at) ?? 0) + part);
    }
  }
  return efforts;
}

/**
 * The weighted median over the hours in which something of ours ran: in most of them the person
 * sleeps, so what they use besides does not move it.
 */
function perEffortOf(
  hours: readonly HourOfUse[],
  efforts: ReadonlyMap<Instant, number>,
): number | null {
  const ratios = hours
    .filter(({ seenMs }) => seenMs > HOUR_MS * 0.8)
    .map(({ hourAt, used }) => ({ used, effort: efforts.get(hourAt) ?? 0 }))
    .filter(({ effort }) => effort > EFFORT_MIN)
    .map(({ used, effort }) => ({ ratio: used / effort, effort }))
    .toSorted((a, b) => a.ratio - b.ratio);
  const half = ratios.reduce((sum, { effort }) => sum + effort, 0) / 2;
  let sum = 0;
  for (const { ratio, effort } of ratios) {
    sum += effort;
    if (sum >= half) return ratio;
  }
  return null;
}

/** Sums from midnight to each full hour, 25 of them. */
function runningSums(
  values: readonly { readonly hour: number; readonly value: number }[],
): readonly number[] {
  return Array.from({ length: 25 }, (_, until) =>
    values.reduce((sum, { hour, value }) => (hour < until ? sum + value : sum), 0),
  );
}
