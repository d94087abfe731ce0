import { type Change, type Changed, refuseForeign } from "../../core/change.ts";
import { distinctDependencies, neverLands } from "../../core/dependency.ts";
import { judgeDependencies } from "../../core/dependency-judgement.ts";
import { askedAfter, isStartable, newTask, queuedEvent } from "../../core/new-task.ts";
import type { Instant, Task, TaskState } from "../../core/task.ts";
import type { ChainInserted, NewChain } from "../../ports/chain.ts";
import type { Inserted, NewTask, Page, TaskFilter, TaskStore } from "../../ports/store.ts";
import { admit } from "./admit.ts";
import { addWaiting, removeWaiting, settleDependents, storeChange } from "./dependents.ts";
import type { Sync } from "./sync.ts";
import { appendEvents, sortedBy, type State } from "./state.ts";

/** Tasks and their claims. */
export function taskMethods(state: State): Sync<TaskStore> {
  return {
    insert: (asked) => insert(state, asked),
    insertChain: (chain) => insertChain(state, chain),
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
  const dependsOn = distinctDependencies(asked.dependsOn);
  const judged = judgeDependencies(dependsOn, (id) => state.tasks.get(id) ?? null);
  if (!judged.ok) return judged;
  state.lastTaskId += 1;
  const task = newTask(state.lastTaskId, asked, dependsOn.length - judged.met.size);
  state.tasks.set(task.id, task);
  addWaiting(state, task.id, dependsOn, judged.met);
  appendEvents(state, [queuedEvent(task, asked.by)]);
  return { ok: true, task };
}

function insertChain(state: State, { asked, texts, condition }: NewChain): ChainInserted {
  const [text = "", ...more] = texts;
  if (more.length > 0 && neverLands(condition, asked.project)) {
    return { ok: false, refusal: { reason: "never-lands" } };
  }
  const first = insert(state, { ...asked, text });
  if (!first.ok) return first;
  for (const each of more) {
    insert(state, askedAfter({ ...asked, text: each }, state.lastTaskId, condition));
  }
  return { ok: true, firstId: first.task.id, lastId: state.lastTaskId };
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
  refuseForeign(change);
  const before = state.tasks.get(id);
  if (before === undefined) return { ok: false, refusal: { reason: "not-found" } };
  const [changed, concernsDependents] = storeChange(state, before, change);
  if (concernsDependents) settleDependents(state, id, change.at);
  return changed;
}

/** Again and again, because what one waited for may go once it has gone. */
function purge(state: State, before: Instant): readonly number[] {
  const purged: number[] = [];
  for (let found = true; found;) {
    const free = [...state.tasks.values()].filter(
      ({ id, trashedAt }) => trashedAt !== null && trashedAt < before && !state.dependents.has(id),
    );
    for (const { id } of free) removeTask(state, id);
    purged.push(...free.map(({ id }) => id));
    found = free.length > 0;
  }
  return purged.sort((a, b) => a - b);
}

function removeTask(state: State, id: number): void {
  state.changes += 1;
  state.tasks.delete(id);
  state.attempts.delete(id);
  removeWaiting(state, id);
  for (const [messageId, { message }] of state.messages) {
    if (message.taskId === id) state.messages.delete(messageId);
  }
  for (const [key, effect] of state.effects) {
    if (effect.taskId === id) state.effects.delete(key);
  }
}
