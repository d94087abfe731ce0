import type { Instant } from "../../core/task.ts";
import type { Database } from "./database.ts";

/**
 * Removes tasks trashed before `before` with all rows that belong to them, and answers their ids,
 * smallest first. A task that another one still waits for stays: restored, it can still be met.
 * Events and the usage ledger stay.
 */
export function purge(database: Database, before: Instant): readonly number[] {
  // Newest first: what waits for a task has a higher id, so a purged dependent frees it here.
  const trashed = database
    .sql(
      `SELECT id FROM tasks INDEXED BY tasks_trashed
       WHERE trashed_at IS NOT NULL AND trashed_at < ? ORDER BY id DESC`,
    )
    .all(before) as unknown as { id: number }[];
  const purged = trashed.map(({ id }) => id).filter((id) => removeUnlessAwaited(database, id));
  const highest = purged[0];
  if (highest !== undefined) {
    database
      .sql(
        `UPDATE bookkeeping SET value = max(value, ?)
         WHERE name = 'highest_purged_task'`,
      )
      .run(highest);
  }
  return purged.toReversed();
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
