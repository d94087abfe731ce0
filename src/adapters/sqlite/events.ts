import type { Selectable } from "kysely";
import type { Event, EventData, EventType, NewEvent } from "../../core/event.ts";
import type { EventStore } from "../../ports/store.ts";
import type { Calls } from "./calls.ts";
import type { Database } from "./database.ts";
import type { EventTable } from "./schema.ts";

const INSERT = `INSERT INTO events (at, type, task_id, attempt, data, previous)
  VALUES (?, ?, ?, ?, ?, coalesce(?, (SELECT last_event FROM tasks WHERE id = ?)))`;

/**
 * Writes events of one task, or of none, in their order, within the caller's transaction. Answers
 * the number of the last one, which the caller writes to the task's row; null when there was none.
 */
export function insertEvents(database: Database, events: readonly NewEvent[]): number | null {
  let last: number | null = null;
  for (const event of events) last = insertEvent(database, event, last);
  return last;
}

/** As `insertEvents`, for one event beside which the task's row is not written. */
export function insertTaskEvent(database: Database, event: NewEvent): number {
  const seq = insertEvent(database, event, null);
  database.sql("UPDATE tasks SET last_event = ? WHERE id = ?").run(seq, event.taskId);
  return seq;
}

/** The log and its cursors. */
export function eventCalls(database: Database): Calls<EventStore> {
  return {
    append: (event) =>
      database.write(() => {
        const seq = insertTaskEvent(database, event);
        const { type, at, taskId, attempt, data } = event;
        return { seq, type, at, taskId, attempt, data };
      }),
    after: (seq, limit, filter = {}) =>
      database.read(() => readAfter(database, seq, limit, filter)),
    lastSeq: () => {
      const row = database.sql("SELECT max(seq) AS seq FROM events").get();
      return (row as { seq: number | null } | undefined)?.seq ?? 0;
    },
    cursor: (name) => {
      const row = database.sql("SELECT seq FROM cursors WHERE name = ?").get(name);
      return (row as { seq: number } | undefined)?.seq ?? 0;
    },
    moveCursor: (name, seq) => {
      database.write(() =>
        database
          .sql(
            `INSERT INTO cursors (name, seq) VALUES (?, ?)
             ON CONFLICT (name) DO UPDATE SET seq = excluded.seq WHERE excluded.seq > seq`,
          )
          .run(name, seq),
      );
    },
  };
}

function insertEvent(database: Database, event: NewEvent, previous: number | null): number {
  const { at, type, taskId, attempt, data } = event;
  const inserted = database
    .sql(INSERT)
    .run(at, type, taskId, attempt, JSON.stringify(data), previous, taskId);
  return Number(inserted.lastInsertRowid);
}

/** Walks the chain of a task's events from the newest back to `seq`. */
export const CHAIN: string = `
  WITH RECURSIVE chain (seq, previous) AS (
    SELECT seq, previous FROM events
    WHERE seq = (SELECT last_event FROM tasks WHERE id = ?) AND seq > ?
    UNION ALL
    SELECT events.seq, events.previous FROM chain CROSS JOIN events
    WHERE events.seq = chain.previous AND events.seq > ?
  )`;

function readAfter(
  database: Database,
  seq: number,
  limit: number,
  filter: { readonly taskId?: number; readonly types?: readonly EventType[] },
): readonly Event[] {
  const { taskId, types } = filter;
  const ofType = types === undefined ? "" : "AND type IN (SELECT value FROM json_each(?))";
  const typeValues = types === undefined ? [] : [JSON.stringify(types)];
  const [query, values] =
    taskId === undefined
      ? ["SELECT * FROM events WHERE seq > ?", [seq]]
      : hasTask(database, taskId)
        ? [`${CHAIN} SELECT * FROM events WHERE seq IN (SELECT seq FROM chain)`, [taskId, seq, seq]]
        : ["SELECT * FROM events WHERE task_id = ? AND seq > ?", [taskId, seq]];
  return database
    .sql(`${query} ${ofType} ORDER BY seq LIMIT ?`)
    .all(...values, ...typeValues, limit)
    .map((row) => eventOf(row as unknown as Selectable<EventTable>));
}

/** What was purged has no newest event to begin at: its events are looked for among all. */
function hasTask(database: Database, id: number): boolean {
  return database.sql("SELECT 1 FROM tasks WHERE id = ?").get(id) !== undefined;
}

function eventOf(row: Selectable<EventTable>): Event {
  return {
    seq: row.seq,
    type: row.type as EventType,
    at: row.at,
    taskId: row.task_id,
    attempt: row.attempt,
    data: JSON.parse(row.data) as EventData,
  };
}
