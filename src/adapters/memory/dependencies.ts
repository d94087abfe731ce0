import { findCircle } from "../../core/circle.ts";
import { type DependencyState, distinctDependencies } from "../../core/dependency.ts";
import { dependencyState, judgeDependencies } from "../../core/dependency-judgement.ts";
import { WAITING_NAMED_MAX } from "../../core/dependents.ts";
import { applyChange } from "../../core/lifecycle.ts";
import type { Task } from "../../core/task.ts";
import {
  BEHIND_MAX,
  type Blocked,
  type CancelledAlong,
  type DependencyStore,
  type Replaced,
} from "../../ports/dependency-store.ts";
import {
  addWaiting,
  cancelTree,
  queuedForResultOf,
  removeWaiting,
  settleDependents,
  storeChange,
  waitingFor,
} from "./dependents.ts";
import type { State } from "./state.ts";
import type { Sync } from "./sync.ts";

type Wanted = Parameters<DependencyStore["replace"]>[1];
type Cancel = Parameters<DependencyStore["cancelAlong"]>[1];

/** What tasks wait for. */
export function dependencyMethods(state: State): Sync<DependencyStore> {
  return {
    ofTask: (id) => statesOf(state, id),
    stuckBehind: (id) => stuckBehind(state, id),
    blocked: (limit) => blocked(state, limit),
    replace: (id, wanted) => replace(state, id, wanted),
    cancelAlong: (id, cancel) => cancelAlong(state, id, cancel),
  };
}

function statesOf(state: State, id: number): readonly DependencyState[] {
  return (state.tasks.get(id)?.dependsOn ?? []).map((dependency) => {
    const waiting = state.dependents.get(dependency.taskId)?.get(id);
    const standing = waiting === undefined ? "met" : waiting.broken ? "broken" : "open";
    return dependencyState(dependency, standing, state.tasks.get(dependency.taskId) ?? null);
  });
}

function stuckBehind(state: State, id: number): number | null {
  const up = new Set([id]);
  for (const each of up) for (const next of unmetOf(state, each)) up.add(next);
  const stuck = [...up].filter(
    (each) =>
      each !== id &&
      state.tasks.get(each)?.state === "queued" &&
      statesOf(state, each).some(({ standing }) => standing === "broken"),
  );
  return stuck.length === 0 ? null : Math.min(...stuck);
}

function blocked(state: State, limit: number): readonly Blocked[] {
  const found: Blocked[] = [];
  for (const taskId of [...state.dependents.keys()].sort((a, b) => b - a)) {
    const waiting = waitingFor(state, taskId)
      .filter(([id, { broken }]) => broken && state.tasks.get(id)?.state === "queued")
      .map(([id]) => id);
    const { length: count } = waiting;
    if (count === 0) continue;
    const behind = behindOf(state, taskId);
    found.push({ taskId, waiting: waiting.slice(0, WAITING_NAMED_MAX), count, behind });
  }
  return found.slice(0, limit);
}

function behindOf(state: State, taskId: number): number {
  const direct = waitingFor(state, taskId).filter(([, { broken }]) => broken);
  const directIds = new Set(direct.map(([id]) => id));
  const behind = new Set(direct.flatMap(([id]) => waitingFor(state, id).map(([each]) => each)));
  for (const each of behind) for (const [next] of waitingFor(state, each)) behind.add(next);
  const queued = [...behind].filter(
    (id) => !directIds.has(id) && state.tasks.get(id)?.state === "queued",
  );
  return Math.min(queued.length, BEHIND_MAX);
}

function unmetOf(state: State, id: number): readonly number[] {
  const dependsOn = state.tasks.get(id)?.dependsOn ?? [];
  return dependsOn
    .map(({ taskId }) => taskId)
    .filter((taskId) => state.dependents.get(taskId)?.has(id) === true)
    .sort((a, b) => a - b);
}

function replace(state: State, id: number, { at, by, dependsOn }: Wanted): Replaced {
  const before = state.tasks.get(id);
  if (before === undefined) return { ok: false, refusal: { reason: "not-found" } };
  const wanted = distinctDependencies(dependsOn);
  const change = { type: "depend", at, by, dependsOn: wanted, unmet: wanted.length } as const;
  const allowed = applyChange(before, change);
  if (!allowed.ok) return allowed;
  const ids = wanted.map(({ taskId }) => taskId);
  const way = findCircle(id, ids, (each) => unmetOf(state, each));
  if (way !== null) return { ok: false, refusal: { reason: "circle", way } };
  const judged = judgeDependencies(wanted, (each) => state.tasks.get(each) ?? null);
  if (!judged.ok) return judged;
  removeWaiting(state, id);
  addWaiting(state, id, wanted, judged.met);
  const unmet = wanted.length - judged.met.size;
  const [changed] = storeChange(state, before, { ...change, unmet });
  return changed.ok ? { ok: true, task: changed.task } : changed;
}

function cancelAlong(state: State, id: number, cancel: Cancel): CancelledAlong {
  const before: Task | undefined = state.tasks.get(id);
  if (before === undefined) return { ok: false, refusal: { reason: "not-found" } };
  const change = { type: "cancel", ...cancel } as const;
  const [changed] = storeChange(state, before, change);
  if (!changed.ok) return changed;
  const along = cancelTree(state, queuedForResultOf(state, id), change);
  for (const each of [id, ...along]) settleDependents(state, each, cancel.at);
  return { ok: true, task: changed.task, along };
}
