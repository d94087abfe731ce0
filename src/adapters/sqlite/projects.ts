import type { Selectable } from "kysely";
import type { Check } from "../../core/check.ts";
import type { Project } from "../../core/project.ts";
import { projectAddedEvent, projectRemovedEvent } from "../../core/store-events.ts";
import type { Instant } from "../../core/task.ts";
import type { ProjectStore } from "../../ports/store.ts";
import type { Calls } from "./calls.ts";
import type { Database } from "./database.ts";
import { insertEvents } from "./events.ts";
import type { ProjectTable } from "./schema.ts";

/** Places of work. */
export function projectCalls(database: Database): Calls<ProjectStore> {
  return {
    add: (project) => database.write(() => add(database, project)),
    get: (name) => {
      const row = database.sql("SELECT * FROM projects WHERE name = ?").get(name);
      return row === undefined ? null : projectOf(row);
    },
    list: () => database.sql("SELECT * FROM projects ORDER BY name").all().map(projectOf),
    remove: (name, at) => database.write(() => remove(database, name, at)),
  };
}

function add(database: Database, project: Project): boolean {
  const { name, location, base, parallelMax, checks, createdAt } = project;
  const inserted = database
    .sql(
      `INSERT INTO projects (name, location, base, parallel_max, checks, created_at)
       VALUES (?, ?, ?, ?, ?, ?)
       ON CONFLICT (name) DO NOTHING`,
    )
    .run(name, location, base, parallelMax, JSON.stringify(checks), createdAt);
  if (inserted.changes === 0) return false;
  insertEvents(database, [projectAddedEvent(project)]);
  return true;
}

function remove(database: Database, name: string, at: Instant): "removed" | "unknown" | "in-use" {
  if (isInUse(database, name)) return "in-use";
  const removed = database.sql("DELETE FROM projects WHERE name = ?").run(name);
  if (removed.changes === 0) return "unknown";
  insertEvents(database, [projectRemovedEvent(name, at)]);
  return "removed";
}

function isInUse(database: Database, name: string): boolean {
  const found = database
    .sql(
      `SELECT 1 FROM tasks INDEXED BY tasks_by_project
       WHERE project = ? AND state IN ('queued', 'running', 'waiting') LIMIT 1`,
    )
    .get(name);
  return found !== undefined;
}

function projectOf(row: unknown): Project {
  const { parallel_max, checks, created_at, ...same } = row as Selectable<ProjectTable>;
  return {
    ...same,
    parallelMax: parallel_max,
    checks: JSON.parse(checks) as Check[],
    createdAt: created_at,
  };
}
