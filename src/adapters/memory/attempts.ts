import type { Attempt, Step } from "../../core/attempt.ts";
import { type AttemptEnd, isUnheard } from "../../core/bookkeeping.ts";
import { attemptStartedEvent, saidEvent, stepEvent } from "../../core/store-events.ts";
import type { Instant, Lease, Task } from "../../core/task.ts";
import type { AttemptPatch, AttemptStore, Message, Renewal } from "../../ports/store.ts";
import type { Sync } from "./sync.ts";
import { appendEvents, type State } from "./state.ts";

/** Attempts, their steps and what is said to them. */
export function attemptMethods(state: State): Sync<AttemptStore> {
  return {
    renew: (taskId, leaseId, expiresAt) => renew(state, taskId, leaseId, expiresAt),
    update: (taskId, leaseId, patch) => {
      const task = holding(state, taskId, leaseId);
      if (task === null) return false;
      tellStart(state, taskId, task.attempt, patch);
      patchAttempt(state, taskId, task.attempt, patch);
      return true;
    },
    step: (taskId, leaseId, step) => {
      const task = holding(state, taskId, leaseId);
      if (task === null) return false;
      putStep(state, task, step);
      return true;
    },
    ofTask: (taskId) => state.attempts.get(taskId) ?? [],
    running: () => running(state),
    say: (taskId, at, by, text) => say(state, taskId, at, by, text),
    takeMessages: (taskId, leaseId) => takeMessages(state, taskId, leaseId),
  };
}

/** The first time an attempt is said to have started is an event, whatever is said later. */
function tellStart(state: State, taskId: number, number: number, patch: AttemptPatch): void {
  const { startedAt, ...more } = patch;
  const known = state.attempts.get(taskId)?.find((attempt) => attempt.number === number);
  if (startedAt === undefined || known === undefined || known.startedAt !== null) return;
  appendEvents(state, [attemptStartedEvent(taskId, number, { startedAt, ...more })]);
}

/** Writes how an attempt came out. */
export function endAttempt(state: State, taskId: number, end: AttemptEnd): void {
  const { number, endedAt, outcome, verdict } = end;
  patchAttempt(state, taskId, number, { endedAt, outcome, verdict });
  if (!isUnheard(end)) return;
  for (const { message, readBy } of state.messages.values()) {
    const isItsOwn = message.taskId === taskId && readBy === number;
    if (isItsOwn) state.messages.set(message.id, { message, readBy: null });
  }
}

/** Replaces what `patch` names in one attempt; nothing when there is no such attempt. */
export function patchAttempt(
  state: State,
  taskId: number,
  number: number,
  patch: Partial<Attempt>,
): void {
  const attempts = state.attempts.get(taskId) ?? [];
  state.changes += 1;
  const patched = (attempt: Attempt): Attempt => ({ ...attempt, ...patch });
  state.attempts.set(
    taskId,
    attempts.map((attempt) => (attempt.number === number ? patched(attempt) : attempt)),
  );
}

function holding(state: State, taskId: number, leaseId: string): Task | null {
  const task = state.tasks.get(taskId);
  return task?.lease?.id === leaseId ? task : null;
}

function renew(state: State, taskId: number, leaseId: string, expiresAt: Instant): Renewal {
  const task = holding(state, taskId, leaseId);
  if (task === null || task.lease === null) return { ok: false };
  state.tasks.set(taskId, { ...task, lease: { ...task.lease, expiresAt } });
  state.changes += 1;
  return {
    ok: true,
    cancelRequested: task.cancelRequestedAt !== null,
    unread: unreadOf(state, taskId).length,
  };
}

function putStep(state: State, task: Task, step: Step): void {
  const { id, attempt: number } = task;
  const steps = state.attempts.get(id)?.at(-1)?.steps ?? [];
  const known = steps.some(({ name }) => name === step.name);
  patchAttempt(state, id, number, {
    steps: known
      ? steps.map((earlier) => (earlier.name === step.name ? step : earlier))
      : [...steps, step],
  });
  appendEvents(state, [stepEvent(id, number, step)]);
}

function running(state: State): readonly { attempt: Attempt; lease: Lease }[] {
  const found: { attempt: Attempt; lease: Lease }[] = [];
  for (const { id, lease } of state.tasks.values()) {
    const attempt = state.attempts.get(id)?.at(-1);
    if (lease !== null && attempt !== undefined) found.push({ attempt, lease });
  }
  return found;
}

function say(state: State, taskId: number, at: Instant, by: string, text: string): Message {
  const task = state.tasks.get(taskId);
  if (task === undefined) throw new Error(`There is no task ${taskId} to say something to.`);
  state.lastMessageId += 1;
  const message = { id: state.lastMessageId, taskId, at, by, text };
  state.messages.set(message.id, { message, readBy: null });
  appendEvents(state, [saidEvent(task, message)]);
  return message;
}

function takeMessages(state: State, taskId: number, leaseId: string): readonly Message[] {
  const task = holding(state, taskId, leaseId);
  if (task === null) return [];
  const unread = unreadOf(state, taskId);
  for (const message of unread) {
    state.messages.set(message.id, { message, readBy: task.attempt });
  }
  state.changes += unread.length;
  return unread;
}

function unreadOf(state: State, taskId: number): readonly Message[] {
  return [...state.messages.values()]
    .filter(({ message, readBy }) => message.taskId === taskId && readBy === null)
    .map(({ message }) => message);
}
