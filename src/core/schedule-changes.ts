import type { Schedule, SchedulePause } from "./schedule.ts";
import type { Instant } from "./task.ts";

/** The schedule once it is paused; null when it is already. */
export function pausedSchedule(schedule: Schedule, pause: SchedulePause): Schedule | null {
  if (schedule.paused !== null) return null;
  return { ...schedule, version: schedule.version + 1, paused: pause };
}

/** The schedule once it goes on, with all forgiven; null when it does already. */
export function resumedSchedule(schedule: Schedule, at: Instant): Schedule | null {
  if (schedule.paused === null) return null;
  return { ...schedule, version: schedule.version + 1, paused: null, judgedFrom: at };
}

/** The schedule once it is removed. */
export function removedSchedule(schedule: Schedule, at: Instant): Schedule {
  return { ...schedule, version: schedule.version + 1, removedAt: at };
}
