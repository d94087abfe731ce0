import { bookkeepingOf } from "../../core/bookkeeping.ts";
import type { Change, Changed } from "../../core/change.ts";
import { applyChange } from "../../core/lifecycle.ts";
import type { Task } from "../../core/task.ts";
import { endAttempt } from "./attempt-rows.ts";
import type { Database } from "./database.ts";
import { insertEvents } from "./events.ts";
import { updateTask } from "./task-rows.ts";

/** What became of the task, and whether those who wait for it have to be looked at. */
export interface StoredChange {
  readonly changed: Changed;
  readonly concernsDependents: boolean;
}

/** Applies a change to a task and writes it with its events and the end of its attempt, within the caller's transaction. */
export function storeChange(database: Database, before: Task, change: Change): StoredChange {
  const changed = applyChange(before, change);
  if (!changed.ok) return { changed, concernsDependents: false };
  const { events, attemptEnd, concernsDependents } = bookkeepingOf(before, change, changed);
  updateTask(database, changed.task, change.at, insertEvents(database, events));
  if (attemptEnd !== null) endAttempt(database, before.id, attemptEnd);
  return { changed, concernsDependents };
}
