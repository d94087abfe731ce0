import { DatabaseSync } from "node:sqlite";
import { openSqliteStore } from "../src/adapters/sqlite/open.ts";

/** Lanes that the queued tasks are spread over. */
export const FILLED_PROJECTS = 100;
/** When the oldest of them was queued. */
export const FILLED_AT: number = Date.UTC(2027, 0, 15, 22);

/** Makes a database with `count` queued tasks and their events at `path`, by one bulk insert. */
export async function fill(path: string, count: number): Promise<void> {
  const store = await openSqliteStore({ path, mode: "direct" });
  for (let project = 0; project < FILLED_PROJECTS; project += 1) {
    const name = `project-${project}`;
    await store.projects.add({
      name,
      location: "/",
      base: null,
      parallelMax: 1000,
      budget: null,
      checks: [],
      createdAt: FILLED_AT,
    });
  }
  await store[Symbol.asyncDispose]();
  const db = new DatabaseSync(path);
  db.exec(`
    PRAGMA synchronous = OFF; PRAGMA cache_size = -200000;
    BEGIN;
    CREATE TEMP TABLE numbers AS
      WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${count})
      SELECT i FROM n;
    INSERT INTO tasks (version, state, kind, priority, source, project, attempts_max,
        attempts_used, attempt, unmet_dependencies, ready, lane, order_key, created_at, updated_at,
        last_event, depends_on, notes, text)
      SELECT 1, 'queued', 'serious', 'normal', 'cli', 'project-' || (i % ${FILLED_PROJECTS}), 3, 0, 0, 0, 1,
        'serious|project-' || (i % ${FILLED_PROJECTS}) || '||', ${FILLED_AT} + i, ${FILLED_AT} + i,
        ${FILLED_AT} + i, i + ${FILLED_PROJECTS}, '[]', '[]', 'Do the thing number ' || i || ' as the issue describes it.'
      FROM numbers;
    INSERT INTO events (seq, at, type, task_id, data)
      SELECT i + ${FILLED_PROJECTS}, ${FILLED_AT} + i, 'task.queued', i,
        '{"by":"ann","kind":"serious","priority":"normal","source":"cli"}' FROM numbers;
    COMMIT;
    PRAGMA wal_checkpoint(TRUNCATE)`);
  db.close();
}
