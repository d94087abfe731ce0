import { pausedSchedule, removedSchedule, resumedSchedule } from "../../core/schedule-changes.ts";
import {
  scheduleAddedEvent,
  schedulePausedEvent,
  scheduleRemovedEvent,
  scheduleResumedEvent,
} from "../../core/schedule-events.ts";
import { newSchedule, openSlot, type Schedule, type Slot } from "../../core/schedule.ts";
import {
  type DueSlot,
  overlapCause,
  refusedCause,
  settledSlot,
  type SlotEnd,
  slotEvent,
  taskOfSlot,
} from "../../core/slots.ts";
import type { Instant, Task } from "../../core/task.ts";
import type {
  ScheduleStore,
  ScheduleWithSlot,
  Settled,
  SettleRequest,
} from "../../ports/schedule-store.ts";
import type { Sync } from "./sync.ts";
import { appendEvents, sortedBy, type State } from "./state.ts";
import { insert } from "./tasks.ts";

/** Schedules and the ledger of their slots. */
export function scheduleMethods(state: State): Sync<ScheduleStore> {
  return {
    add: (asked, firstDueAt) => {
      if (byName(state, asked.name) !== null) return null;
      const schedule = newSchedule(state.schedules.size + 1, asked);
      put(state, schedule);
      putSlot(state, openSlot(schedule.id, firstDueAt, asked.createdAt));
      appendEvents(state, [scheduleAddedEvent(schedule)]);
      return withSlot(state, schedule);
    },
    list: () =>
      sortedBy(alive(state), ({ name }) => name).map((schedule) => withSlot(state, schedule)),
    get: (name) => {
      const found = byName(state, name);
      return found === null ? null : withSlot(state, found);
    },
    nextDueAt: () => {
      const open = [...state.slots.values()].flat().filter(({ outcome }) => outcome === null);
      return open.length === 0 ? null : Math.min(...open.map(({ dueAt }) => dueAt));
    },
    slots: (scheduleId, limit) => slotsOf(state, scheduleId).toReversed().slice(0, limit),
    settle: (request) => settle(state, request),
    pause: (name, pause) => {
      const before = byName(state, name);
      const after = before === null ? null : pausedSchedule(before, pause);
      if (after === null) return before;
      put(state, after);
      appendEvents(state, [schedulePausedEvent(name, pause)]);
      return after;
    },
    resume: (name, at, by) => {
      const before = byName(state, name);
      const after = before === null ? null : resumedSchedule(before, at);
      if (after === null) return before;
      put(state, after);
      appendEvents(state, [scheduleResumedEvent(name, at, by)]);
      return after;
    },
    remove: (name, at, by) => {
      const before = byName(state, name);
      if (before === null) return null;
      const after = removedSchedule(before, at);
      put(state, after);
      skipOpenSlot(state, after, at, `removed by ${by}`);
      appendEvents(state, [scheduleRemovedEvent(name, at, by)]);
      return after;
    },
    ofTasks: (taskIds) => ofTasks(state, taskIds),
    ended: (scheduleId, since, limit) =>
      tasksOf(state, scheduleId)
        .filter((task) => task.state === "succeeded" || task.state === "failed")
        .filter(({ finishedAt }) => finishedAt !== null && finishedAt >= since)
        .slice(0, limit),
  };
}

function alive(state: State): readonly Schedule[] {
  return [...state.schedules.values()].filter(({ removedAt }) => removedAt === null);
}

function byName(state: State, name: string): Schedule | null {
  return alive(state).find((schedule) => schedule.name === name) ?? null;
}

function withSlot(state: State, schedule: Schedule): ScheduleWithSlot {
  return { schedule, open: openOf(state, schedule.id) };
}

function slotsOf(state: State, scheduleId: number): readonly Slot[] {
  return state.slots.get(scheduleId) ?? [];
}

function openOf(state: State, scheduleId: number): Slot | null {
  return slotsOf(state, scheduleId).find(({ outcome }) => outcome === null) ?? null;
}

function put(state: State, schedule: Schedule): void {
  state.schedules.set(schedule.id, schedule);
  state.changes += 1;
}

/** A row with the same time may only be the open one. */
function putSlot(state: State, slot: Slot): void {
  const others = slotsOf(state, slot.scheduleId).filter(({ dueAt }) => dueAt !== slot.dueAt);
  state.slots.set(
    slot.scheduleId,
    sortedBy([...others, slot], ({ dueAt }) => dueAt),
  );
  state.changes += 1;
}

function settle(state: State, request: SettleRequest): Settled {
  const { scheduleId, version, openDueAt, at, nextDueAt } = request;
  const schedule = alive(state).find(({ id }) => id === scheduleId);
  const open = openOf(state, scheduleId);
  if (schedule?.version !== version || open?.dueAt !== openDueAt) return { ok: false };
  const tasks: Task[] = [];
  const slots = request.slots.map((due): Slot => {
    const end = endOf(state, schedule, due, request, tasks);
    const writtenAt = due.dueAt === openDueAt ? open.writtenAt : at;
    const slot = settledSlot(scheduleId, due, { ...end, at, writtenAt });
    putSlot(state, slot);
    appendEvents(state, [slotEvent(schedule.name, slot, end.outcome, at)]);
    return slot;
  });
  if (nextDueAt !== null) putSlot(state, openSlot(scheduleId, nextDueAt, at));
  return { ok: true, slots, tasks };
}

function endOf(
  state: State,
  schedule: Schedule,
  { dueAt, plan }: DueSlot,
  { at, order, queueLimits }: SettleRequest,
  tasks: Task[],
): SlotEnd {
  if (plan.type === "leave") return { outcome: plan.outcome, taskId: null, cause: plan.cause };
  const newest = slotsOf(state, schedule.id).findLast(({ taskId }) => taskId !== null);
  const overlap = overlapCause(schedule, state.tasks.get(newest?.taskId ?? 0) ?? null);
  if (overlap !== null) return { outcome: "skipped", taskId: null, cause: overlap };
  const inserted = insert(state, { ...taskOfSlot(schedule, dueAt, at), order }, queueLimits);
  if (!inserted.ok) {
    return { outcome: "failed", taskId: null, cause: refusedCause(inserted.refusal) };
  }
  tasks.push(inserted.task);
  const outcome = plan.late === null ? "ran" : "deferred";
  return { outcome, taskId: inserted.task.id, cause: plan.late };
}

function skipOpenSlot(state: State, schedule: Schedule, at: Instant, cause: string): void {
  const open = openOf(state, schedule.id);
  if (open === null) return;
  const end = { at, writtenAt: open.writtenAt, outcome: "skipped", taskId: null, cause } as const;
  const slot = settledSlot(schedule.id, open, end);
  putSlot(state, slot);
  appendEvents(state, [slotEvent(schedule.name, slot, end.outcome, at)]);
}

function ofTasks(
  state: State,
  taskIds: readonly number[],
): ReturnType<Sync<ScheduleStore>["ofTasks"]> {
  const found = [...state.slots.values()].flat().flatMap(({ taskId, scheduleId, dueAt }) => {
    const schedule = state.schedules.get(scheduleId);
    const isWanted = taskId !== null && taskIds.includes(taskId);
    return isWanted && schedule !== undefined ? [{ taskId, schedule: schedule.name, dueAt }] : [];
  });
  return sortedBy(found, ({ taskId }) => taskId);
}

/** Newest slot first. */
function tasksOf(state: State, scheduleId: number): readonly Task[] {
  return slotsOf(state, scheduleId)
    .toReversed()
    .flatMap(({ taskId }) => (taskId === null ? [] : (state.tasks.get(taskId) ?? [])));
}
