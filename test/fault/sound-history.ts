import type { Attempt } from "../../src/core/attempt.ts";
import type { Event, EventType } from "../../src/core/event.ts";
import { newAttempt } from "../../src/core/new-attempt.ts";
import type { Outcome } from "../../src/core/outcome.ts";
import { LEASE, NOW, taskOf } from "../unit/core/samples.ts";
import type { Asked, History } from "./history.ts";
import type { JournalLine } from "./journal.ts";

/**
 * A small sound history. Task 1 lost its daemon in attempt 1 and went on in attempt 2; task 2 waited
 * for it and failed once by itself; task 3 can never succeed and has one attempt; task 4 was
 * cancelled while it ran.
 */
export function soundHistory(): History {
  return {
    asked: [
      askedOf(1),
      askedOf(2, { fails: 1, dependsOn: [1] }),
      askedOf(3, { fails: 9, attemptsMax: 1 }),
      askedOf(4, { cancelled: true }),
    ],
    tasks: [
      taskOf({ id: 1, state: "succeeded", attempt: 2, attemptsUsed: 1 }),
      taskOf({ id: 2, state: "succeeded", attempt: 2, attemptsUsed: 2 }),
      taskOf({ id: 3, state: "failed", attempt: 1, attemptsUsed: 1 }),
      taskOf({ id: 4, state: "cancelled", attempt: 1, attemptsUsed: 1 }),
    ],
    attempts: [
      attemptOf(1, 1, {
        owner: "daemon-0",
        outcome: { type: "interrupted", reason: "daemon-died" },
      }),
      attemptOf(1, 2, { resumed: true, outcome: DONE }),
      attemptOf(2, 1, { outcome: CRASHED }),
      attemptOf(2, 2, { resumed: true, outcome: DONE }),
      attemptOf(3, 1, { outcome: CRASHED }),
      attemptOf(4, 1, { outcome: CRASHED }),
    ],
    events: eventsOf([
      ["daemon.started", null, null],
      ["task.admitted", 1, 1],
      ["task.admitted", 4, 1],
      ["daemon.started", null, null],
      ["task.recovered", 1, 1],
      ["task.interrupted", 1, 1],
      ["task.cancel-requested", 4, 1],
      ["task.cancelled", 4, 1],
      ["task.admitted", 1, 2],
      ["task.succeeded", 1, 2],
      ["task.admitted", 2, 1],
      ["task.admitted", 3, 1],
      ["task.retrying", 2, 1],
      ["task.failed", 3, 1],
      ["task.admitted", 2, 2],
      ["task.succeeded", 2, 2],
      ["daemon.stopped", null, null],
    ]),
    journal: [
      lineOf("start", 1, 1),
      lineOf("start", 4, 1),
      lineOf("effect", 1, 1),
      lineOf("start", 1, 2, { resume: true, known: true }),
      lineOf("end", 1, 2, { resume: true }),
      lineOf("start", 2, 1),
      lineOf("start", 3, 1),
      lineOf("effect", 2, 1),
      lineOf("start", 2, 2, { resume: true, known: true }),
      lineOf("end", 2, 2, { resume: true }),
    ],
    effects: [
      { taskId: 1, sessionId: "session-1" },
      { taskId: 2, sessionId: "session-2" },
    ],
    sessions: {
      "session-1": { beats: 3, failed: 0, effect: true, ended: true },
      "session-2": { beats: 3, failed: 1, effect: true, ended: true },
    },
    kept: { "refs/sleepless/keep/1/2": "tree-1", "refs/sleepless/keep/2/2": "tree-2" },
    outside: {
      begin: "commit-0",
      main: "commit-0",
      branches: [],
      pulls: [],
      thoughts: ["1-words", "2-words"],
      receipts: {},
      effectRows: [1, 2].map((taskId) => ({
        taskId,
        attempt: 2,
        kind: "commit",
        isDone: true,
        result: "{}",
      })),
    },
    agentKills: {},
    notified: Array.from({ length: 16 }, (_, index) => index + 1),
    parallelMax: 2,
    frozen: false,
    integrity: [],
    leftovers: [],
    litter: [],
    errors: [],
  };
}

const DONE: Outcome = { type: "succeeded", summary: "done" };
const CRASHED: Outcome = { type: "failed", failure: "crash", message: "gone", retryAt: null };

/** A thought that was asked for. */
export function askedOf(id: number, patch: Partial<Asked> = {}): Asked {
  const more = { dependsOn: [], project: null, cancelled: false, said: [] };
  return { id, fails: 0, attemptsMax: 3, ...more, ...patch };
}

/** An attempt in the session of its task. */
export function attemptOf(taskId: number, number: number, patch: Partial<Attempt> = {}): Attempt {
  const lease = { ...LEASE, id: `lease-${taskId}-${number}` };
  const task = taskOf({ id: taskId, attempt: number });
  return {
    ...newAttempt(task, { at: NOW, lease, executor: "scripted" }),
    sessionId: `session-${taskId}`,
    ...patch,
  };
}

/** A line of the agent of an attempt, in the session of its task. */
export function lineOf(
  type: JournalLine["type"],
  taskId: number,
  attempt: number,
  patch: Partial<JournalLine> = {},
): JournalLine {
  const session = { sessionId: `session-${taskId}`, resume: false, known: false };
  return { type, taskId, attempt, ...session, pid: 9, ...patch };
}

/** Events in this order, numbered from 1; every daemon is another one. */
export function eventsOf(
  list: readonly (readonly [EventType, number | null, number | null])[],
): readonly Event[] {
  return list.map(([type, taskId, attempt], index) => {
    const data = taskId === null ? { owner: `daemon-${index}` } : ownerOf(type, index);
    return { seq: index + 1, at: NOW, type, taskId, attempt, data };
  });
}

/** The first daemon claims until it dies, then the second. */
function ownerOf(type: EventType, index: number): Event["data"] {
  return type === "task.admitted" ? { owner: index < 3 ? "daemon-0" : "daemon-3" } : {};
}
