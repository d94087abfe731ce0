import type { EventType, NewEvent } from "./event.ts";
import type { Schedule, SchedulePause } from "./schedule.ts";
import type { Instant } from "./task.ts";

/** Tells that a task is asked for again and again. */
export function scheduleAddedEvent(schedule: Schedule): NewEvent {
  const { name, cron, timeZone, catchUp, overlap, task, by, createdAt } = schedule;
  const { project } = task;
  return told("schedule.added", createdAt, { name, cron, timeZone, catchUp, overlap, project, by });
}

/** Tells that a schedule queues nothing until it goes on, and why. */
export function schedulePausedEvent(name: string, { at, by, reason }: SchedulePause): NewEvent {
  return told("schedule.paused", at, { name, reason, by });
}

/** Tells that a schedule goes on. */
export function scheduleResumedEvent(name: string, at: Instant, by: string): NewEvent {
  return told("schedule.resumed", at, { name, by });
}

/** Tells that a schedule is no more. */
export function scheduleRemovedEvent(name: string, at: Instant, by: string): NewEvent {
  return told("schedule.removed", at, { name, by });
}

function told(type: EventType, at: Instant, data: NewEvent["data"]): NewEvent {
  return { type, at, taskId: null, attempt: null, data };
}
