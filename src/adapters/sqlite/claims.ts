import { spendingSince } from "../../core/budget.ts";
import type { StoredFacts } from "../../core/hold.ts";
import { bookkeepingOf } from "../../core/bookkeeping.ts";
import { applyChange } from "../../core/lifecycle.ts";
import { newAttempt } from "../../core/new-attempt.ts";
import { judge } from "../../core/plan.ts";
import type { Instant, Task } from "../../core/task.ts";
import type { Admitted, AdmitRequest } from "../../ports/store.ts";
import { insertAttempt } from "./attempt-rows.ts";
import type { Database } from "./database.ts";
import { insertEvents } from "./events.ts";
import { readAdmission, readProjectMax, readRunning, readWindows } from "./facts.ts";
import { readSpendingFor } from "./spending.ts";
import { readTask, readTasks, TASK_COLUMNS, updateTask } from "./task-rows.ts";

/** Tasks that only their `not_before` can hold; with `ready`, a stretch of `tasks_aside`. */
const TIMED = "state = 'queued' AND unmet_dependencies = 0 AND not_before IS NOT NULL";

const ANY_MISPLACED = `
  SELECT EXISTS (SELECT 1 FROM tasks WHERE ${TIMED} AND ready = 0 AND not_before <= ?1)
      OR EXISTS (SELECT 1 FROM tasks WHERE ${TIMED} AND ready = 1 AND not_before > ?1) AS found`;

/**
 * From each lane that has a ready task jumps straight to the next: its cost grows with the number
 * of lanes, hardly with that of tasks.
 */
export const HEADS: string = `
  WITH RECURSIVE lanes (lane) AS (
    SELECT min(lane) FROM tasks WHERE state = 'queued' AND ready = 1
    UNION ALL
    SELECT (SELECT min(lane) FROM tasks
            WHERE state = 'queued' AND ready = 1 AND lane > lanes.lane)
    FROM lanes WHERE lanes.lane IS NOT NULL
  )
  SELECT ${TASK_COLUMNS} FROM lanes CROSS JOIN tasks
  WHERE lanes.lane IS NOT NULL AND tasks.id IN (
    SELECT id FROM tasks WHERE state = 'queued' AND ready = 1 AND lane = lanes.lane
    ORDER BY order_key, id LIMIT ?)
  ORDER BY tasks.lane, tasks.order_key, tasks.id`;

/** The first startable tasks of every lane, lane by lane, each in its order. */
export function heads(database: Database, at: Instant, perLane: number): readonly Task[] {
  settleReady(database, at);
  return readTasks(database, HEADS, perLane);
}

/** Moves tasks into their lanes when they are due, and out again when the clock was set back. */
function settleReady(database: Database, at: Instant): void {
  const any = database.sql(ANY_MISPLACED).get(at) as unknown as { found: number };
  if (any.found === 0) return;
  database.write(() => {
    database
      .sql(`UPDATE tasks SET ready = 1 WHERE ${TIMED} AND ready = 0 AND not_before <= ?`)
      .run(at);
    database
      .sql(`UPDATE tasks SET ready = 0 WHERE ${TIMED} AND ready = 1 AND not_before > ?`)
      .run(at);
  });
}

/** When the next task starts to be startable by time alone; null when none does. */
export function nextDueAt(database: Database, at: Instant): Instant | null {
  const row = database
    .sql(
      `SELECT min(due) AS due FROM (
         SELECT min(not_before) AS due FROM tasks WHERE ${TIMED} AND ready = 0 AND not_before > ?1
         UNION ALL
         SELECT min(not_before) FROM tasks WHERE ${TIMED} AND ready = 1 AND not_before > ?1)`,
    )
    .get(at);
  return (row as unknown as { due: number | null }).due;
}

/** Judges the task on what is stored now, and lets it take the lease; within the caller's transaction. */
export function admit(database: Database, request: AdmitRequest): Admitted {
  const { taskId, at, lease } = request;
  const before = readTask(database, taskId);
  if (before === null) return { ok: false, refusal: { reason: "not-found" }, holds: [] };
  const change = { type: "admit", at, lease } as const;
  const changed = applyChange(before, change);
  if (before.state === "queued") {
    const facts = factsFor(database, before, request);
    const { rules, local, forecast } = request;
    const holds = judge(before, { ...facts, ...local, now: at, rules, forecast });
    const [first] = holds;
    if (first !== undefined) {
      return { ok: false, refusal: { reason: "held", message: first.reason }, holds };
    }
  }
  if (!changed.ok) return { ok: false, refusal: changed.refusal, holds: [] };
  const attempt = newAttempt(changed.task, request);
  const lastEvent = insertEvents(database, bookkeepingOf(before, change, changed).events);
  updateTask(database, changed.task, at, lastEvent);
  insertAttempt(database, attempt);
  return { ok: true, task: changed.task, attempt };
}

/** The stored facts, as far as a policy looks at them for this one task. */
function factsFor(database: Database, task: Task, request: AdmitRequest): StoredFacts {
  const { rules, at } = request;
  const max = task.project === null ? null : readProjectMax(database, task.project);
  return {
    admission: readAdmission(database),
    running: readRunning(database),
    quotaWindows: readWindows(database),
    projectParallelMax: task.project === null || max === null ? {} : { [task.project]: max },
    ...readSpendingFor(database, spendingSince(rules.hours, at), {
      project: task.project,
      budgets: rules.budgets,
    }),
  };
}
