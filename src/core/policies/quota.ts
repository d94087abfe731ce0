import { executorOf, readinessOf, type Hold, type Policy, type Snapshot } from "../hold.ts";
import { isNight, nextHoursChange } from "../hours.ts";
import { iso } from "../iso.ts";
import type { QuotaWindow } from "../quota.ts";
import type { Instant } from "../task.ts";

/** How long an observation counts when the provider did not say when the window resets. */
const UNKNOWN_RESET_MS = 15 * 60_000;

/**
 * Holds a task while a quota window of its executor's provider is closed, or used beyond the
 * threshold of the hour. Of several such windows it tells of the one that holds longest.
 */
export const quota: Policy = (task, snapshot) => {
  const readiness = readinessOf(snapshot, executorOf(task, snapshot.rules));
  if (!readiness?.ready || readiness.provider === null) return null;
  let longest: Hold | null = null;
  for (const window of snapshot.quotaWindows) {
    if (window.provider !== readiness.provider) continue;
    const hold = judgeWindow(window, snapshot);
    if (hold !== null && endOf(hold) > endOf(longest)) longest = hold;
  }
  return longest;
};

function judgeWindow(window: QuotaWindow, snapshot: Snapshot): Hold | null {
  // A window that was counted anew since it was observed says nothing of now.
  const until = window.resetsAt ?? window.observedAt + UNKNOWN_RESET_MS;
  if (until <= snapshot.now) return null;
  return window.status === "closed" ? closed(window, until) : used(window, until, snapshot);
}

function closed(window: QuotaWindow, until: Instant): Hold {
  const name = `The ${window.window} window of ${window.provider}`;
  return {
    policy: "quota",
    reason: `${name} is used up; ${endsAt(window, until)}.`,
    nextCheckAt: until,
  };
}

function used(window: QuotaWindow, until: Instant, snapshot: Snapshot): Hold | null {
  // Unknown use is never taken for zero, but it holds nothing: there is no number to judge by.
  if (window.used === null) return null;
  const { hours, quotaThresholdDay, quotaThresholdNight } = snapshot.rules;
  const night = isNight(hours, snapshot.now);
  const threshold = night ? quotaThresholdNight : quotaThresholdDay;
  if (window.used < threshold) return null;
  const other = night ? quotaThresholdDay : quotaThresholdNight;
  const change = window.used < other ? nextHoursChange(hours, snapshot.now) : null;
  const share = `The ${window.window} window of ${window.provider} is used to ${percent(window.used)}`;
  const limit = `the ${night ? "night" : "day"} threshold is ${percent(threshold)}`;
  const relief =
    change !== null && change < until
      ? `from ${iso(change)} it is ${percent(other)}`
      : endsAt(window, until);
  return {
    policy: "quota",
    reason: `${share}, ${limit}; ${relief}.`,
    nextCheckAt: Math.min(until, change ?? until),
  };
}

function endsAt(window: QuotaWindow, until: Instant): string {
  return window.resetsAt === null
    ? `its reset is unknown, the next try is at ${iso(until)}`
    : `it resets at ${iso(until)}`;
}

/** Cut to a tenth, so that a share below a threshold never reads as if it had reached it. */
function percent(share: number): string {
  return `${Math.floor(Number((share * 1000).toFixed(6))) / 10} %`;
}

function endOf(hold: Hold | null): number {
  return hold?.nextCheckAt ?? -Infinity;
}
