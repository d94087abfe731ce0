import { executorOf, readinessOf, type Hold, type Policy, type Snapshot } from "../hold.ts";
import { isNight, nextHoursChange, nextMoment } from "../hours.ts";
import { iso } from "../iso.ts";
import {
  concernsModel,
  isLongWindow,
  type QuotaWindow,
  thresholdsOf,
  windowLengthMs,
} from "../quota.ts";
import type { Instant, Task } from "../task.ts";
import { heldBack, runningOf } from "./held-back.ts";
import { endsAt, endOf, percent, usedWords } from "./quota-words.ts";

/** How long an observation counts when the provider did not say when the window resets. */
const UNKNOWN_RESET_MS = 15 * 60_000;
/** So long after a reset the provider is waited for to say that it was one. */
const CONFIRM_MS = 3000;
/** How soon it is worth a look whether the one that tries was told. */
const TRIED_MS = 15_000;

/**
 * Holds a task while a quota window of its executor's provider is closed, used beyond the threshold
 * of the hour, or used so far that what is kept free for a person, or what they are expected to
 * need, would be touched. Of several such windows it tells of the one that holds longest.
 */
export const quota: Policy = (task, snapshot) => {
  const readiness = readinessOf(snapshot, executorOf(task, snapshot.rules));
  if (!readiness?.ready || readiness.provider === null) return null;
  let longest: Hold | null = null;
  for (const window of snapshot.quotaWindows) {
    if (window.provider !== readiness.provider || !concernsModel(window, task.model)) continue;
    const hold = judgeWindow(window, task, snapshot);
    if (hold !== null && endOf(hold) > endOf(longest)) longest = hold;
  }
  return longest;
};

/** A window of which it is known how far it is used. */
type UsedWindow = QuotaWindow & { readonly used: number };

function judgeWindow(window: QuotaWindow, task: Task, snapshot: Snapshot): Hold | null {
  // A window that was counted anew since it was observed says nothing of now.
  const until = window.resetsAt ?? guessedReset(window.observedAt, snapshot.now);
  if (until <= snapshot.now) {
    const unsure = window.status === "closed" ? unconfirmed(window, until, snapshot) : null;
    return unsure ?? judgeFresh(window, task, snapshot);
  }
  if (window.status === "closed") return closed(window, until);
  // Unknown use is never taken for zero, but it holds nothing: there is no number to judge by.
  if (window.used === null) return null;
  const known = { ...window, used: window.used };
  return longestOf([
    used(known, until, snapshot),
    reserved(known, until, snapshot),
    heldBack({ ...known, resetsAt: until }, task, snapshot),
  ]);
}

/** What was seen after now was seen by a clock that was wrong: it holds no longer than one try. */
function guessedReset(observedAt: Instant, now: Instant): Instant {
  const until = observedAt + UNKNOWN_RESET_MS;
  return until > now + UNKNOWN_RESET_MS ? now - CONFIRM_MS : until;
}

/** With its start this task begins a window, to which the same rules apply. */
function judgeFresh(window: QuotaWindow, task: Task, snapshot: Snapshot): Hold | null {
  const lengthMs = windowLengthMs(window.window);
  if (lengthMs === null) return null;
  const resetsAt = snapshot.now + lengthMs;
  const fresh = { ...window, used: 0, resetsAt };
  // The sooner a window of days begins, the sooner there is another; one task begins it.
  const begins = isLongWindow(window.window) && snapshot.running.length === 0;
  const room = begins ? null : heldBack(fresh, task, snapshot);
  return longestOf([used(fresh, resetsAt, snapshot), room]);
}

/**
 * A closed window that should be open again is so when the provider says it: asked, or by the one
 * task that tries. What many would meet if it is not is met by that one.
 */
function unconfirmed(window: QuotaWindow, until: Instant, snapshot: Snapshot): Hold | null {
  const { now } = snapshot;
  const isAsked = now < until + CONFIRM_MS;
  if (!isAsked && runningOf(window, snapshot).length === 0) return null;
  const name = `The ${window.window} window of ${window.provider}`;
  const who = isAsked ? "the provider is asked" : "one task tries";
  return {
    policy: "quota",
    reason: `${name} was used up until ${iso(until)}; whether it is open again is not known yet, ${who}.`,
    nextCheckAt: isAsked ? until + CONFIRM_MS : now + TRIED_MS,
  };
}

function closed(window: QuotaWindow, until: Instant): Hold {
  const name = `The ${window.window} window of ${window.provider}`;
  return {
    policy: "quota",
    reason: `${name} is used up; ${endsAt(window, until)}.`,
    nextCheckAt: until,
  };
}

function used(window: UsedWindow, until: Instant, snapshot: Snapshot): Hold | null {
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
function reserved(window: UsedWindow, until: Instant, snapshot: Snapshot): Hold | null {
  if (isLongWindow(window.window)) return null;
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

function longestOf(holds: readonly (Hold | null)[]): Hold | null {
  return holds.reduce((one, other) => (endOf(other) > endOf(one) ? other : one), null);
}
