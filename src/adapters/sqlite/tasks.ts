import { type Change, type Changed, refuseForeign } from "../../core/change.ts";
import type { TaskState } from "../../core/task.ts";
import type { Calls, Parts } from "./calls.ts";
import type { Database } from "./database.ts";
import { settleDependents } from "./dependents.ts";
import { listTasks } from "./list.ts";
import { purge } from "./purge.ts";
import { storeChange } from "./store-change.ts";
import { readTask } from "./task-rows.ts";

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
  refuseForeign(change);
  const before = readTask(database, id);
  if (before === null) return { ok: false, refusal: { reason: "not-found" } };
  const { changed, concernsDependents } = storeChange(database, before, change);
  if (concernsDependents) settleDependents(database, id, change.at);
  return changed;
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
