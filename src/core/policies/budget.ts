import type { Policy } from "../hold.ts";
import { nextDayStart } from "../hours.ts";
import { iso } from "../iso.ts";

/** Holds once the day's US dollars are spent, until the next local midnight. */
export const budget: Policy = (_task, snapshot) => {
  const max = snapshot.rules.usdPerDayMax;
  if (max === null || snapshot.usdToday < max) return null;
  const nextCheckAt = nextDayStart(snapshot.rules.hours.timeZone, snapshot.now);
  const spent = `${snapshot.usdToday.toFixed(2)} of ${max.toFixed(2)} US dollars`;
  return {
    policy: "budget",
    reason: `${spent} of today's budget are spent; the next day begins at ${iso(nextCheckAt)}.`,
    nextCheckAt,
  };
};
