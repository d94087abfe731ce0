import { type Forecast, personUse } from "../core/forecast/forecast.ts";
import { HOUR_MS } from "../core/forecast/history.ts";
import type { AdmissionRules } from "../core/hold.ts";
import type { QuotaWindow } from "../core/quota.ts";
import type { Instant } from "../core/task.ts";
import { instantOf, localDayOf, weekdayOf } from "../core/zone.ts";
import type { Clock } from "../ports/clock.ts";
import type { Store } from "../ports/store.ts";
import { readForecast } from "./forecaster.ts";
import type { DaemonStatus, ExpectedUse, UsageView } from "./views.ts";

/** The windows, what was spent since a time, and what is expected of the person. */
export async function readUsage(
  parts: { readonly store: Store; readonly clock: Clock },
  since: Instant,
  daemon: DaemonStatus | undefined,
): Promise<UsageView> {
  const { store, clock } = parts;
  const now = clock.now();
  const windows = await store.usage.windows();
  const totals = await store.usage.totals(since);
  if (daemon === undefined) return { now, since, windows, totals, rules: null, expected: [] };
  const { rules, local } = daemon.record;
  const forecast = await readForecast({ ...parts, rules, executors: local.executors });
  const expected = windows.map((window) => expectedOf({ forecast, rules, now }, window));
  return { now, since, windows, totals, rules, expected };
}

interface Known {
  readonly forecast: Forecast;
  readonly rules: AdmissionRules;
  readonly now: Instant;
}

const WEEK_DAYS = 7;
const DAY_HOURS = 24;

function expectedOf({ forecast, rules, now }: Known, window: QuotaWindow): ExpectedUse {
  const { provider, window: name, resetsAt } = window;
  const care = rules.quota.care ?? 0;
  const isAhead = resetsAt !== null && resetsAt > now;
  return {
    provider,
    window: name,
    untilReset: isAhead ? personUse(forecast, window, { from: now, until: resetsAt, care }) : null,
    week: weekOf(forecast, window, now),
    days: forecast.windows[`${provider}/${name}`]?.days.length ?? 0,
  };
}

function weekOf(forecast: Forecast, window: QuotaWindow, now: Instant): readonly number[] {
  const { timeZone } = forecast;
  const today = localDayOf(timeZone, now);
  const monday = today - weekdayOf(today);
  return Array.from({ length: WEEK_DAYS * DAY_HOURS }, (_, hour) => {
    const day = monday + Math.floor(hour / DAY_HOURS);
    const from = instantOf(timeZone, day, (hour % DAY_HOURS) * 60);
    return personUse(forecast, window, { from, until: from + HOUR_MS, care: 0 }).mean;
  });
}
