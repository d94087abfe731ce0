import { newTask, queuedEvent } from "../../core/new-task.ts";
import type { TaskState } from "../../core/task.ts";
import type { Inserted, NewTask } from "../../ports/store.ts";
import type { Calls, IntakeStore } from "./calls.ts";
import type { Database } from "./database.ts";
import { insertEvents } from "./events.ts";
import { insertTask, readTask } from "./task-rows.ts";

/** Adding tasks. */
export function intakeCalls(database: Database): Calls<IntakeStore> {
  return {
    insert: (task) => database.write(() => insert(database, task)),
    get: (id) => readTask(database, id),
  };
}

/** Stores a task with what it waits for and its event, within the caller's transaction. */
export function insert(database: Database, asked: NewTask): Inserted {
  const { project } = asked;
  if (project !== null && !hasProject(database, project)) {
    return { ok: false, refusal: { reason: "unknown-project", project } };
  }
  const states = new Map(asked.dependsOn.map((id) => [id, stateOf(database, id)]));
  for (const [taskId, state] of states) {
    if (state === null) return { ok: false, refusal: { reason: "unknown-dependency", taskId } };
  }
  const unmet = [...states.values()].filter((state) => state !== "succeeded").length;
  const task = newTask(nextTaskId(database), asked, unmet);
  const lastEvent = insertEvents(database, [queuedEvent(task, asked.by)]);
  insertTask(database, task, lastEvent);
  for (const [dependsOn, state] of states) {
    database
      .sql("INSERT INTO dependencies (task_id, depends_on, met_at) VALUES (?, ?, ?)")
      .run(task.id, dependsOn, state === "succeeded" ? asked.at : null);
  }
  return { ok: true, task };
}

function hasProject(database: Database, name: string): boolean {
  return database.sql("SELECT 1 FROM projects WHERE name = ?").get(name) !== undefined;
}

function stateOf(database: Database, id: number): TaskState | null {
  const row = database.sql("SELECT state FROM tasks WHERE id = ?").get(id);
  return (row as { state: TaskState } | undefined)?.state ?? null;
}

/** Ids only grow, also past those that were purged: events name them for ever. */
function nextTaskId(database: Database): number {
  const row = database
    .sql(
      `SELECT 1 + max(coalesce((SELECT max(id) FROM tasks), 0), value) AS id
       FROM bookkeeping WHERE name = 'highest_purged_task'`,
    )
    .get();
  return (row as unknown as { id: number }).id;
}
