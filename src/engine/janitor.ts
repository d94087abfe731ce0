import type { Clock } from "../ports/clock.ts";
import type { Log } from "../ports/log.ts";
import type { Store } from "../ports/store.ts";
import type { Workspaces } from "../ports/workspaces.ts";
import { type Loop, makeLoop } from "./loop.ts";
import { lastRestoredAt } from "./restoring.ts";

const CLEAN_EVERY_MS = 3_600_000;
const DEADLINES_EVERY_MS = 30_000;
const PAGE = 200;

/** What the janitor works with. */
export interface JanitorParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly workspaces: Workspaces;
  /** Workspaces of tasks that ended, or came back, longer ago go to the trash; their state is kept. */
  readonly workspaceKeepMs: number;
  /** Tasks that were trashed longer ago are removed for good. */
  readonly trashKeepMs: number;
  /** Deletes files that are older than their retention: trash, results, logs. */
  readonly sweep: (signal: AbortSignal) => Promise<void>;
}

/** Clears away what has outlived its retention; never anything that is not kept elsewhere. */
export function makeJanitor(parts: JanitorParts): Loop {
  const { store, clock, log, trashKeepMs } = parts;
  return makeLoop({
    name: "janitor",
    clock,
    log,
    turn: async (signal) => {
      for (const taskId of await parts.workspaces.list()) {
        if (signal.aborted) break;
        await clearWorkspace(parts, taskId);
      }
      const removed = await store.tasks.purge(clock.now() - trashKeepMs);
      if (removed.length > 0) log.info("Trashed tasks were removed for good", { removed });
      await parts.sweep(signal);
      return CLEAN_EVERY_MS;
    },
  });
}

/** Discards the folder of a task that ended long ago or is not there any more; one that cannot be kept stays. */
async function clearWorkspace(parts: JanitorParts, taskId: number): Promise<void> {
  const { store, clock, workspaces, log, workspaceKeepMs } = parts;
  try {
    const task = await store.tasks.get(taskId);
    const endedAt = task === null ? 0 : task.finishedAt;
    const before = clock.now() - workspaceKeepMs;
    if (endedAt === null || endedAt > before) return;
    if (task !== null && ((await lastRestoredAt(store, taskId)) ?? 0) > before) return;
    await workspaces.discard(taskId);
  } catch (error) {
    log.warn("A workspace could not be cleared away; it stays", { taskId, error });
  }
}

/** Answers questions whose deadline has passed with their default. */
export function makeDeadlines(parts: {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
}): Loop {
  const { store, clock, log } = parts;
  const turn = async (): Promise<number> => {
    const waiting = await store.tasks.list({ states: ["waiting"] }, { before: null, limit: PAGE });
    const now = clock.now();
    for (const { id, question } of waiting) {
      if (question === null || question.deadlineAt === null || question.deadlineAt > now) continue;
      if (question.defaultAnswer === null) continue;
      const text = question.defaultAnswer;
      const changed = await store.tasks.change(id, {
        type: "answer",
        at: now,
        by: "deadline",
        text,
      });
      if (changed.ok) log.info("A question was answered by its default", { taskId: id });
    }
    return DEADLINES_EVERY_MS;
  };
  return makeLoop({ name: "deadlines", clock, log, turn });
}
