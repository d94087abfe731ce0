import { BEHIND_MAX, type Blocked } from "../../ports/dependency-store.ts";
import { WAITING_NAMED_MAX } from "../../core/dependents.ts";
import type { Database } from "./database.ts";

/** So far up what a task waits for is followed. */
const UP_MAX = 20_000;

/** Walks from a task up to all that it waits for, over others, and finds the first of them that is stuck. */
export const STUCK_BEHIND: string = `
  WITH RECURSIVE up (id) AS (
    SELECT ?1
    UNION
    SELECT dependencies.depends_on FROM up CROSS JOIN dependencies
    WHERE dependencies.task_id = up.id AND dependencies.met_at IS NULL
    LIMIT ${UP_MAX}
  )
  SELECT min(up.id) AS id FROM up CROSS JOIN tasks
  WHERE tasks.id = up.id AND up.id <> ?1 AND tasks.state = 'queued' AND EXISTS
    (SELECT 1 FROM dependencies WHERE task_id = up.id AND broken_at IS NOT NULL)`;

/** Walks from those who wait for a task to all that wait behind them, and counts them. */
export const BEHIND: string = `
  WITH RECURSIVE behind (id) AS (
    SELECT further.task_id FROM dependencies AS direct INDEXED BY dependencies_broken
      CROSS JOIN dependencies AS further
    WHERE direct.depends_on = ?1 AND direct.broken_at IS NOT NULL
      AND further.depends_on = direct.task_id AND further.met_at IS NULL
    UNION
    SELECT dependencies.task_id FROM behind CROSS JOIN dependencies
    WHERE dependencies.depends_on = behind.id AND dependencies.met_at IS NULL
    LIMIT ${BEHIND_MAX}
  )
  SELECT count(*) AS number FROM behind CROSS JOIN tasks
  WHERE tasks.id = behind.id AND tasks.state = 'queued' AND NOT EXISTS
    (SELECT 1 FROM dependencies
     WHERE task_id = behind.id AND dependencies.depends_on = ?1 AND broken_at IS NOT NULL)`;

/** The first task up there that cannot start any more; null when all can. */
export function stuckBehind(database: Database, id: number): number | null {
  const row = database.sql(STUCK_BEHIND).get(id);
  return (row as unknown as { id: number | null }).id;
}

/** Tasks for which queued ones wait in vain, the newest first. */
export function readBlocked(database: Database, limit: number): readonly Blocked[] {
  const rows = database
    .sql(
      `SELECT dependencies.depends_on AS id, count(*) AS count
       FROM dependencies INDEXED BY dependencies_broken CROSS JOIN tasks
       WHERE broken_at IS NOT NULL AND tasks.id = task_id AND tasks.state = 'queued'
       GROUP BY dependencies.depends_on ORDER BY dependencies.depends_on DESC LIMIT ?`,
    )
    .all(limit) as unknown as readonly { readonly id: number; readonly count: number }[];
  return rows.map(({ id, count }) => {
    const behind = database.sql(BEHIND).get(id) as unknown as { number: number };
    return { taskId: id, waiting: firstWaiting(database, id), count, behind: behind.number };
  });
}

function firstWaiting(database: Database, id: number): readonly number[] {
  return database
    .arrays(
      `SELECT task_id FROM dependencies INDEXED BY dependencies_broken CROSS JOIN tasks
       WHERE dependencies.depends_on = ? AND broken_at IS NOT NULL AND tasks.id = task_id
         AND tasks.state = 'queued'
       ORDER BY task_id LIMIT ${WAITING_NAMED_MAX}`,
    )
    .all(id)
    .map((row) => (row as unknown as [number])[0]);
}
