import type { Policy, Snapshot } from "../hold.ts";
import { isNight, nextHoursChange } from "../hours.ts";
import { iso } from "../iso.ts";
import type { Task } from "../task.ts";

/** Holds a task that may not start at this time of the day or night: for its kind, or as it was asked for. */
export const hours: Policy = (task, snapshot) => {
  const { hours: rules } = snapshot.rules;
  const night = isNight(rules, snapshot.now);
  if (mayStart(task, rules, night)) return null;
  const part = night ? "night" : "day";
  const what =
    task.nightOnly && !night
      ? "It is to start at night only"
      : `Tasks of the kind ${task.kind} do not start by ${part}`;
  const change = nextHoursChange(rules, snapshot.now);
  if (change === null || !mayStart(task, rules, !night)) {
    const reason = `${what}, and no other time comes for it; see \`hours\` in the settings.`;
    return { policy: "hours", reason, nextCheckAt: null };
  }
  const reason = `${what}; in ${rules.timeZone} it is ${part} until ${iso(change)}.`;
  return { policy: "hours", reason, nextCheckAt: change };
};

function mayStart(
  { kind, nightOnly }: Task,
  { kindsByDay, kindsByNight }: Snapshot["rules"]["hours"],
  night: boolean,
): boolean {
  return night ? kindsByNight.includes(kind) : !nightOnly && kindsByDay.includes(kind);
}
