import { bookkeepingOf } from "../../core/bookkeeping.ts";
import { applyChange } from "../../core/lifecycle.ts";
import {
  type FullQueue,
  fullQueue,
  makesRoom,
  type QueueFill,
  type QueueLimits,
  shedding,
  sourceMax,
} from "../../core/queue.ts";
import type { Source } from "../../core/task.ts";
import type { NewTask } from "../../ports/store.ts";
import type { Database } from "./database.ts";
import { insertEvents } from "./events.ts";
import { readTask, updateTask } from "./task-rows.ts";

/** Both parts of the queue, each in its index; lanes begin with the kind. */
const IN_LANES = "tasks INDEXED BY tasks_in_lanes WHERE state = 'queued' AND ready = 1";
const ASIDE = "tasks INDEXED BY tasks_aside WHERE state = 'queued' AND ready = 0";
const GENERATED_IN_LANES = `${IN_LANES} AND lane >= 'generated|' AND lane < 'generated}'`;

/** Makes room for one more task; what is full where none can be made. Within the caller's transaction. */
export function makeRoom(
  database: Database,
  { source, kind, at }: NewTask,
  limits: QueueLimits,
): FullQueue | null {
  const full = fullQueue(limits, source, readFill(database, source, limits));
  if (full === null || !makesRoom(kind)) return full;
  const id = newestGenerated(database, full.source);
  const shed = id === null ? null : readTask(database, id);
  if (shed === null) return full;
  const change = { type: "cancel", at, ...shedding(full) } as const;
  const changed = applyChange(shed, change);
  if (!changed.ok) return full;
  const lastEvent = insertEvents(database, bookkeepingOf(shed, change, changed).events);
  updateTask(database, changed.task, at, lastEvent);
  return null;
}

/** Those of one way in are counted only where there could be too many of them. */
function readFill(database: Database, source: Source, limits: QueueLimits): QueueFill {
  const all = count(database, "");
  if (all < sourceMax(limits, source)) return { all, ofSource: all };
  return { all, ofSource: count(database, "AND source = ?1", source) };
}

function count(database: Database, condition: string, ...values: readonly string[]): number {
  const row = database
    .sql(
      `SELECT (SELECT count(*) FROM ${IN_LANES} ${condition})
         + (SELECT count(*) FROM ${ASIDE} ${condition}) AS queued`,
    )
    .get(...values);
  return (row as unknown as { queued: number }).queued;
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
