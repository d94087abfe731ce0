import { distinctDependencies, neverLands } from "../../core/dependency.ts";
import { judgeDependencies } from "../../core/dependency-judgement.ts";
import { askedAfter, newTask, queuedEvent } from "../../core/new-task.ts";
import { makesRoom, type QueueLimits } from "../../core/queue.ts";
import type { Task } from "../../core/task.ts";
import type { ChainInserted, InsertRefusal, NewChain } from "../../ports/chain.ts";
import type { Inserted, NewTask } from "../../ports/store.ts";
import type { Calls, IntakeStore } from "./calls.ts";
import type { Database } from "./database.ts";
import { insertDependencies, readDependencyFacts } from "./dependency-rows.ts";
import { insertEvents } from "./events.ts";
import { whatIsFull } from "./room.ts";
import { insertTask, readTask } from "./task-rows.ts";

/** Adding tasks. */
export function intakeCalls(database: Database): Calls<IntakeStore> {
  return {
    insert: async (task, limits) => {
      const inserted = database.write(() => insert(database, task, limits));
      if (inserted.ok || inserted.refusal.reason !== "queue-full") return inserted;
      if (!makesRoom(task.kind)) return inserted;
      const { insertShedding } = await import("./shed.ts");
      return database.write(() => insertShedding(database, task, limits));
    },
    insertChain: (chain, limits) => database.write(() => insertChain(database, chain, limits)),
    get: (id) => readTask(database, id),
  };
}

/** Stores a task with what it waits for and its event, where there is room, within the caller's transaction. */
export function insert(database: Database, asked: NewTask, limits?: QueueLimits): Inserted {
  const refusal = projectRefusal(database, asked.project);
  if (refusal !== null) return { ok: false, refusal };
  const judged = judgeDependencies(distinctDependencies(asked.dependsOn), (id) =>
    readDependencyFacts(database, id),
  );
  if (!judged.ok) return judged;
  const full = limits === undefined ? null : whatIsFull(database, asked.source, limits);
  if (full !== null) return { ok: false, refusal: { reason: "queue-full", ...full } };
  return { ok: true, task: insertQueued(database, nextTaskId(database), asked, judged.met) };
}

function insertChain(database: Database, chain: NewChain, limits?: QueueLimits): ChainInserted {
  const { asked, texts, touches, condition } = chain;
  const [text = "", ...more] = texts;
  if (more.length > 0 && neverLands(condition, asked.project)) {
    return { ok: false, refusal: { reason: "never-lands" } };
  }
  const full =
    limits === undefined ? null : whatIsFull(database, asked.source, limits, texts.length);
  if (full !== null) return { ok: false, refusal: { reason: "queue-full", ...full } };
  const first = insert(database, { ...asked, text });
  if (!first.ok) return first;
  let last = first.task.id;
  for (const [index, each] of more.entries()) {
    const its = { ...asked, text: each, touches: touches?.[index + 1] ?? asked.touches };
    const next = askedAfter(its, last, condition);
    last += 1;
    insertQueued(database, last, next, NONE_MET);
  }
  return { ok: true, firstId: first.task.id, lastId: last };
}

const NONE_MET: ReadonlySet<number> = new Set();

function insertQueued(
  database: Database,
  id: number,
  asked: NewTask,
  met: ReadonlySet<number>,
): Task {
  const task = newTask(id, asked, asked.dependsOn.length === 0 ? 0 : unmetIn(asked, met));
  const lastEvent = insertEvents(database, [queuedEvent(task, asked.by)]);
  insertTask(database, task, lastEvent);
  insertDependencies(database, id, task.dependsOn, met, asked.at);
  return task;
}

function unmetIn({ dependsOn }: NewTask, met: ReadonlySet<number>): number {
  return distinctDependencies(dependsOn).length - met.size;
}

function projectRefusal(database: Database, project: string | null): InsertRefusal | null {
  if (project === null || hasProject(database, project)) return null;
  return { reason: "unknown-project", project };
}

function hasProject(database: Database, name: string): boolean {
  return database.sql("SELECT 1 FROM projects WHERE name = ?").get(name) !== undefined;
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
