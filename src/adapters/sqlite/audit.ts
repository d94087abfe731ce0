import type {
  AttemptBook,
  Books,
  EffectBook,
  MessageBook,
  ScheduleBook,
  SlotBook,
  TaskBook,
} from "../../core/books.ts";
import type { EventType } from "../../core/event.ts";
import type { AuditStore } from "../../ports/audit-store.ts";
import type { Calls } from "./calls.ts";
import type { Database } from "./database.ts";

/** Reads the books for an audit, all in one snapshot. */
export function auditCalls(database: Database): Calls<AuditStore> {
  return { books: () => database.read(() => readBooks(database)) };
}

function readBooks(database: Database): Books {
  const all = (query: string): readonly unknown[] => database.sql(query).all();
  return {
    schedules: all(SCHEDULES).map((row) => flagged(row, "isRemoved") as ScheduleBook),
    slots: all(SLOTS).map((row) => plain(row) as SlotBook),
    tasks: readTasks(database),
    attempts: all(ATTEMPTS).map((row) => plain(row) as AttemptBook),
    effects: all(EFFECTS).map((row) => flagged(row, "isDone") as EffectBook),
    messages: all(MESSAGES).map((row) => plain(row) as MessageBook),
    cursors: all(CURSORS).map((row) => plain(row) as Books["cursors"][number]),
    ...(plain(all(HIGHEST)[0]) as Pick<Books, "lastSeq" | "highestTaskId">),
  };
}

const SCHEDULES = `
  SELECT id, name, removed_at IS NOT NULL AS isRemoved FROM schedules ORDER BY id`;
const SLOTS = `
  SELECT schedule_id AS scheduleId, due_at AS dueAt, until_at AS untilAt, count, outcome,
    task_id AS taskId
  FROM slots ORDER BY schedule_id, due_at`;
const ATTEMPTS = `
  SELECT task_id AS taskId, number, lease_id AS leaseId, outcome ->> 'type' AS outcome
  FROM attempts ORDER BY task_id, number`;
const EFFECTS = `
  SELECT key, task_id AS taskId, attempt, kind, intended_at AS intendedAt, done_at IS NOT NULL AS isDone
  FROM effects ORDER BY intended_at, key`;
const MESSAGES = `SELECT id, task_id AS taskId, read_by AS readBy FROM messages ORDER BY id`;
const CURSORS = `SELECT name, seq FROM cursors ORDER BY name`;
const HIGHEST = `
  SELECT (SELECT coalesce(max(seq), 0) FROM events) AS lastSeq,
    max(coalesce((SELECT max(id) FROM tasks), 0), value) AS highestTaskId
  FROM bookkeeping WHERE name = 'highest_purged_task'`;

/** An object like any other: rows have no prototype. */
function plain(row: unknown): object {
  return Object.assign({}, row);
}

/** The database knows no truth values. */
function flagged(row: unknown, name: string): object {
  return Object.assign({}, row, { [name]: (row as Record<string, unknown>)[name] === 1 });
}

function readTasks(database: Database): readonly TaskBook[] {
  const events = new Map<number, EventType[]>();
  const told = database.arrays(
    "SELECT task_id, type FROM events WHERE task_id IS NOT NULL AND type LIKE 'task.%' ORDER BY seq",
  );
  for (const row of told.iterate()) {
    const [taskId, type] = row as unknown as [number, EventType];
    const own = events.get(taskId);
    if (own === undefined) events.set(taskId, [type]);
    else own.push(type);
  }
  const rows = database
    .sql(
      `SELECT id, state, source, lease_id AS leaseId, attempt, attempts_used AS attemptsUsed,
         attempts_max AS attemptsMax, failure
       FROM tasks ORDER BY id`,
    )
    .all() as unknown as Omit<TaskBook, "events">[];
  return rows.map((row) => Object.assign({}, row, { events: events.get(row.id) ?? [] }));
}
