import type { Generated, Selectable } from "kysely";
import type {
  CatchUp,
  Overlap,
  Schedule,
  ScheduledTask,
  Slot,
  SlotOutcome,
} from "../../core/schedule.ts";
import type { Instant } from "../../core/task.ts";
import type { Database } from "./database.ts";

/** Tasks that are asked for again and again. */
export interface ScheduleTable {
  readonly id: Generated<number>;
  readonly version: number;
  readonly name: string;
  readonly cron: string;
  readonly time_zone: string;
  readonly catch_up: CatchUp;
  readonly overlap: Overlap;
  /** json */
  readonly task: string;
  readonly deadline_in_ms: number | null;
  readonly created_at: number;
  readonly by: string;
  readonly paused_at: number | null;
  readonly paused_by: string | null;
  readonly paused_reason: string | null;
  readonly judged_from: number;
  readonly removed_at: number | null;
}

/** Times at which a schedule promised a task, with what came of them. */
export interface SlotTable {
  readonly schedule_id: number;
  readonly due_at: number;
  readonly until_at: number;
  readonly count: number;
  readonly written_at: number;
  readonly outcome: SlotOutcome | null;
  readonly settled_at: number | null;
  readonly task_id: number | null;
  readonly cause: string | null;
}

/** Writes a schedule that is new, with its id, or one that changed. */
export function putSchedule(database: Database, schedule: Schedule): void {
  const { id, version, name, cron, timeZone, catchUp, overlap, task, deadlineInMs } = schedule;
  const { createdAt, by, paused, judgedFrom, removedAt } = schedule;
  database
    .sql(
      `INSERT INTO schedules (id, version, name, cron, time_zone, catch_up, overlap, task,
         deadline_in_ms, created_at, by, paused_at, paused_by, paused_reason, judged_from, removed_at)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (id) DO UPDATE SET version = excluded.version, paused_at = excluded.paused_at,
         paused_by = excluded.paused_by, paused_reason = excluded.paused_reason,
         judged_from = excluded.judged_from, removed_at = excluded.removed_at`,
    )
    .run(
      id,
      version,
      name,
      cron,
      timeZone,
      catchUp,
      overlap,
      JSON.stringify(task),
      deadlineInMs,
      createdAt,
      by,
      paused?.at ?? null,
      paused?.by ?? null,
      paused?.reason ?? null,
      judgedFrom,
      removedAt,
    );
}

/** Writes the row of a slot that is new, or the outcome of the open one. */
export function putSlot(database: Database, slot: Slot): void {
  const { scheduleId, dueAt, untilAt, count, writtenAt, outcome, settledAt, taskId, cause } = slot;
  database
    .sql(
      `INSERT INTO slots (schedule_id, due_at, until_at, count, written_at, outcome, settled_at,
         task_id, cause)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (schedule_id, due_at) DO UPDATE SET until_at = excluded.until_at,
         count = excluded.count, outcome = excluded.outcome, settled_at = excluded.settled_at,
         task_id = excluded.task_id, cause = excluded.cause
       WHERE outcome IS NULL`,
    )
    .run(scheduleId, dueAt, untilAt, count, writtenAt, outcome, settledAt, taskId, cause);
}

/** The open slot of a schedule; null when it has none. */
export function readOpenSlot(database: Database, scheduleId: number): Slot | null {
  const row = database
    .sql("SELECT * FROM slots INDEXED BY slots_open WHERE schedule_id = ? AND outcome IS NULL")
    .get(scheduleId);
  return row === undefined ? null : slotOf(row);
}

/** A schedule of a row of its table. */
export function scheduleOf(row: unknown): Schedule {
  const found = row as Selectable<ScheduleTable>;
  const { id, version, name, cron, by } = found;
  return {
    id,
    version,
    name,
    cron,
    by,
    timeZone: found.time_zone,
    catchUp: found.catch_up,
    overlap: found.overlap,
    task: JSON.parse(found.task) as ScheduledTask,
    deadlineInMs: found.deadline_in_ms,
    createdAt: found.created_at,
    paused: pauseOf(found.paused_at, found.paused_by, found.paused_reason),
    judgedFrom: found.judged_from,
    removedAt: found.removed_at,
  };
}

function pauseOf(at: Instant | null, by: string | null, reason: string | null): Schedule["paused"] {
  return at === null || by === null || reason === null ? null : { at, by, reason };
}

/** A slot of a row of its table. */
export function slotOf(row: unknown): Slot {
  const found = row as Selectable<SlotTable>;
  const { count, outcome, cause } = found;
  return {
    scheduleId: found.schedule_id,
    dueAt: found.due_at,
    untilAt: found.until_at,
    count,
    writtenAt: found.written_at,
    outcome,
    settledAt: found.settled_at,
    taskId: found.task_id,
    cause,
  };
}
