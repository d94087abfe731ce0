import type { Condition, Dependency, DependencyFacts } from "../../core/dependency.ts";
import type { Instant, Landing, TaskState } from "../../core/task.ts";
import type { Verdict } from "../../core/verdict.ts";
import type { Database } from "./database.ts";

/** What those who wait for a task judge by; null when there is none of that id. */
export function readDependencyFacts(database: Database, id: number): DependencyFacts | null {
  const found = database
    .sql("SELECT state, verdict, landing, project, trashed_at FROM tasks WHERE id = ?")
    .get(id);
  if (found === undefined) return null;
  const row = found as unknown as {
    readonly state: TaskState;
    readonly verdict: Verdict | null;
    readonly landing: string | null;
    readonly project: string | null;
    readonly trashed_at: Instant | null;
  };
  const { state, verdict, project } = row;
  const landing = row.landing === null ? null : (JSON.parse(row.landing) as Landing);
  return { state, verdict, landing, project, trashedAt: row.trashed_at };
}

/** Writes what a task waits for; `met` are the tasks of which that holds already. */
export function insertDependencies(
  database: Database,
  taskId: number,
  dependsOn: readonly Dependency[],
  met: ReadonlySet<number>,
  at: Instant,
): void {
  for (const { taskId: other, condition } of dependsOn) {
    database
      .sql(
        `INSERT INTO dependencies (task_id, depends_on, condition, met_at, broken_at)
         VALUES (?, ?, ?, ?, NULL)`,
      )
      .run(taskId, other, condition, met.has(other) ? at : null);
  }
}

/** The tasks for which a task waits still. */
export function unmetOf(database: Database, id: number): readonly number[] {
  return database
    .arrays("SELECT depends_on FROM dependencies WHERE task_id = ? AND met_at IS NULL")
    .all(id)
    .map((row) => (row as unknown as [number])[0]);
}

/** Queued tasks that wait for `id` to come to something that is not only its end, smallest id first. */
export function queuedForResultOf(database: Database, id: number): readonly number[] {
  return idsOf(
    database,
    `SELECT task_id FROM dependencies JOIN tasks ON tasks.id = task_id
     WHERE dependencies.depends_on = ? AND condition <> 'finished' AND met_at IS NULL AND tasks.state = 'queued'
     ORDER BY task_id`,
    id,
  );
}

/** Queued tasks that wait for `id` to come to `condition` and are known to wait in vain, or not to. */
export function queuedFor(
  database: Database,
  id: number,
  condition: Condition,
  isBroken: boolean,
): readonly number[] {
  return idsOf(
    database,
    `SELECT task_id FROM dependencies JOIN tasks ON tasks.id = task_id
     WHERE dependencies.depends_on = ? AND condition = ? AND met_at IS NULL
       AND (broken_at IS NOT NULL) = ? AND tasks.state = 'queued'
     ORDER BY task_id`,
    id,
    condition,
    isBroken ? 1 : 0,
  );
}

function idsOf(
  database: Database,
  query: string,
  ...values: readonly (number | string)[]
): readonly number[] {
  return database
    .arrays(query)
    .all(...values)
    .map((row) => (row as unknown as [number])[0]);
}
