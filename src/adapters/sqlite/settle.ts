import { openSlot, type Schedule, type Slot } from "../../core/schedule.ts";
import {
  type DueSlot,
  overlapCause,
  refusedCause,
  settledSlot,
  type SlotEnd,
  slotEvent,
  taskOfSlot,
} from "../../core/slots.ts";
import type { Task, TaskState } from "../../core/task.ts";
import type { Settled, SettleRequest } from "../../ports/schedule-store.ts";
import type { Database } from "./database.ts";
import { insertEvents, insertTaskEvent } from "./events.ts";
import { putSlot, readOpenSlot, scheduleOf } from "./schedule-rows.ts";
import { insertShedding } from "./shed.ts";

/** Gives due slots their outcomes and queues their tasks, within the caller's transaction. */
export function settle(database: Database, request: SettleRequest): Settled {
  const { scheduleId, version, openDueAt, at, nextDueAt } = request;
  const row = database
    .sql("SELECT * FROM schedules WHERE id = ? AND version = ? AND removed_at IS NULL")
    .get(scheduleId, version);
  const open = readOpenSlot(database, scheduleId);
  if (row === undefined || open?.dueAt !== openDueAt) return { ok: false };
  const schedule = scheduleOf(row);
  const tasks: Task[] = [];
  const slots = request.slots.map((due): Slot => {
    const end = endOf(database, schedule, due, request, tasks);
    const writtenAt = due.dueAt === openDueAt ? open.writtenAt : at;
    const slot = settledSlot(scheduleId, due, { ...end, at, writtenAt });
    putSlot(database, slot);
    const event = slotEvent(schedule.name, slot, end.outcome, at);
    if (slot.taskId === null) insertEvents(database, [event]);
    else insertTaskEvent(database, event);
    return slot;
  });
  if (nextDueAt !== null) putSlot(database, openSlot(scheduleId, nextDueAt, at));
  return { ok: true, slots, tasks };
}

function endOf(
  database: Database,
  schedule: Schedule,
  { dueAt, plan }: DueSlot,
  { at, order, queueLimits }: SettleRequest,
  tasks: Task[],
): SlotEnd {
  if (plan.type === "leave") return { outcome: plan.outcome, taskId: null, cause: plan.cause };
  const overlap = overlapCause(schedule, newestTask(database, schedule.id));
  if (overlap !== null) return { outcome: "skipped", taskId: null, cause: overlap };
  const asked = { ...taskOfSlot(schedule, dueAt, at), order };
  const inserted = insertShedding(database, asked, queueLimits);
  if (!inserted.ok) {
    return { outcome: "failed", taskId: null, cause: refusedCause(inserted.refusal) };
  }
  tasks.push(inserted.task);
  const outcome = plan.late === null ? "ran" : "deferred";
  return { outcome, taskId: inserted.task.id, cause: plan.late };
}

/** The task of the newest slot that has one; null when there is none, or it was removed for good. */
function newestTask(
  database: Database,
  scheduleId: number,
): { readonly id: number; readonly state: TaskState } | null {
  const row = database
    .sql(
      `SELECT id, state FROM tasks WHERE id =
         (SELECT task_id FROM slots INDEXED BY slots_with_task
          WHERE schedule_id = ? AND task_id IS NOT NULL ORDER BY due_at DESC LIMIT 1)`,
    )
    .get(scheduleId);
  return row === undefined ? null : (row as { id: number; state: TaskState });
}
