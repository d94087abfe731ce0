import { bookkeepingOf } from "../../core/bookkeeping.ts";
import { applyChange } from "../../core/lifecycle.ts";
import { type FullQueue, shedding } from "../../core/queue.ts";
import type { Instant, Source } from "../../core/task.ts";
import type { Database } from "./database.ts";
import { insertEvents } from "./events.ts";
import { ASIDE, IN_LANES } from "./room.ts";
import { readTask, updateTask } from "./task-rows.ts";

/** Lanes begin with the kind. */
const GENERATED_IN_LANES = `${IN_LANES} AND lane >= 'generated|' AND lane < 'generated}'`;

/**
 * Cancels the newest queued generated task of what is full; false when there is none. Within the
 * caller's transaction. Loaded only for a queue that is full: it needs the whole state machine.
 */
export function shed(database: Database, full: FullQueue, at: Instant): boolean {
  const id = newestGenerated(database, full.source);
  const task = id === null ? null : readTask(database, id);
  if (task === null) return false;
  const change = { type: "cancel", at, ...shedding(full) } as const;
  const changed = applyChange(task, change);
  if (!changed.ok) return false;
  const lastEvent = insertEvents(database, bookkeepingOf(task, change, changed).events);
  updateTask(database, changed.task, at, lastEvent);
  return true;
}

function newestGenerated(database: Database, source: Source | null): number | null {
  const row = database
    .sql(
      `SELECT max(id) AS id FROM (
         SELECT max(id) AS id FROM ${GENERATED_IN_LANES} AND (?1 IS NULL OR source = ?1)
         UNION ALL
         SELECT max(id) FROM ${ASIDE} AND kind = 'generated' AND (?1 IS NULL OR source = ?1))`,
    )
    .get(source);
  return (row as unknown as { id: number | null }).id;
}
