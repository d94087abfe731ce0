import { executorOf, readinessOf, type Hold, type Policy, type Snapshot } from "../hold.ts";
import { isNight, nextHoursChange, nextMoment } from "../hours.ts";
import { iso } from "../iso.ts";
import { type QuotaWindow, thresholdsOf } from "../quota.ts";
import type { Instant } from "../task.ts";

/** How long an observation counts when the provider did not say when the window resets. */
const UNKNOWN_RESET_MS = 15 * 60_000;

/**
 * Holds a task while a quota window of its executor's provider is closed, used beyond the threshold
 * of the hour, or used so far that what is kept free for a person would be touched. Of several such windows it tells of the one that holds longest.
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
  if (window.status === "closed") return closed(window, until);
  const holds = [used(window, until, snapshot), reserved(window, until, snapshot)];
  return holds.reduce((one, other) => (endOf(other) > endOf(one) ? other : one), null);
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
  const { hours, quota: rules } = snapshot.rules;
  const { day, night } = thresholdsOf(rules, window);
  const isDark = isNight(hours, snapshot.now);
  const threshold = isDark ? night : day;
  if (window.used < threshold) return null;
  const other = isDark ? day : night;
  const change = window.used < other ? nextHoursChange(hours, snapshot.now) : null;
  const limit = `the ${isDark ? "night" : "day"} threshold is ${percent(threshold)}`;
  const relief =
    change !== null && change < until
      ? `from ${iso(change)} it is ${percent(other)}`
      : endsAt(window, until);
  return {
    policy: "quota",
    reason: `${usedWords(window, window.used)}, ${limit}; ${relief}.`,
    nextCheckAt: Math.min(until, change ?? until),
  };
}

/** Of what is to be free later, while this window is still the one that counts, nothing is taken. */
function reserved(window: QuotaWindow, until: Instant, snapshot: Snapshot): Hold | null {
  if (window.used === null) return null;
  const { hours, quota: rules } = snapshot.rules;
  let longest: Hold | null = null;
  for (const reserve of rules.reserves) {
    const at = nextMoment(hours.timeZone, reserve, snapshot.now);
    if (at === null || window.used < 1 - reserve.share) continue;
    if (window.resetsAt !== null && window.resetsAt <= at) continue;
    const hold: Hold = {
      policy: "quota",
      reason: `${usedWords(window, window.used)}, ${percent(reserve.share)} of it are kept free for ${iso(at)}; ${endsAt(window, until)}.`,
      nextCheckAt: Math.min(until, at),
    };
    if (endOf(hold) > endOf(longest)) longest = hold;
  }
  return longest;
}

function usedWords({ window, provider }: QuotaWindow, share: number): string {
  return `The ${window} window of ${provider} is used to ${percent(share)}`;
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
