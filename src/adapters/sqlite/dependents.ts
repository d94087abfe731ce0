import type { Change } from "../../core/change.ts";
import { type Condition, standingOf } from "../../core/dependency.ts";
import { blockedEvent, unblockedEvent, unneededChange } from "../../core/dependents.ts";
import type { Instant } from "../../core/task.ts";
import type { Database } from "./database.ts";
import { queuedFor, queuedForResultOf, readDependencyFacts } from "./dependency-rows.ts";
import { insertTaskEvent } from "./events.ts";
import { storeChange } from "./store-change.ts";
import { readTask } from "./task-rows.ts";

/**
 * Writes what the new state of a task means for those who wait for it, within the caller's
 * transaction, and in turn for those who wait for what is cancelled by that.
 */
export function settleDependents(database: Database, id: number, at: Instant): void {
  const changed = [id];
  // The list grows while it is gone through.
  for (const each of changed) {
    for (const unneeded of settle(database, each, at)) changed.push(unneeded);
  }
}

/**
 * Cancels queued tasks and all that wait for them, over any number of others; answers the ids.
 * What that means for those who wait for their end is left to `settleDependents`.
 */
export function cancelTree(
  database: Database,
  ids: readonly number[],
  cancel: Change,
): readonly number[] {
  const cancelled: number[] = [];
  const toCancel = [...ids];
  for (const id of toCancel) {
    const task = readTask(database, id);
    if (task === null || task.state !== "queued") continue;
    storeChange(database, task, cancel);
    cancelled.push(id);
    for (const waiting of queuedForResultOf(database, id)) toCancel.push(waiting);
  }
  return cancelled;
}

/** Answers the tasks that were cancelled because they are not needed. */
function settle(database: Database, id: number, at: Instant): readonly number[] {
  const conditions = conditionsFor(database, id);
  const facts = conditions.length === 0 ? null : readDependencyFacts(database, id);
  if (facts === null) return [];
  let blocked: readonly number[] = [];
  let freed: readonly number[] = [];
  let unneeded: readonly number[] = [];
  for (const condition of conditions) {
    const standing = standingOf(condition, facts);
    const isBroken = standing === "broken" || standing === "unneeded";
    const queued = queuedFor(database, id, condition, !isBroken);
    if (standing === "broken") blocked = blocked.concat(queued);
    else if (standing === "unneeded") unneeded = unneeded.concat(queued);
    else freed = freed.concat(queued);
    if (standing === "met") meet(database, id, condition, at);
    else markBroken(database, id, condition, isBroken ? at : null);
  }
  tell(database, blockedEvent, id, at, blocked);
  tell(database, unblockedEvent, id, at, freed);
  return cancelTree(database, unneeded, unneededChange(id, at));
}

function conditionsFor(database: Database, id: number): readonly Condition[] {
  return database
    .arrays("SELECT DISTINCT condition FROM dependencies WHERE depends_on = ? AND met_at IS NULL")
    .all(id)
    .map((row) => (row as unknown as [Condition])[0]);
}

function meet(database: Database, id: number, condition: Condition, at: Instant): void {
  database
    .sql(
      `UPDATE tasks SET unmet_dependencies = unmet_dependencies - 1,
         ready = state = 'queued' AND unmet_dependencies = 1
           AND (not_before IS NULL OR not_before <= ?)
       WHERE id IN (SELECT task_id FROM dependencies
                    WHERE depends_on = ? AND condition = ? AND met_at IS NULL)`,
    )
    .run(at, id, condition);
  database
    .sql(
      `UPDATE dependencies SET met_at = ?, broken_at = NULL
       WHERE depends_on = ? AND condition = ? AND met_at IS NULL`,
    )
    .run(at, id, condition);
}

function markBroken(
  database: Database,
  id: number,
  condition: Condition,
  brokenAt: Instant | null,
): void {
  database
    .sql(
      `UPDATE dependencies SET broken_at = ?1
       WHERE depends_on = ?2 AND condition = ?3 AND met_at IS NULL
         AND (broken_at IS NULL) = (?1 IS NOT NULL)`,
    )
    .run(brokenAt, id, condition);
}

function tell(
  database: Database,
  event: typeof blockedEvent,
  id: number,
  at: Instant,
  tasks: readonly number[],
): void {
  if (tasks.length === 0) return;
  const sorted = tasks.toSorted((a, b) => a - b);
  insertTaskEvent(database, event(id, at, { tasks: sorted, count: tasks.length }));
}
