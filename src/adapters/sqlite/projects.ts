import type { Selectable } from "kysely";
import type { Check } from "../../core/check.ts";
import type { Project, ProjectPatch } from "../../core/project.ts";
import {
  projectAddedEvent,
  projectChangedEvent,
  projectRemovedEvent,
} from "../../core/store-events.ts";
import type { Instant } from "../../core/task.ts";
import type { ProjectStore } from "../../ports/store.ts";
import type { Calls } from "./calls.ts";
import type { Database } from "./database.ts";
import { insertEvents } from "./events.ts";
import type { ProjectTable } from "./schema.ts";
import { budgetOf } from "./task-rows.ts";

/** Places of work. */
export function projectCalls(database: Database): Calls<ProjectStore> {
  return {
    add: (project) => database.write(() => add(database, project)),
    get: (name) => {
      const row = database.sql("SELECT * FROM projects WHERE name = ?").get(name);
      return row === undefined ? null : projectOf(row);
    },
    list: () => database.sql("SELECT * FROM projects ORDER BY name").all().map(projectOf),
    change: (name, patch, at) => database.write(() => change(database, name, patch, at)),
    remove: (name, at) => database.write(() => remove(database, name, at)),
  };
}

function add(database: Database, project: Project): boolean {
  const { name, location, base, parallelMax, budget, checks, createdAt } = project;
  const budgets = [budget?.usd ?? null, budget?.tokens ?? null];
  const inserted = database
    .sql(
      `INSERT INTO projects
         (name, location, base, parallel_max, budget_usd, budget_tokens, checks, created_at)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (name) DO NOTHING`,
    )
    .run(name, location, base, parallelMax, ...budgets, JSON.stringify(checks), createdAt);
  if (inserted.changes === 0) return false;
  insertEvents(database, [projectAddedEvent(project)]);
  return true;
}

function change(database: Database, name: string, patch: ProjectPatch, at: Instant): boolean {
  const row = database.sql("SELECT * FROM projects WHERE name = ?").get(name);
  if (row === undefined) return false;
  const { parallelMax, budget } = { ...projectOf(row), ...patch };
  database
    .sql("UPDATE projects SET parallel_max = ?, budget_usd = ?, budget_tokens = ? WHERE name = ?")
    .run(parallelMax, budget?.usd ?? null, budget?.tokens ?? null, name);
  insertEvents(database, [projectChangedEvent(name, patch, at)]);
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
  const { name, location, base, ...more } = row as Selectable<ProjectTable>;
  const { parallel_max, budget_usd, budget_tokens, checks, created_at } = more;
  return {
    name,
    location,
    base,
    parallelMax: parallel_max,
    budget: budgetOf(budget_usd, budget_tokens),
    checks: JSON.parse(checks) as Check[],
    createdAt: created_at,
  };
}
