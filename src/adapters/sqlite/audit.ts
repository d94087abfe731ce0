import type {
  AttemptBook,
  Books,
  EffectBook,
  MessageBook,
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
  const all = (sql: string): unknown => database.sql(sql).all();
  const number = (sql: string): number => (all(sql) as [{ readonly n: number | null }])[0].n ?? 0;
  return {
    schedules: (
      all("SELECT id, name, removed_at IS NOT NULL AS removed FROM schedules ORDER BY id") as {
        id: number;
        name: string;
        removed: number;
      }[]
    ).map(({ id, name, removed }) => ({ id, name, isRemoved: removed === 1 })),
    slots: (
      all(
        `SELECT schedule_id AS scheduleId, due_at AS dueAt, until_at AS untilAt, count, outcome,
         task_id AS taskId
       FROM slots ORDER BY schedule_id, due_at`,
      ) as SlotBook[]
    ).map(plain),
    tasks: readTasks(database),
    attempts: (
      all(
        `SELECT task_id AS taskId, number, lease_id AS leaseId, outcome ->> 'type' AS outcome
       FROM attempts ORDER BY task_id, number`,
      ) as AttemptBook[]
    ).map(plain),
    effects: (
      all(
        `SELECT key, task_id AS taskId, kind, intended_at AS intendedAt,
         done_at IS NOT NULL AS done
       FROM effects ORDER BY intended_at, key`,
      ) as (Omit<EffectBook, "isDone"> & { readonly done: number })[]
    ).map(({ key, taskId, kind, intendedAt, done }) => ({
      key,
      taskId,
      kind,
      intendedAt,
      isDone: done === 1,
    })),
    messages: all<MessageBook>(
      "SELECT id, task_id AS taskId, read_by AS readBy FROM messages ORDER BY id",
    ).map(plain),
    cursors: all<Books["cursors"][number]>("SELECT name, seq FROM cursors ORDER BY name").map(
      plain,
    ),
    lastSeq: number("SELECT max(seq) AS n FROM events"),
    highestTaskId: number(
      `SELECT max(coalesce((SELECT max(id) FROM tasks), 0), value) AS n
       FROM bookkeeping WHERE name = 'highest_purged_task'`,
    ),
  };
}

/** An object like any other: rows have no prototype. */
function plain<Row extends object>(row: Row): Row {
  return Object.assign({}, row);
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
