import type { Policy } from "../hold.ts";
import { isNight, nextHoursChange } from "../hours.ts";
import { iso } from "../iso.ts";

/** Holds by day when tasks may start at night only. */
export const hours: Policy = (_task, snapshot) => {
  const rules = snapshot.rules.hours;
  if (!rules.nightOnly || isNight(rules, snapshot.now)) return null;
  const nextCheckAt = nextHoursChange(rules, snapshot.now);
  const reason =
    nextCheckAt === null
      ? "Tasks start at night only, but the night begins and ends at the same minute; set `hours.night`."
      : `Tasks start at night only; it is day in ${rules.timeZone} until ${iso(nextCheckAt)}.`;
  return { policy: "hours", reason, nextCheckAt };
};
