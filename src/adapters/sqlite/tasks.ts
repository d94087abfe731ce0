import { bookkeepingOf } from "../../core/bookkeeping.ts";
import type { Change, Changed } from "../../core/change.ts";
import { applyChange } from "../../core/lifecycle.ts";
import type { Instant, TaskState } from "../../core/task.ts";
import { endAttempt } from "./attempt-rows.ts";
import type { Calls, Parts } from "./calls.ts";
import type { Database } from "./database.ts";
import { insertEvents } from "./events.ts";
import { listTasks } from "./list.ts";
import { purge } from "./purge.ts";
import { readTask, updateTask } from "./task-rows.ts";

/** What is done with tasks once they are there, but for their claims. */
export function taskCalls(database: Database): Calls<Parts["tasks"]> {
  return {
    list: (filter, page) => database.read(() => listTasks(database, filter, page)),
    counts: () => database.read(() => counts(database)),
    change: (id, change) => database.write(() => applyAndStore(database, id, change)),
    purge: (before) => database.write(() => purge(database, before)),
  };
}

function applyAndStore(database: Database, id: number, change: Change): Changed {
  if (change.type === "admit") throw new Error("A task is admitted by `admit`, which judges it.");
  const before = readTask(database, id);
  if (before === null) return { ok: false, refusal: { reason: "not-found" } };
  const changed = applyChange(before, change);
  if (!changed.ok) return changed;
  const { events, attemptEnd, meetsDependents } = bookkeepingOf(before, change, changed);
  updateTask(database, changed.task, change.at, insertEvents(database, events));
  if (attemptEnd !== null) endAttempt(database, id, attemptEnd);
  if (meetsDependents) meetDependents(database, id, change.at);
  return changed;
}

function meetDependents(database: Database, id: number, at: Instant): void {
  const waiting = database
    .sql("SELECT task_id FROM dependencies WHERE depends_on = ? AND met_at IS NULL")
    .all(id) as unknown as { task_id: number }[];
  for (const { task_id: dependent } of waiting) {
    database
      .sql("UPDATE dependencies SET met_at = ? WHERE task_id = ? AND depends_on = ?")
      .run(at, dependent, id);
    database
      .sql(
        `UPDATE tasks SET unmet_dependencies = unmet_dependencies - 1,
           ready = state = 'queued' AND unmet_dependencies = 1
             AND (not_before IS NULL OR not_before <= ?)
         WHERE id = ?`,
      )
      .run(at, dependent);
  }
}

/** What `tasks_few` holds, in its words. */
const FEW = `(state = 'running' OR state = 'waiting' OR state = 'failed' OR state = 'cancelled')
  AND trashed_at IS NULL`;

/** Counted in indexes alone; tasks that succeeded are the finished ones that nothing else counts. */
function counts(database: Database): Readonly<Record<TaskState, number>> {
  const found = { queued: 0, running: 0, waiting: 0, succeeded: 0, failed: 0, cancelled: 0 };
  const rows = database
    .sql(
      `SELECT 'queued' AS state, count(*) AS number FROM tasks INDEXED BY tasks_in_lanes
         WHERE state = 'queued' AND ready = 1
       UNION ALL
       SELECT 'queued', count(*) FROM tasks INDEXED BY tasks_aside
         WHERE state = 'queued' AND ready = 0
       UNION ALL
       SELECT state, count(*) FROM tasks INDEXED BY tasks_few
         WHERE ${FEW} GROUP BY state
       UNION ALL
       SELECT state, count(*) FROM tasks INDEXED BY tasks_trashed
         WHERE trashed_at IS NOT NULL AND state <> 'succeeded' GROUP BY state`,
    )
    .all() as unknown as { state: TaskState; number: number }[];
  for (const { state, number } of rows) found[state] += number;
  const finished = database
    .sql(
      `SELECT count(*) AS number FROM tasks INDEXED BY tasks_finished
       WHERE finished_at IS NOT NULL`,
    )
    .get() as unknown as { number: number };
  return { ...found, succeeded: finished.number - found.failed - found.cancelled };
}
