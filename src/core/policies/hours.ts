import type { Policy } from "../hold.ts";
import { isNight, nextHoursChange } from "../hours.ts";
import { iso } from "../iso.ts";

/** Holds a task whose kind may not start at this time of the day or night. */
export const hours: Policy = (task, snapshot) => {
  const rules = snapshot.rules.hours;
  const night = isNight(rules, snapshot.now);
  const kinds = night ? rules.kindsByNight : rules.kindsByDay;
  if (kinds.includes(task.kind)) return null;
  const change = nextHoursChange(rules, snapshot.now);
  const others = night ? rules.kindsByDay : rules.kindsByNight;
  const what = `Tasks of the kind ${task.kind} do not start by ${night ? "night" : "day"}`;
  if (change === null || !others.includes(task.kind)) {
    const reason = `${what}, and no other time comes for them; see \`hours\` in the settings.`;
    return { policy: "hours", reason, nextCheckAt: null };
  }
  const reason = `${what}; in ${rules.timeZone} it is ${night ? "night" : "day"} until ${iso(change)}.`;
  return { policy: "hours", reason, nextCheckAt: change };
};
