import type { Books, TaskBook } from "../../core/books.ts";
import type { Task } from "../../core/task.ts";
import type { AuditStore } from "../../ports/audit-store.ts";
import type { Sync } from "./sync.ts";
import { sortedBy, type State } from "./state.ts";

/** Reads the books for an audit. */
export function auditMethods(state: State): Sync<AuditStore> {
  return { books: () => booksOf(state) };
}

function booksOf(state: State): Books {
  return {
    schedules: [...state.schedules.values()].map(({ id, name, removedAt }) => ({
      id,
      name,
      isRemoved: removedAt !== null,
    })),
    slots: sortedBy(
      [...state.slots.values()].flat(),
      ({ scheduleId }) => scheduleId,
      ({ dueAt }) => dueAt,
    ).map(({ scheduleId, dueAt, untilAt, count, outcome, taskId }) => ({
      scheduleId,
      dueAt,
      untilAt,
      count,
      outcome,
      taskId,
    })),
    tasks: [...state.tasks.values()].map((task) => taskOf(state, task)),
    attempts: sortedBy(
      [...state.attempts.values()].flat(),
      ({ taskId }) => taskId,
      ({ number }) => number,
    ).map(({ taskId, number, leaseId, outcome }) => ({
      taskId,
      number,
      leaseId,
      outcome: outcome?.type ?? null,
    })),
    effects: sortedBy(
      state.effects.values(),
      ({ intendedAt }) => intendedAt,
      ({ key }) => key,
    ).map(({ key, taskId, attempt, kind, intendedAt, doneAt }) => ({
      key,
      taskId,
      attempt,
      kind,
      intendedAt,
      isDone: doneAt !== null,
    })),
    messages: [...state.messages.values()].map(({ message: { id, taskId }, readBy }) => ({
      id,
      taskId,
      readBy,
    })),
    cursors: sortedBy(
      [...state.cursors].map(([name, seq]) => ({ name, seq })),
      ({ name }) => name,
    ),
    lastSeq: state.events.length,
    highestTaskId: state.lastTaskId,
  };
}

function taskOf(state: State, task: Task): TaskBook {
  const { id, source, lease, attempt, attemptsUsed, attemptsMax, failure } = task;
  const events = state.events
    .filter(({ taskId, type }) => taskId === id && type.startsWith("task."))
    .map(({ type }) => type);
  return {
    id,
    state: task.state,
    source,
    leaseId: lease?.id ?? null,
    attempt,
    attemptsUsed,
    attemptsMax,
    failure: failure?.failure ?? null,
    events,
  };
}
