import { type Change, type Changed, refuseForeign } from "../../core/change.ts";
import { distinctDependencies, neverLands } from "../../core/dependency.ts";
import { judgeDependencies } from "../../core/dependency-judgement.ts";
import { askedAfter, isStartable, newTask, queuedEvent } from "../../core/new-task.ts";
import {
  type FullQueue,
  fullQueue,
  makesRoom,
  type QueueLimits,
  shedding,
} from "../../core/queue.ts";
import type { Instant, Source, Task, TaskState } from "../../core/task.ts";
import type { ChainInserted, NewChain } from "../../ports/chain.ts";
import type { Inserted, NewTask, Page, TaskFilter, TaskStore } from "../../ports/store.ts";
import { admit } from "./admit.ts";
import { addWaiting, removeWaiting, settleDependents, storeChange } from "./dependents.ts";
import type { Sync } from "./sync.ts";
import { appendEvents, sortedBy, type State } from "./state.ts";

/** Tasks and their claims. */
export function taskMethods(state: State): Sync<TaskStore> {
  return {
    insert: (asked, limits) => insert(state, asked, limits),
    insertChain: (chain, limits) => insertChain(state, chain, limits),
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

/** Stores a task with what it waits for and its event, where there is room for it or can be made. */
export function insert(state: State, asked: NewTask, limits?: QueueLimits): Inserted {
  const { project } = asked;
  if (project !== null && !state.projects.has(project)) {
    return { ok: false, refusal: { reason: "unknown-project", project } };
  }
  const dependsOn = distinctDependencies(asked.dependsOn);
  const judged = judgeDependencies(dependsOn, (id) => state.tasks.get(id) ?? null);
  if (!judged.ok) return judged;
  const full = limits === undefined ? null : makeRoom(state, asked, limits);
  if (full !== null) return { ok: false, refusal: { reason: "queue-full", ...full } };
  state.lastTaskId += 1;
  const task = newTask(state.lastTaskId, asked, dependsOn.length - judged.met.size);
  state.tasks.set(task.id, task);
  addWaiting(state, task.id, dependsOn, judged.met);
  appendEvents(state, [queuedEvent(task, asked.by)]);
  return { ok: true, task };
}

/** Makes room for one more task; what is full where none can be made. */
function makeRoom(
  state: State,
  { source, kind, at, dependsOn }: NewTask,
  limits: QueueLimits,
): FullQueue | null {
  const full = whatIsFull(state, source, limits, 1);
  if (full === null || !makesRoom(kind)) return full;
  const isShed = (task: Task): boolean =>
    task.kind === "generated" &&
    (full.source === null || task.source === full.source) &&
    !dependsOn.some(({ taskId }) => taskId === task.id);
  const shed = queuedIn(state)
    .filter(isShed)
    .toSorted((a, b) => b.id - a.id)[0];
  if (shed === undefined) return full;
  applyAndStore(state, shed.id, { type: "cancel", at, ...shedding(full) });
  return null;
}

function whatIsFull(
  state: State,
  source: Source,
  limits: QueueLimits,
  count: number,
): FullQueue | null {
  const queued = queuedIn(state);
  const ofSource = queued.filter((task) => task.source === source).length;
  return fullQueue(limits, source, { all: queued.length, ofSource }, count);
}

function queuedIn(state: State): readonly Task[] {
  return [...state.tasks.values()].filter((task) => task.state === "queued");
}

function insertChain(state: State, chain: NewChain, limits?: QueueLimits): ChainInserted {
  const { asked, texts, touches, condition } = chain;
  const [text = "", ...more] = texts;
  if (more.length > 0 && neverLands(condition, asked.project)) {
    return { ok: false, refusal: { reason: "never-lands" } };
  }
  const full = limits === undefined ? null : whatIsFull(state, asked.source, limits, texts.length);
  if (full !== null) return { ok: false, refusal: { reason: "queue-full", ...full } };
  const first = insert(state, { ...asked, text });
  if (!first.ok) return first;
  for (const [index, each] of more.entries()) {
    const next = { ...asked, text: each, touches: touches?.[index + 1] ?? asked.touches };
    insert(state, askedAfter(next, state.lastTaskId, condition));
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
