import { personUse, runShare } from "../forecast/forecast.ts";
import { quantileOf } from "../forecast/runs.ts";
import { executorOf, type Hold, readinessOf, type RunningTask, type Snapshot } from "../hold.ts";
import { nextMoment } from "../hours.ts";
import { iso } from "../iso.ts";
import { concernsModel, isLongWindow, type QuotaWindow } from "../quota.ts";
import type { Instant, Task } from "../task.ts";
import { endsAt, percent, usedWords } from "./quota-words.ts";

/** A task is counted with what it stays below nine times in ten. */
const CHANCE = 0.9;
/** A run is never expected to be nearer to its end than this. */
const REST_MIN = 0.2;
/** How soon what is expected of the person is worth another look. */
const RECHECK_MS = 15 * 60_000;

/** A window of which it is known how far it is used and when it ends. */
type KnownWindow = QuotaWindow & { readonly used: number; readonly resetsAt: Instant };

/**
 * Holds a task that, with what runs and what the person is expected to need of the window, would
 * not fit into it; or into what is to be free at the time of a reserve.
 */
export function heldBack(window: KnownWindow, task: Task, snapshot: Snapshot): Hold | null {
  const { now, rules } = snapshot;
  const { care, reserves } = rules.quota;
  if (care === null) return null;
  const own = shareOfTask(window, task, snapshot);
  const rest = restOfRunning(window, snapshot);
  const ends = [
    { until: window.resetsAt, kept: 0 },
    ...reserves.flatMap((reserve) => {
      const at = nextMoment(rules.hours.timeZone, reserve, now);
      return at === null || at >= window.resetsAt || isLongWindow(window.window)
        ? []
        : [{ until: at, kept: reserve.share }];
    }),
  ];
  for (const { until, kept } of ends) {
    const person = personUse(snapshot.forecast, window, { from: now, until, care }).upper;
    if (window.used + rest + own + person + kept <= 1) continue;
    const parts = [
      `you may need ${percent(person)} until ${iso(until)}`,
      ...(kept > 0 ? [`${percent(kept)} are kept free for then`] : []),
      ...(rest > 0 ? [`what runs may take ${percent(rest)}`] : []),
      `this task ${percent(own)}`,
    ];
    return {
      policy: "quota",
      reason: `${usedWords(window, window.used)}, ${parts.join(", ")}; ${endsAt(window, window.resetsAt)}.`,
      nextCheckAt: Math.min(window.resetsAt, now + RECHECK_MS),
    };
  }
  return null;
}

/**
 * What runs gives way at this part of the standard deviations that a start leaves free: with less
 * room, so that what may start does not give way at once, again and again.
 */
const YIELD_PART = 0.5;

/**
 * The running task that is to be parked so that the person does not meet the limit: the newest of a
 * provider of which a window is used so far that what they are expected to need no longer fits. A
 * run that takes far more than such runs do is not known before it does.
 */
export function yielding(
  snapshot: Snapshot,
): { readonly taskId: number; readonly reason: string } | null {
  const { now, rules, forecast } = snapshot;
  const { care } = rules.quota;
  if (care === null) return null;
  for (const window of snapshot.quotaWindows) {
    const { used, resetsAt } = window;
    if (used === null || resetsAt === null || resetsAt <= now) continue;
    const newest = runningOf(window, snapshot).toSorted(
      (a, b) => b.admittedAt - a.admittedAt || b.id - a.id,
    )[0];
    if (newest === undefined) continue;
    const person = personUse(forecast, window, {
      from: now,
      until: resetsAt,
      care: care * YIELD_PART,
    }).upper;
    if (person < YIELD_MIN || used + person <= 1) continue;
    return {
      taskId: newest.id,
      reason: `${usedWords(window, used)}, you may need ${percent(person)} until ${iso(resetsAt)}.`,
    };
  }
  return null;
}

/** So little of a window is nobody's need: at night nothing gives way for it. */
const YIELD_MIN = 0.005;

function shareOfTask(window: KnownWindow, task: Task, { forecast, rules }: Snapshot): number {
  return runShare(forecast, window, { ...task, executor: executorOf(task, rules) }, CHANCE);
}

/** What those that run will take besides what the window shows already. */
function restOfRunning(window: KnownWindow, snapshot: Snapshot): number {
  const { forecast, now } = snapshot;
  return runningOf(window, snapshot)
    .map((run) => {
      const lengthMs = quantileOf(forecast.runs, run, "durationMs", CHANCE);
      const ranMs = Math.max(0, now - run.admittedAt);
      const rest = Math.max(REST_MIN, 1 - ranMs / lengthMs);
      return runShare(forecast, window, run, CHANCE) * rest;
    })
    .reduce((sum, share) => sum + share, 0);
}

/** What runs and is counted in the window. */
export function runningOf(window: QuotaWindow, snapshot: Snapshot): readonly RunningTask[] {
  return snapshot.running.filter(({ executor, model }) => {
    const readiness = readinessOf(snapshot, executor);
    const isCounted = readiness?.ready === true && readiness.provider === window.provider;
    return isCounted && concernsModel(window, model);
  });
}
