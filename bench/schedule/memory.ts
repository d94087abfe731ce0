import { type Forecast, learn } from "../../src/core/forecast/forecast.ts";
import { type HourOfUse, type PastRun, useBetween } from "../../src/core/forecast/history.ts";
import type { QuotaWindow } from "../../src/core/quota.ts";
import type { Instant } from "../../src/core/task.ts";
import { EXECUTOR, PROVIDER } from "./provider.ts";
import type { TraceTask } from "./trace.ts";

/** What a daemon would keep of what it saw, and what it learns from it. */
export interface Memory {
  readonly seen: (windows: readonly QuotaWindow[]) => void;
  /** A run of the task ended, or was parked. */
  readonly ended: (of: TraceTask, startedAt: Instant, endedAt: Instant) => void;
  /** Learned anew every hour. */
  readonly forecast: (now: Instant) => Forecast;
}

const LEARN_EVERY_MS = 3_600_000;

export function openMemory(timeZone: string): Memory {
  const known = new Map<string, QuotaWindow>();
  const hours = new Map<string, HourOfUse>();
  const runs: PastRun[] = [];
  let learned: { readonly at: Instant; readonly forecast: Forecast } | null = null;
  return {
    seen: (windows) => {
      for (const window of windows) {
        const before = known.get(window.window);
        if (before !== undefined) for (const hour of useBetween(before, window)) add(hours, hour);
        known.set(window.window, window);
      }
    },
    ended: ({ kind, project, durationMs, usd }, startedAt, endedAt) => {
      const part = Math.min(1, (endedAt - startedAt) / durationMs);
      runs.push({
        executor: EXECUTOR,
        kind,
        project,
        model: null,
        startedAt,
        endedAt,
        usd: usd * part,
      });
    },
    forecast: (now) => {
      if (learned === null || now - learned.at >= LEARN_EVERY_MS) {
        learned = {
          at: now,
          forecast: learn({ hours: [...hours.values()], runs }, timeZone, { [EXECUTOR]: PROVIDER }),
        };
      }
      return learned.forecast;
    },
  };
}

function add(hours: Map<string, HourOfUse>, hour: HourOfUse): void {
  const key = `${hour.window} ${hour.hourAt}`;
  const before = hours.get(key);
  hours.set(key, {
    ...hour,
    seenMs: hour.seenMs + (before?.seenMs ?? 0),
    used: hour.used + (before?.used ?? 0),
  });
}
