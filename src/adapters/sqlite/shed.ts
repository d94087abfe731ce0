import { makesRoom, type FullQueue, type QueueLimits, shedding } from "../../core/queue.ts";
import type { Inserted, NewTask } from "../../ports/store.ts";
import type { Database } from "./database.ts";
import { settleDependents } from "./dependents.ts";
import { insert } from "./intake.ts";
import { ASIDE, IN_LANES } from "./room.ts";
import { storeChange } from "./store-change.ts";
import { readTask } from "./task-rows.ts";

/** Lanes begin with the kind. */
const GENERATED_IN_LANES = `${IN_LANES} AND lane >= 'generated|' AND lane < 'generated}'`;

/**
 * As `insert`, but where there is no room, the newest queued generated task is cancelled for any other.
 * Within the caller's transaction. Loaded only where it is needed: it needs the whole state machine.
 */
export function insertShedding(database: Database, asked: NewTask, limits?: QueueLimits): Inserted {
  const inserted = insert(database, asked, limits);
  if (inserted.ok || inserted.refusal.reason !== "queue-full") return inserted;
  if (!makesRoom(asked.kind) || !shed(database, inserted.refusal, asked)) return inserted;
  return insert(database, asked);
}

/** False when there is none; one that the newcomer waits for stays. */
function shed(database: Database, full: FullQueue, { at, dependsOn }: NewTask): boolean {
  const spared = dependsOn.map(({ taskId }) => taskId);
  const id = newestGenerated(database, full.source, spared);
  const task = id === null ? null : readTask(database, id);
  if (task === null) return false;
  const change = { type: "cancel", at, ...shedding(full) } as const;
  const { changed, concernsDependents } = storeChange(database, task, change);
  if (concernsDependents) settleDependents(database, task.id, at);
  return changed.ok;
}

function newestGenerated(
  database: Database,
  source: string | null,
  spared: readonly number[],
): number | null {
  const rest = "AND (?1 IS NULL OR source = ?1) AND id NOT IN (SELECT value FROM json_each(?2))";
  const row = database
    .sql(
      `SELECT max(id) AS id FROM (
         SELECT max(id) AS id FROM ${GENERATED_IN_LANES} ${rest}
         UNION ALL
         SELECT max(id) FROM ${ASIDE} AND kind = 'generated' ${rest})`,
    )
    .get(source, JSON.stringify(spared));
  return (row as unknown as { id: number | null }).id;
}
