import { bookkeepingOf } from "../../core/bookkeeping.ts";
import type { Change, Changed } from "../../core/change.ts";
import { applyChange } from "../../core/lifecycle.ts";
import { isStartable, newTask, queuedEvent } from "../../core/new-task.ts";
import type { Instant, Task, TaskState } from "../../core/task.ts";
import type { Inserted, NewTask, Page, TaskFilter, TaskStore } from "../../ports/store.ts";
import { admit } from "./admit.ts";
import { endAttempt } from "./attempts.ts";
import type { Sync } from "./sync.ts";
import { appendEvents, sortedBy, type State } from "./state.ts";

/** Tasks and their claims. */
export function taskMethods(state: State): Sync<TaskStore> {
  return {
    insert: (asked) => insert(state, asked),
    get: (id) => state.tasks.get(id) ?? null,
    list: (filter, page) => list(state, filter, page),
    counts: () => counts(state),
    heads: (at, perLane) => heads(state, at, perLane),
    nextDueAt: (at) => nextDueAt(state, at),
    admit: (request) => admit(state, request),
    change: (id, change) => applyAndStore(state, id, change),
    purge: (before) => purge(state, before),
  };
}

/** Stores a task with what it waits for and its event. */
export function insert(state: State, asked: NewTask): Inserted {
  const { project } = asked;
  if (project !== null && !state.projects.has(project)) {
    return { ok: false, refusal: { reason: "unknown-project", project } };
  }
  const dependsOn = [...new Set(asked.dependsOn)];
  const unknown = dependsOn.find((id) => !state.tasks.has(id));
  if (unknown !== undefined) {
    return { ok: false, refusal: { reason: "unknown-dependency", taskId: unknown } };
  }
  const unmet = dependsOn.filter((id) => state.tasks.get(id)?.state !== "succeeded");
  state.lastTaskId += 1;
  const task = newTask(state.lastTaskId, asked, unmet.length);
  state.tasks.set(task.id, task);
  for (const id of unmet) {
    const waiting = state.dependents.get(id) ?? new Set();
    state.dependents.set(id, waiting.add(task.id));
  }
  appendEvents(state, [queuedEvent(task, asked.by)]);
  return { ok: true, task };
}

function list(state: State, filter: TaskFilter, page: Page): readonly Task[] {
  const { states, project, trashed = false, finishedSince } = filter;
  return [...state.tasks.values()]
    .filter(
      (task) =>
        (states === undefined || states.includes(task.state)) &&
        (project === undefined || task.project === project) &&
        (task.trashedAt !== null) === trashed &&
        (finishedSince === undefined || (task.finishedAt ?? -Infinity) >= finishedSince) &&
        (page.before === null || task.id < page.before),
    )
    .sort((a, b) => b.id - a.id)
    .slice(0, page.limit);
}

function counts(state: State): Readonly<Record<TaskState, number>> {
  const found = { queued: 0, running: 0, waiting: 0, succeeded: 0, failed: 0, cancelled: 0 };
  for (const task of state.tasks.values()) found[task.state] += 1;
  return found;
}

function heads(state: State, at: Instant, perLane: number): readonly Task[] {
  const startable = [...state.tasks.values()].filter((task) => isStartable(task, at));
  const taken = new Map<string, number>();
  return sortedBy(
    startable,
    (task) => task.lane,
    (task) => task.orderKey,
    (task) => task.id,
  ).filter(({ lane }) => {
    const place = (taken.get(lane) ?? 0) + 1;
    taken.set(lane, place);
    return place <= perLane;
  });
}

function nextDueAt(state: State, at: Instant): Instant | null {
  let next: Instant | null = null;
  for (const { state: its, unmetDependencies, notBefore } of state.tasks.values()) {
    if (its !== "queued" || unmetDependencies > 0 || notBefore === null) continue;
    if (notBefore > at && (next === null || notBefore < next)) next = notBefore;
  }
  return next;
}

function applyAndStore(state: State, id: number, change: Change): Changed {
  if (change.type === "admit") throw new Error("A task is admitted by `admit`, which judges it.");
  const before = state.tasks.get(id);
  if (before === undefined) return { ok: false, refusal: { reason: "not-found" } };
  const changed = applyChange(before, change);
  if (!changed.ok) return changed;
  const { events, attemptEnd, meetsDependents } = bookkeepingOf(before, change, changed);
  state.tasks.set(id, changed.task);
  if (attemptEnd !== null) endAttempt(state, id, attemptEnd);
  if (meetsDependents) meetDependents(state, id);
  appendEvents(state, events);
  return changed;
}

function meetDependents(state: State, id: number): void {
  for (const dependent of state.dependents.get(id) ?? []) {
    const task = state.tasks.get(dependent);
    if (task === undefined) continue;
    state.tasks.set(dependent, { ...task, unmetDependencies: task.unmetDependencies - 1 });
  }
  state.dependents.delete(id);
}

/** Newest first: what waits for a task has a higher id, so a purged dependent frees it here. */
function purge(state: State, before: Instant): readonly number[] {
  const trashed = [...state.tasks.values()]
    .filter(({ trashedAt }) => trashedAt !== null && trashedAt < before)
    .sort((a, b) => b.id - a.id);
  const purged: number[] = [];
  for (const { id } of trashed) {
    if (state.dependents.has(id)) continue;
    removeTask(state, id);
    purged.push(id);
  }
  return purged.toReversed();
}

function removeTask(state: State, id: number): void {
  state.changes += 1;
  state.tasks.delete(id);
  state.attempts.delete(id);
  for (const [other, waiting] of state.dependents) {
    if (waiting.delete(id) && waiting.size === 0) state.dependents.delete(other);
  }
  for (const [messageId, { message }] of state.messages) {
    if (message.taskId === id) state.messages.delete(messageId);
  }
  for (const [key, effect] of state.effects) {
    if (effect.taskId === id) state.effects.delete(key);
  }
}
