import {
  type FullQueue,
  fullQueue,
  type QueueFill,
  type QueueLimits,
  sourceMax,
} from "../../core/queue.ts";
import type { Source } from "../../core/task.ts";
import type { Database } from "./database.ts";

/** Both parts of the queue, each in its index. */
export const IN_LANES = "tasks INDEXED BY tasks_in_lanes WHERE state = 'queued' AND ready = 1";
/** Those that wait for a time or for others. */
export const ASIDE = "tasks INDEXED BY tasks_aside WHERE state = 'queued' AND ready = 0";

/** What has no room for `more` tasks by a way in; null when there is room. Within the caller's transaction. */
export function whatIsFull(
  database: Database,
  source: Source,
  limits: QueueLimits,
  more = 1,
): FullQueue | null {
  return fullQueue(
    limits,
    source,
    readFill(database, source, sourceMax(limits, source) - more),
    more,
  );
}

/** Those of one way in are counted only where there could be too many of them. */
function readFill(database: Database, source: Source, most: number): QueueFill {
  const all = count(database, "");
  if (all <= most) return { all, ofSource: all };
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
