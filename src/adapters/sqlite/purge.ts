import type { Instant } from "../../core/task.ts";
import type { Database } from "./database.ts";
import { unmetOf } from "./dependency-rows.ts";

/**
 * Removes tasks trashed before `before` with all rows that belong to them, and answers their ids,
 * smallest first. A task that another one still waits for stays: restored, it can still be met.
 * Events and the usage ledger stay.
 */
export function purge(database: Database, before: Instant): readonly number[] {
  const trashed = database
    .sql(
      `SELECT id FROM tasks INDEXED BY tasks_trashed
       WHERE trashed_at IS NOT NULL AND trashed_at < ? ORDER BY id DESC`,
    )
    .all(before) as unknown as { id: number }[];
  const purged: number[] = [];
  const spared = new Set<number>();
  // Most wait for an older one, so that newest first hardly any is looked at twice.
  const toPurge = trashed.map(({ id }) => id);
  for (const id of toPurge) {
    const awaited = unmetOf(database, id);
    if (!removeUnlessAwaited(database, id)) {
      spared.add(id);
      continue;
    }
    purged.push(id);
    // What was spared for the sake of this one may go now.
    for (const each of awaited) if (spared.delete(each)) toPurge.push(each);
  }
  const sorted = purged.toSorted((a, b) => a - b);
  const highest = sorted.at(-1);
  if (highest !== undefined) {
    database
      .sql(
        `UPDATE bookkeeping SET value = max(value, ?)
         WHERE name = 'highest_purged_task'`,
      )
      .run(highest);
  }
  return sorted;
}

function removeUnlessAwaited(database: Database, id: number): boolean {
  const removed = database
    .sql(
      `DELETE FROM tasks WHERE id = ? AND NOT EXISTS
         (SELECT 1 FROM dependencies WHERE depends_on = tasks.id AND met_at IS NULL)`,
    )
    .run(id);
  return removed.changes === 1;
}
