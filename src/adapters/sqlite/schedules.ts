import {
  scheduleAddedEvent,
  schedulePausedEvent,
  scheduleRemovedEvent,
  scheduleResumedEvent,
} from "../../core/schedule-events.ts";
import { pausedSchedule, removedSchedule, resumedSchedule } from "../../core/schedule-changes.ts";
import { newSchedule, openSlot, type NewSchedule, type Schedule } from "../../core/schedule.ts";
import { settledSlot, slotEvent } from "../../core/slots.ts";
import type { Instant, Task } from "../../core/task.ts";
import type { ScheduleStore, ScheduleWithSlot, SlotOfTask } from "../../ports/schedule-store.ts";
import type { Calls } from "./calls.ts";
import type { Database } from "./database.ts";
import { insertEvents } from "./events.ts";
import { putSchedule, putSlot, readOpenSlot, scheduleOf, slotOf } from "./schedule-rows.ts";
import { settle } from "./settle.ts";
import { readTasks, TASK_COLUMNS } from "./task-rows.ts";

/** Schedules and the ledger of their slots. */
export function scheduleCalls(database: Database): Calls<ScheduleStore> {
  const change = (
    name: string,
    apply: (schedule: Schedule) => Schedule | null,
    tell: (changed: Schedule) => void,
  ): Schedule | null =>
    database.write(() => {
      const before = readByName(database, name);
      if (before === null) return null;
      const after = apply(before);
      if (after === null) return before;
      putSchedule(database, after);
      tell(after);
      return after;
    });
  return {
    add: (schedule, firstDueAt) => database.write(() => add(database, schedule, firstDueAt)),
    list: () =>
      database.read(() =>
        database
          .sql("SELECT * FROM schedules WHERE removed_at IS NULL ORDER BY name")
          .all()
          .map((row) => withSlot(database, scheduleOf(row))),
      ),
    get: (name) =>
      database.read(() => {
        const found = readByName(database, name);
        return found === null ? null : withSlot(database, found);
      }),
    nextDueAt: () => {
      const row = database
        .sql("SELECT min(due_at) AS due FROM slots INDEXED BY slots_due WHERE outcome IS NULL")
        .get();
      return (row as unknown as { due: number | null }).due;
    },
    slots: (scheduleId, limit) =>
      database
        .sql("SELECT * FROM slots WHERE schedule_id = ? ORDER BY due_at DESC LIMIT ?")
        .all(scheduleId, limit)
        .map(slotOf),
    settle: (request) => database.write(() => settle(database, request)),
    pause: (name, pause) =>
      change(
        name,
        (schedule) => pausedSchedule(schedule, pause),
        () => insertEvents(database, [schedulePausedEvent(name, pause)]),
      ),
    resume: (name, at, by) =>
      change(
        name,
        (schedule) => resumedSchedule(schedule, at),
        () => insertEvents(database, [scheduleResumedEvent(name, at, by)]),
      ),
    remove: (name, at, by) =>
      change(
        name,
        (schedule) => removedSchedule(schedule, at),
        (schedule) => {
          skipOpenSlot(database, schedule, at, `removed by ${by}`);
          insertEvents(database, [scheduleRemovedEvent(name, at, by)]);
        },
      ),
    ofTasks: (taskIds) => ofTasks(database, taskIds),
    ended: (scheduleId, since, limit) => endedTasks(database, scheduleId, since, limit),
  };
}

function readByName(database: Database, name: string): Schedule | null {
  const row = database
    .sql("SELECT * FROM schedules WHERE name = ? AND removed_at IS NULL")
    .get(name);
  return row === undefined ? null : scheduleOf(row);
}

function withSlot(database: Database, schedule: Schedule): ScheduleWithSlot {
  return { schedule, open: readOpenSlot(database, schedule.id) };
}

function add(database: Database, asked: NewSchedule, firstDueAt: Instant): ScheduleWithSlot | null {
  if (readByName(database, asked.name) !== null) return null;
  const row = database.sql("SELECT coalesce(max(id), 0) + 1 AS id FROM schedules").get();
  const schedule = newSchedule((row as unknown as { id: number }).id, asked);
  const open = openSlot(schedule.id, firstDueAt, asked.createdAt);
  putSchedule(database, schedule);
  putSlot(database, open);
  insertEvents(database, [scheduleAddedEvent(schedule)]);
  return { schedule, open };
}

function skipOpenSlot(database: Database, schedule: Schedule, at: Instant, cause: string): void {
  const open = readOpenSlot(database, schedule.id);
  if (open === null) return;
  const end = { at, writtenAt: open.writtenAt, outcome: "skipped", taskId: null, cause } as const;
  const slot = settledSlot(schedule.id, open, end);
  putSlot(database, slot);
  insertEvents(database, [slotEvent(schedule.name, slot, end.outcome, at)]);
}

function ofTasks(database: Database, taskIds: readonly number[]): readonly SlotOfTask[] {
  return database
    .sql(
      `SELECT task_id AS taskId, name AS schedule, due_at AS dueAt
       FROM slots JOIN schedules ON id = schedule_id
       WHERE task_id IN (SELECT value FROM json_each(?)) ORDER BY task_id`,
    )
    .all(JSON.stringify(taskIds))
    .map(slotOfTask);
}

function slotOfTask(row: unknown): SlotOfTask {
  const { taskId, schedule, dueAt } = row as SlotOfTask;
  return { taskId, schedule, dueAt };
}

function endedTasks(
  database: Database,
  scheduleId: number,
  since: Instant,
  limit: number,
): readonly Task[] {
  return readTasks(
    database,
    `SELECT ${TASK_COLUMNS} FROM slots INDEXED BY slots_with_task
     JOIN tasks ON tasks.id = slots.task_id
     WHERE slots.schedule_id = ? AND slots.task_id IS NOT NULL
       AND tasks.state IN ('succeeded', 'failed') AND tasks.finished_at >= ?
     ORDER BY slots.due_at DESC LIMIT ?`,
    scheduleId,
    since,
    limit,
  );
}
