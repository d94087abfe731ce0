import { findCircle } from "../../core/circle.ts";
import { type DependencyState, distinctDependencies } from "../../core/dependency.ts";
import { dependencyState, judgeDependencies } from "../../core/dependency-judgement.ts";
import { applyChange } from "../../core/lifecycle.ts";
import type { Instant } from "../../core/task.ts";
import type { CancelledAlong, DependencyStore, Replaced } from "../../ports/dependency-store.ts";
import { readBlocked, stuckBehind } from "./blocked.ts";
import type { Calls } from "./calls.ts";
import type { Database } from "./database.ts";
import {
  insertDependencies,
  queuedForResultOf,
  readDependencyFacts,
  unmetOf,
} from "./dependency-rows.ts";
import { cancelTree, settleDependents } from "./dependents.ts";
import { storeChange } from "./store-change.ts";
import { readTask, updateDependsOn } from "./task-rows.ts";

type Wanted = Parameters<DependencyStore["replace"]>[1];
type Cancel = Parameters<DependencyStore["cancelAlong"]>[1];

/** What tasks wait for. */
export function dependencyCalls(database: Database): Calls<DependencyStore> {
  return {
    ofTask: (id) => database.read(() => statesOf(database, id)),
    stuckBehind: (id) => stuckBehind(database, id),
    blocked: (limit) => database.read(() => readBlocked(database, limit)),
    replace: (id, wanted) => database.write(() => replace(database, id, wanted)),
    cancelAlong: (id, cancel) => database.write(() => cancelAlong(database, id, cancel)),
  };
}

function statesOf(database: Database, id: number): readonly DependencyState[] {
  const dependsOn = readTask(database, id)?.dependsOn ?? [];
  const rows = database
    .sql("SELECT depends_on, met_at, broken_at FROM dependencies WHERE task_id = ?")
    .all(id) as unknown as readonly {
    readonly depends_on: number;
    readonly met_at: Instant | null;
    readonly broken_at: Instant | null;
  }[];
  const byTask = new Map(rows.map((row) => [row.depends_on, row]));
  return dependsOn.map((dependency): DependencyState => {
    const row = byTask.get(dependency.taskId);
    const unmet = row?.broken_at == null ? "open" : "broken";
    const standing = row?.met_at == null ? unmet : "met";
    return dependencyState(dependency, standing, readDependencyFacts(database, dependency.taskId));
  });
}

function replace(database: Database, id: number, { at, by, dependsOn }: Wanted): Replaced {
  const before = readTask(database, id);
  if (before === null) return { ok: false, refusal: { reason: "not-found" } };
  const wanted = distinctDependencies(dependsOn);
  const change = { type: "depend", at, by, dependsOn: wanted, unmet: wanted.length } as const;
  const allowed = applyChange(before, change);
  if (!allowed.ok) return allowed;
  const ids = wanted.map(({ taskId }) => taskId);
  const way = findCircle(id, ids, (each) => unmetOf(database, each));
  if (way !== null) return { ok: false, refusal: { reason: "circle", way } };
  const judged = judgeDependencies(wanted, (each) => readDependencyFacts(database, each));
  if (!judged.ok) return judged;
  const unmet = wanted.length - judged.met.size;
  updateDependsOn(database, { ...before, dependsOn: wanted, unmetDependencies: unmet });
  database.sql("DELETE FROM dependencies WHERE task_id = ?").run(id);
  insertDependencies(database, id, wanted, judged.met, at);
  const { changed } = storeChange(database, before, { ...change, unmet });
  return changed.ok ? { ok: true, task: changed.task } : changed;
}

function cancelAlong(database: Database, id: number, cancel: Cancel): CancelledAlong {
  const before = readTask(database, id);
  if (before === null) return { ok: false, refusal: { reason: "not-found" } };
  const change = { type: "cancel", ...cancel } as const;
  const { changed } = storeChange(database, before, change);
  if (!changed.ok) return changed;
  const along = cancelTree(database, queuedForResultOf(database, id), change);
  for (const each of [id, ...along]) settleDependents(database, each, cancel.at);
  return { ok: true, task: changed.task, along };
}
