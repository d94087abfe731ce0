import { ADMISSION_DEFAULT } from "../../core/admission.ts";
import type { Attempt } from "../../core/attempt.ts";
import type { Condition } from "../../core/dependency.ts";
import type { Event, NewEvent } from "../../core/event.ts";
import type { HourOfUse } from "../../core/forecast/history.ts";
import type { Admission } from "../../core/hold.ts";
import type { KnownWindow } from "../../core/observation.ts";
import type { Project } from "../../core/project.ts";
import type { Schedule, Slot } from "../../core/schedule.ts";
import type { Task } from "../../core/task.ts";
import type { DaemonRecord, Effect, Message } from "../../ports/store.ts";
import type { UsageEntry } from "../../ports/usage-store.ts";

/** Everything a store in memory holds; its values are replaced, never changed. */
export interface State {
  /** Grows with everything that is written. */
  changes: number;
  readonly tasks: Map<number, Task>;
  lastTaskId: number;
  /** What still waits for the task of the key, by its id. */
  readonly dependents: Map<number, Map<number, WaitingTask>>;
  /** By task, first to last. */
  readonly attempts: Map<number, readonly Attempt[]>;
  readonly messages: Map<number, StoredMessage>;
  lastMessageId: number;
  readonly events: Event[];
  readonly cursors: Map<string, number>;
  readonly projects: Map<string, Project>;
  /** By provider and name of the window. */
  readonly windows: Map<string, KnownWindow>;
  /** By provider, name of the window and hour. */
  readonly hours: Map<string, HourOfUse>;
  readonly ledger: CountedEntry[];
  readonly effects: Map<string, Effect>;
  readonly schedules: Map<number, Schedule>;
  /** By schedule, oldest first. */
  readonly slots: Map<number, readonly Slot[]>;
  admission: Admission;
  readonly daemons: Map<string, DaemonRecord>;
  readonly settings: Map<string, string>;
}

/** An entry of the ledger, with the project of its task when it was counted. */
export interface CountedEntry extends UsageEntry {
  readonly project: string | null;
}

/** What a task waits for another to come to, and whether only a person can let it come. */
export interface WaitingTask {
  readonly condition: Condition;
  readonly broken: boolean;
}

/** Words of a person, with whether an attempt has read them. */
export interface StoredMessage {
  readonly message: Message;
  /** Number of the attempt that took it; null while unread. */
  readonly readBy: number | null;
}

/** Nothing stored yet. */
export function emptyState(): State {
  return {
    changes: 0,
    tasks: new Map(),
    lastTaskId: 0,
    dependents: new Map(),
    attempts: new Map(),
    messages: new Map(),
    lastMessageId: 0,
    events: [],
    cursors: new Map(),
    projects: new Map(),
    windows: new Map(),
    hours: new Map(),
    ledger: [],
    effects: new Map(),
    schedules: new Map(),
    slots: new Map(),
    admission: ADMISSION_DEFAULT,
    daemons: new Map(),
    settings: new Map(),
  };
}

/** Gives events their numbers; their data is copied as the JSON that a database would keep. */
export function appendEvents(state: State, events: readonly NewEvent[]): readonly Event[] {
  const numbered = events.map(({ type, at, taskId, attempt, data }, index) => ({
    seq: state.events.length + index + 1,
    type,
    at,
    taskId,
    attempt,
    data: JSON.parse(JSON.stringify(data)) as Event["data"],
  }));
  state.events.push(...numbered);
  state.changes += numbered.length;
  return numbered;
}

/** The values in the order of their keys, as a database sorts text and numbers. */
export function sortedBy<T>(values: Iterable<T>, ...keys: ((value: T) => string | number)[]): T[] {
  return [...values].sort((a, b) => {
    for (const key of keys) {
      const [left, right] = [key(a), key(b)];
      if (left !== right) return left < right ? -1 : 1;
    }
    return 0;
  });
}
