import type { Selectable } from "kysely";
import { ADMISSION_DEFAULT } from "../../core/admission.ts";
import type { SpendingSince } from "../../core/budget.ts";
import type { Admission, RunningTask, StoredFacts } from "../../core/hold.ts";
import type { QuotaWindow } from "../../core/quota.ts";
import type { Database } from "./database.ts";
import type { QuotaWindowTable } from "./schema.ts";
import { readSpending } from "./spending.ts";
import { listOfJson } from "./task-rows.ts";

/** What admission judges by, for any task; within the caller's transaction. */
export function readFacts(database: Database, since: SpendingSince): StoredFacts {
  const projects = database
    .sql("SELECT name, parallel_max FROM projects ORDER BY name")
    .all() as unknown as { name: string; parallel_max: number }[];
  return {
    admission: readAdmission(database),
    running: readRunning(database),
    quotaWindows: readWindows(database),
    projectParallelMax: Object.fromEntries(
      projects.map(({ name, parallel_max: max }) => [name, max]),
    ),
    ...readSpending(database, since),
  };
}

/** Whether new work may start. */
export function readAdmission(database: Database): Admission {
  const row = database.sql("SELECT mode, until, by FROM admission").get();
  if (row === undefined) return ADMISSION_DEFAULT;
  const { mode, until, by } = row as unknown as Admission;
  return { mode, until, by };
}

/** Every running task, by id. */
export function readRunning(database: Database): readonly RunningTask[] {
  return database
    .sql(
      `SELECT tasks.id, tasks.project, tasks.kind, tasks.model, tasks.touches, attempts.executor,
         attempts.admitted_at AS admittedAt
       FROM tasks INDEXED BY tasks_few
       JOIN attempts ON attempts.task_id = tasks.id AND attempts.number = tasks.attempt
       WHERE tasks.state = 'running' AND tasks.trashed_at IS NULL ORDER BY tasks.id`,
    )
    .all()
    .map((row) => {
      const { id, project, kind, executor, model, admittedAt } = row as unknown as RunningTask;
      const touches = listOfJson(String(row["touches"])) as string[];
      return { id, project, kind, executor, model, admittedAt, touches };
    });
}

/** How many tasks of the project may run at once; null when there is none of that name. */
export function readProjectMax(database: Database, name: string): number | null {
  const row = database.sql("SELECT parallel_max FROM projects WHERE name = ?").get(name);
  return (row as { parallel_max: number } | undefined)?.parallel_max ?? null;
}

/** Every quota window, by provider and name. */
export function readWindows(database: Database): readonly QuotaWindow[] {
  return database
    .sql("SELECT * FROM quota_windows ORDER BY provider, window")
    .all()
    .map((row) => windowOf(row as unknown as Selectable<QuotaWindowTable>));
}

/** The window of a row. */
export function windowOf(row: Selectable<QuotaWindowTable>): QuotaWindow {
  return {
    provider: row.provider,
    window: row.window,
    used: row.used,
    resetsAt: row.resets_at,
    status: row.status,
    source: row.source,
    observedAt: row.observed_at,
  };
}
