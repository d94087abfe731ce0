import { bookkeepingOf } from "../../core/bookkeeping.ts";
import type { Change, Changed } from "../../core/change.ts";
import { type Dependency, standingOf } from "../../core/dependency.ts";
import {
  blockedEvent,
  isCancelledAlong,
  unblockedEvent,
  unneededChange,
} from "../../core/dependents.ts";
import { applyChange } from "../../core/lifecycle.ts";
import type { Instant, Task } from "../../core/task.ts";
import { endAttempt } from "./attempts.ts";
import { appendEvents, type State, type WaitingTask } from "./state.ts";

/** Applies a change and writes the task, its events and the end of its attempt; the second answer is whether those who wait for it are concerned. */
export function storeChange(
  state: State,
  before: Task,
  change: Change,
): readonly [changed: Changed, concernsDependents: boolean] {
  const changed = applyChange(before, change);
  if (!changed.ok) return [changed, false];
  const { events, attemptEnd, concernsDependents } = bookkeepingOf(before, change, changed);
  state.tasks.set(before.id, changed.task);
  if (attemptEnd !== null) endAttempt(state, before.id, attemptEnd);
  appendEvents(state, events);
  return [changed, concernsDependents];
}

/** Writes down what a task waits for still. */
export function addWaiting(
  state: State,
  id: number,
  dependsOn: readonly Dependency[],
  met: ReadonlySet<number>,
): void {
  for (const { taskId, condition } of dependsOn) {
    if (met.has(taskId)) continue;
    const waiting = state.dependents.get(taskId) ?? new Map<number, WaitingTask>();
    state.dependents.set(taskId, waiting.set(id, { condition, broken: false }));
  }
}

/** Forgets what a task waits for. */
export function removeWaiting(state: State, id: number): void {
  for (const [other, waiting] of state.dependents) {
    if (waiting.delete(id) && waiting.size === 0) state.dependents.delete(other);
  }
}

/** Writes what the new state of a task means for those who wait for it, and so on. */
export function settleDependents(state: State, id: number, at: Instant): void {
  const changed = [id];
  for (const each of changed) changed.push(...settle(state, each, at));
}

/** Cancels queued tasks and all that wait for what they come to; answers the ids. */
export function cancelTree(
  state: State,
  ids: readonly number[],
  cancel: Change,
): readonly number[] {
  const cancelled: number[] = [];
  const toCancel = [...ids];
  for (const id of toCancel) {
    const task = state.tasks.get(id);
    if (task?.state !== "queued") continue;
    storeChange(state, task, cancel);
    cancelled.push(id);
    toCancel.push(...queuedForResultOf(state, id));
  }
  return cancelled;
}

/** Queued tasks that wait for more than the end of a task, smallest id first. */
export function queuedForResultOf(state: State, id: number): readonly number[] {
  return waitingFor(state, id)
    .filter(
      ([dependent, { condition }]) => isQueued(state, dependent) && isCancelledAlong(condition),
    )
    .map(([dependent]) => dependent);
}

/** What waits for a task, smallest id first. */
export function waitingFor(state: State, id: number): readonly (readonly [number, WaitingTask])[] {
  return [...(state.dependents.get(id) ?? [])].sort(([a], [b]) => a - b);
}

function settle(state: State, id: number, at: Instant): readonly number[] {
  const task = state.tasks.get(id);
  if (task === undefined) return [];
  const [blocked, freed, unneeded]: [number[], number[], number[]] = [[], [], []];
  for (const [dependent, { condition, broken }] of waitingFor(state, id)) {
    const standing = standingOf(condition, task);
    const isBroken = standing === "broken" || standing === "unneeded";
    if (isBroken !== broken && isQueued(state, dependent)) {
      (standing === "broken" ? blocked : isBroken ? unneeded : freed).push(dependent);
    }
    if (standing === "met") meet(state, id, dependent);
    else state.dependents.get(id)?.set(dependent, { condition, broken: isBroken });
  }
  const { length: blockedCount } = blocked;
  if (blockedCount > 0) {
    appendEvents(state, [blockedEvent(id, at, { tasks: blocked, count: blockedCount })]);
  }
  if (freed.length > 0) {
    appendEvents(state, [unblockedEvent(id, at, { tasks: freed, count: freed.length })]);
  }
  return cancelTree(state, unneeded, unneededChange(id, at));
}

function meet(state: State, id: number, dependent: number): void {
  const waiting = state.dependents.get(id);
  waiting?.delete(dependent);
  if (waiting?.size === 0) state.dependents.delete(id);
  const task = state.tasks.get(dependent);
  if (task === undefined) return;
  state.tasks.set(dependent, { ...task, unmetDependencies: task.unmetDependencies - 1 });
}

function isQueued(state: State, id: number): boolean {
  return state.tasks.get(id)?.state === "queued";
}
