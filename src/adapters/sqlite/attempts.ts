import type { Selectable } from "kysely";
import type { Attempt, Step } from "../../core/attempt.ts";
import { attemptStartedEvent, saidEvent, stepEvent } from "../../core/store-events.ts";
import type { Instant, Lease } from "../../core/task.ts";
import type { AttemptPatch, AttemptStore, Message, Renewal } from "../../ports/store.ts";
import { attemptOf, readAttempts, readSteps } from "./attempt-rows.ts";
import type { Calls } from "./calls.ts";
import type { Database } from "./database.ts";
import { insertTaskEvent } from "./events.ts";
import type { AttemptTable, MessageTable } from "./schema.ts";
import { readTask } from "./task-rows.ts";

/** Attempts, their steps and what is said to them. */
export function attemptCalls(database: Database): Calls<AttemptStore> {
  return {
    renew: (taskId, leaseId, expiresAt) =>
      database.write(() => renew(database, taskId, leaseId, expiresAt)),
    update: (taskId, leaseId, patch) =>
      database.write(() => update(database, taskId, leaseId, patch)),
    step: (taskId, leaseId, step) => database.write(() => putStep(database, taskId, leaseId, step)),
    ofTask: (taskId) => database.read(() => readAttempts(database, taskId)),
    running: () => database.read(() => running(database)),
    say: (taskId, at, by, text) => database.write(() => say(database, taskId, at, by, text)),
    takeMessages: (taskId, leaseId) =>
      database.write(() => takeMessages(database, taskId, leaseId)),
  };
}

function renew(database: Database, taskId: number, leaseId: string, expiresAt: Instant): Renewal {
  const row = database
    .sql(
      `UPDATE tasks SET lease_expires_at = ? WHERE id = ? AND lease_id = ?
       RETURNING cancel_requested_at,
         (SELECT count(*) FROM messages WHERE task_id = tasks.id AND read_by IS NULL) AS unread`,
    )
    .get(expiresAt, taskId, leaseId);
  if (row === undefined) return { ok: false };
  const found = row as unknown as { cancel_requested_at: number | null; unread: number };
  return { ok: true, cancelRequested: found.cancel_requested_at !== null, unread: found.unread };
}

/** The number of the attempt that holds this lease; null when the lease is lost. */
function attemptHolding(database: Database, taskId: number, leaseId: string): number | null {
  const row = database
    .sql("SELECT attempt FROM tasks WHERE id = ? AND lease_id = ?")
    .get(taskId, leaseId);
  return (row as { attempt: number } | undefined)?.attempt ?? null;
}

function update(database: Database, taskId: number, leaseId: string, patch: AttemptPatch): boolean {
  const number = attemptHolding(database, taskId, leaseId);
  if (number === null) return false;
  tellStart(database, taskId, number, patch);
  const columns = columnsOf(patch);
  const names = Object.keys(columns);
  if (names.length > 0) {
    database
      .sql(
        `UPDATE attempts SET ${names.map((name) => `${name} = ?`).join(", ")}
         WHERE task_id = ? AND number = ?`,
      )
      .run(...Object.values(columns), taskId, number);
  }
  return true;
}

/** The first time an attempt is said to have started is an event, whatever is said later. */
function tellStart(database: Database, taskId: number, number: number, patch: AttemptPatch): void {
  const { startedAt, ...more } = patch;
  if (startedAt === undefined) return;
  const known = database
    .sql("SELECT 1 FROM attempts WHERE task_id = ? AND number = ? AND started_at IS NOT NULL")
    .get(taskId, number);
  if (known !== undefined) return;
  insertTaskEvent(database, attemptStartedEvent(taskId, number, { startedAt, ...more }));
}

/** Only the columns that the patch names. */
function columnsOf(patch: AttemptPatch): Readonly<Record<string, string | number>> {
  const { model, sessionId, resumed, workspace, process, startedAt, progress, results } = patch;
  return {
    ...(model !== undefined && { model }),
    ...(sessionId !== undefined && { session_id: sessionId }),
    ...(resumed !== undefined && { resumed: resumed ? 1 : 0 }),
    ...(workspace !== undefined && { workspace }),
    ...(process !== undefined && {
      pid: process.pid,
      pid_start_ticks: process.startTicks,
      pid_boot_id: process.bootId,
    }),
    ...(startedAt !== undefined && { started_at: startedAt }),
    ...(progress !== undefined && { progress: JSON.stringify(progress) }),
    ...(results !== undefined && { results }),
  };
}

function putStep(database: Database, taskId: number, leaseId: string, step: Step): boolean {
  const attempt = attemptHolding(database, taskId, leaseId);
  if (attempt === null) return false;
  const { name, startedAt, endedAt, ok, detail } = step;
  database
    .sql(
      `INSERT INTO steps (task_id, attempt, name, started_at, ended_at, ok, detail)
       VALUES (?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (task_id, attempt, name) DO UPDATE SET started_at = excluded.started_at,
         ended_at = excluded.ended_at, ok = excluded.ok, detail = excluded.detail`,
    )
    .run(taskId, attempt, name, startedAt, endedAt, ok === null ? null : Number(ok), detail);
  insertTaskEvent(database, stepEvent(taskId, attempt, step));
  return true;
}

function running(database: Database): readonly { attempt: Attempt; lease: Lease }[] {
  const rows = database
    .sql(
      `SELECT attempts.*, tasks.lease_owner, tasks.lease_expires_at
       FROM tasks INDEXED BY tasks_few
       JOIN attempts ON attempts.task_id = tasks.id AND attempts.number = tasks.attempt
       WHERE tasks.state = 'running' AND tasks.trashed_at IS NULL ORDER BY tasks.id`,
    )
    .all() as unknown as (Selectable<AttemptTable> & {
    lease_owner: string;
    lease_expires_at: number;
  })[];
  return rows.map((row) => ({
    attempt: attemptOf(row, readSteps(database, row.task_id, row.number)),
    lease: { id: row.lease_id, owner: row.lease_owner, expiresAt: row.lease_expires_at },
  }));
}

function say(database: Database, taskId: number, at: Instant, by: string, text: string): Message {
  const task = readTask(database, taskId);
  if (task === null) throw new Error(`There is no task ${taskId} to say something to.`);
  const inserted = database
    .sql("INSERT INTO messages (task_id, at, by, text) VALUES (?, ?, ?, ?)")
    .run(taskId, at, by, text);
  const message = { id: Number(inserted.lastInsertRowid), taskId, at, by, text };
  insertTaskEvent(database, saidEvent(task, message));
  return message;
}

function takeMessages(database: Database, taskId: number, leaseId: string): readonly Message[] {
  const attempt = attemptHolding(database, taskId, leaseId);
  if (attempt === null) return [];
  const rows = database
    .sql("SELECT * FROM messages WHERE task_id = ? AND read_by IS NULL ORDER BY id")
    .all(taskId) as unknown as Selectable<MessageTable>[];
  if (rows.length === 0) return [];
  database
    .sql("UPDATE messages SET read_by = ? WHERE task_id = ? AND read_by IS NULL")
    .run(attempt, taskId);
  return rows.map(({ id, at, by, text }) => ({ id, taskId, at, by, text }));
}
