import { describe, expect, it } from "vitest";
import { type AuditFrame, balance } from "../../../../src/core/audit/audit.ts";
import type {
  AttemptBook,
  Books,
  EffectBook,
  SlotBook,
  TaskBook,
} from "../../../../src/core/books.ts";
import type { EventType } from "../../../../src/core/event.ts";

const HOUR_MS = 3_600_000;
const AT = Date.UTC(2027, 0, 16, 12);
const FRAME: AuditFrame = { at: AT, daemonLives: true };

function slot(hoursAgo: number, patch: Partial<SlotBook> = {}): SlotBook {
  const dueAt = AT - hoursAgo * HOUR_MS;
  return { scheduleId: 1, dueAt, untilAt: dueAt, count: 1, outcome: null, taskId: null, ...patch };
}

function task(events: string, patch: Partial<TaskBook> = {}): TaskBook {
  return {
    id: 1,
    state: "succeeded",
    source: "cli",
    leaseId: null,
    attempt: 1,
    attemptsUsed: 1,
    attemptsMax: 3,
    failure: null,
    events: events.split(" ").map((type) => `task.${type}` as EventType),
    ...patch,
  };
}

function attempt(patch: Partial<AttemptBook> = {}): AttemptBook {
  return { taskId: 1, number: 1, leaseId: "lease", outcome: "succeeded", ...patch };
}

function effect(patch: Partial<EffectBook> = {}): EffectBook {
  const intendedAt = AT - 2 * HOUR_MS;
  return {
    key: "push/1/a",
    taskId: 1,
    attempt: 1,
    kind: "push",
    intendedAt,
    isDone: true,
    ...patch,
  };
}

/** Books in order: a schedule, and a task of it that succeeded. */
function books(patch: Partial<Books> = {}): Books {
  return {
    schedules: [{ id: 1, name: "nightly", isRemoved: false }],
    slots: [slot(2, { outcome: "ran", taskId: 1 }), slot(-1)],
    tasks: [task("queued admitted succeeded", { source: "schedule" })],
    attempts: [attempt()],
    effects: [effect()],
    messages: [{ id: 1, taskId: 1, readBy: 1 }],
    cursors: [{ name: "mail", seq: 9 }],
    lastSeq: 9,
    highestTaskId: 1,
    ...patch,
  };
}

/** What is wrong with books, a sentence each. */
function wrong(patch: Partial<Books>, frame: AuditFrame = FRAME): readonly string[] {
  const audit = balance(books(patch), frame);
  const { imbalances } = audit;
  expect(audit.imbalance).toBe(imbalances.length);
  expect(imbalances.every(({ advice }) => advice.length > 10)).toBe(true);
  return imbalances.map(({ message }) => message);
}

/** What is open, as `promises/outcomes/open`, with what is said of it. */
function open(patch: Partial<Books>, frame: AuditFrame = FRAME): readonly unknown[] {
  const { promises, outcomes, open: left, openNotes, imbalances } = balance(books(patch), frame);
  expect(imbalances).toEqual([]);
  expect(promises).toBe(outcomes + left);
  return [left, ...openNotes.map(({ message }) => message)];
}

it("books in order balance, kind by kind", () => {
  const { kinds, ...all } = balance(books(), FRAME);
  expect(all).toEqual({
    promises: 15,
    outcomes: 14,
    open: 1,
    imbalance: 0,
    openNotes: [],
    imbalances: [],
  });
  const one = { promises: 1, outcomes: 1, open: 0, imbalance: 0 };
  expect(kinds).toEqual({
    slots: { promises: 2, outcomes: 1, open: 1, imbalance: 0 },
    tasks: one,
    attempts: one,
    retries: { promises: 0, outcomes: 0, open: 0, imbalance: 0 },
    effects: one,
    messages: one,
    notifications: { promises: 9, outcomes: 9, open: 0, imbalance: 0 },
  });
});

describe("slots", () => {
  const ran = slot(2, { outcome: "ran", taskId: 1 });

  it("each counts for all it stands for", () => {
    const missed = slot(9, { untilAt: AT - 5 * HOUR_MS, count: 5, outcome: "missed" });
    expect(balance(books({ slots: [missed, ran, slot(-1)] }), FRAME).kinds.slots).toEqual({
      promises: 7,
      outcomes: 6,
      open: 1,
      imbalance: 0,
    });
  });

  it.each([
    [
      "due without an outcome",
      [ran, slot(1)],
      "The slot 2027-01-16T11:00:00Z of the schedule nightly is due and has no outcome.",
    ],
    ["none at all", [], "The schedule nightly promises no further slot."],
    ["none open", [ran], "The schedule nightly promises no further slot."],
    ["two open", [ran, slot(-1), slot(-2)], "The schedule nightly has 2 open slots."],
    [
      "ran without a task",
      [slot(3, { outcome: "ran" }), ran, slot(-1)],
      "The slot 2027-01-16T09:00:00Z of the schedule nightly ran without a task.",
    ],
    [
      "skipped with a task",
      [slot(3, { outcome: "skipped", taskId: 1 }), slot(-1)],
      "The slot 2027-01-16T09:00:00Z of the schedule nightly skipped with a task.",
    ],
    [
      "a task that never was",
      [ran, slot(1, { outcome: "deferred", taskId: 7 }), slot(-1)],
      "The slot 2027-01-16T11:00:00Z of the schedule nightly names task 7, which never was.",
    ],
    [
      "one task of two slots",
      [ran, slot(1, { outcome: "ran", taskId: 1 }), slot(-1)],
      "Task 1 belongs to 2 slots.",
    ],
    ["a task without its slot", [slot(-1)], "Task 1 came of a schedule, and no slot has it."],
    [
      "a time that stands twice",
      [slot(4, { untilAt: AT - 2 * HOUR_MS, count: 3, outcome: "missed" }), ran, slot(-1)],
      "The slot 2027-01-16T10:00:00Z of the schedule nightly stands twice.",
    ],
    [
      "a slot of no schedule",
      [ran, slot(-1), slot(5, { scheduleId: 9, outcome: "missed" })],
      "A slot of 2027-01-16T07:00:00Z has no schedule.",
    ],
  ] as const)("%s", (_, slots, message) => {
    const tasks = slots.length === 0 ? [task("queued admitted succeeded")] : books().tasks;
    expect(wrong({ slots, tasks })).toEqual([message]);
  });

  it("of a removed schedule none is open", () => {
    const schedules = [{ id: 1, name: "nightly", isRemoved: true }];
    expect(wrong({ schedules })).toEqual([
      "The slot 2027-01-16T13:00:00Z of the schedule nightly is open, and the schedule is removed.",
    ]);
    expect(wrong({ schedules, slots: [ran] })).toEqual([]);
  });

  it("due ones wait for a daemon, and for a living one some minutes", () => {
    const due = "The slot 2027-01-16T11:00:00Z of the schedule nightly is due and has no outcome.";
    expect(open({ slots: [ran, slot(1)] }, { at: AT, daemonLives: false })).toEqual([1, due]);
    expect(open({ slots: [ran, slot(0.05)] })).toEqual([1]);
  });
});

describe("tasks", () => {
  const more = { slots: [slot(-1)], effects: [], messages: [] };

  function one(events: string, patch: Partial<TaskBook> = {}): readonly string[] {
    const own = task(events, patch);
    const count = own.events.filter((type) => type === "task.admitted").length;
    const attempts = Array.from({ length: count }, (_, index) =>
      attempt({
        number: index + 1,
        leaseId: own.leaseId !== null && index + 1 === count ? own.leaseId : "old",
        outcome: own.leaseId !== null && index + 1 === count ? null : "failed",
      }),
    );
    return wrong({ ...more, tasks: [{ ...own, attempt: count }], attempts });
  }

  it.each([
    ["queued", { state: "queued" }],
    ["queued admitted", { state: "running", leaseId: "lease" }],
    ["queued admitted retrying admitted parked admitted interrupted", { state: "queued" }],
    ["queued admitted waiting answered admitted succeeded retried", { state: "queued" }],
    ["queued cancelled restored cancelled trashed restored", { state: "queued" }],
    ["queued admitted succeeded trashed restored", {}],
    ["queued edited admitted said cancel-requested recovered cancelled", { state: "cancelled" }],
    ["queued admitted failed", { state: "failed", failure: "crash", attemptsUsed: 3 }],
    ["queued admitted failed", { state: "failed", failure: "policy" }],
    ["queued admitted failed", { state: "failed" }],
  ] as const)("%s is in order", (events, patch) => {
    expect(one(events, patch)).toEqual([]);
  });

  it.each([
    ["queued admitted", {}, "Task 1 is succeeded, and its events tell that it is running."],
    [
      "queued admitted succeeded succeeded",
      {},
      "Task 1 was succeeded when task.succeeded was told: it has its conclusion already.",
    ],
    [
      "queued admitted succeeded failed",
      {},
      "Task 1 was succeeded when task.failed was told: it has its conclusion already.",
    ],
    ["admitted succeeded", {}, "Task 1 was not there when task.admitted was told."],
    ["queued queued admitted succeeded", {}, "Task 1 was queued when task.queued was told."],
    ["said", { attemptsUsed: 0 }, "Task 1 has no event that tells of it."],
    ["queued", { state: "queued", attemptsUsed: 4 }, "Task 1 used 4 of 3 attempts."],
    [
      "queued admitted failed",
      { state: "failed", failure: "crash" },
      "Task 1 failed with 2 attempts left, and was not tried again.",
    ],
  ] as const)("%s is not: %j", (events, patch, message) => {
    expect(one(events, patch)).toEqual([message]);
  });

  it("a lease belongs to what runs", () => {
    expect(one("queued admitted", { state: "running" })).toContain("Task 1 runs without a lease.");
    expect(one("queued admitted succeeded", { leaseId: "lease" })).toContain(
      "Task 1 is succeeded and has a lease.",
    );
  });

  it("a retry is open until the next attempt, or a decision", () => {
    const retrying = task("queued admitted retrying", { state: "queued" });
    const retries = (each: TaskBook): unknown =>
      balance(books({ ...more, tasks: [each] }), FRAME).kinds.retries;
    expect(retries(retrying)).toEqual({ promises: 1, outcomes: 0, open: 1, imbalance: 0 });
    const cancelled = task("queued admitted retrying cancelled", { state: "cancelled" });
    expect(retries(cancelled)).toEqual({ promises: 1, outcomes: 1, open: 0, imbalance: 0 });
  });
});

describe("attempts", () => {
  const running = task("queued admitted", {
    state: "running",
    leaseId: "lease",
    source: "schedule",
  });

  it("the one that runs is open", () => {
    const patch = { tasks: [running], attempts: [attempt({ outcome: null })] };
    expect(open(patch)).toEqual([3]);
  });

  it.each([
    ["Attempt 1 of task 1 never ended.", {}, attempt({ outcome: null })],
    ["Attempt 1 of task 1 has ended and still has its lease.", { tasks: [running] }, attempt()],
    [
      "Attempt 1 of task 1 never ended.",
      { tasks: [running] },
      attempt({ outcome: null, leaseId: "old" }),
    ],
  ] as const)("%s", (message, patch, own) => {
    expect(wrong({ ...patch, attempts: [own] })).toEqual([message]);
  });

  it("has a row and an event each", () => {
    expect(wrong({ attempts: [], messages: [] })).toEqual([
      "Task 1 has 1 attempts, 0 rows of them and 1 events.",
    ]);
    expect(wrong({ attempts: [attempt(), attempt({ number: 2 })] })).toEqual([
      "Task 1 has 1 attempts, 2 rows of them and 1 events.",
    ]);
  });
});

describe("effects", () => {
  const unknown = effect({ isDone: false });
  const sentence = "was begun at 2027-01-16T10:00:00Z, and nobody knows whether it was done.";

  it("without a result are named once their task has succeeded", () => {
    expect(wrong({ effects: [unknown] })).toEqual([`The push of task 1 ${sentence}`]);
    expect(wrong({ effects: [{ ...unknown, kind: "land" }] })).toEqual([
      `The land of task 1 ${sentence}`,
    ]);
    const tasks = [task("queued admitted succeeded landed", { source: "schedule" })];
    expect(wrong({ tasks, effects: [{ ...unknown, kind: "land" }] })).toHaveLength(1);
    expect(wrong({ effects: [effect({ taskId: 9 })] })).toEqual([
      "The effect push/1/a belongs to no task.",
    ]);
  });

  it("may be replaced by a later one, be under way, or end with their task", () => {
    const later = effect({ key: "push/1/b", intendedAt: AT - HOUR_MS });
    expect(wrong({ effects: [unknown, later] })).toEqual([]);
    // A clock that was set back in between changes nothing: attempts only grow.
    const setBack = { ...later, attempt: 2, intendedAt: unknown.intendedAt - HOUR_MS };
    expect(wrong({ effects: [setBack, unknown] })).toEqual([]);
    const before = { ...later, attempt: 0 };
    expect(wrong({ effects: [unknown, before] })).toHaveLength(1);
    expect(wrong({ effects: [unknown, { ...later, kind: "commit" }] })).toHaveLength(1);
    expect(wrong({ effects: [unknown, { ...later, isDone: false }] })).toHaveLength(2);
    expect(open({ effects: [{ ...unknown, intendedAt: AT - 1 }] })).toEqual([2]);
    const running = task("queued admitted", {
      state: "running",
      leaseId: "lease",
      source: "schedule",
    });
    const attempts = [attempt({ outcome: null })];
    expect(open({ tasks: [running], attempts, effects: [unknown] })).toEqual([4]);
    const failed = task("queued admitted failed", { state: "failed", source: "schedule" });
    expect(wrong({ tasks: [failed], effects: [unknown] })).toEqual([]);
  });
});

describe("messages and notifications", () => {
  it.each([
    [
      "no task",
      { id: 3, taskId: 9, readBy: null },
      [attempt()],
      "Message 3 to task 9 has no task.",
    ],
    [
      "no attempt",
      { id: 3, taskId: 1, readBy: 7 },
      [attempt()],
      "Message 3 to task 1 was taken by an attempt that never was.",
    ],
    [
      "an attempt that was broken off",
      { id: 3, taskId: 1, readBy: 1 },
      [attempt({ outcome: "interrupted" })],
      "Message 3 to task 1 was taken by an attempt that may not have heard it (interrupted).",
    ],
  ] as const)("%s", (_, message, attempts, sentence) => {
    expect(wrong({ messages: [message], attempts })).toEqual([sentence]);
  });

  it("one that nobody took waits, and says so when it came too late", () => {
    const messages = [{ id: 3, taskId: 1, readBy: null }];
    expect(open({ messages })).toEqual([
      2,
      "Message 3 to task 1 came too late: it had succeeded before an attempt took it.",
    ]);
    const tasks = [task("queued", { state: "queued", attempt: 0, source: "schedule" })];
    expect(open({ tasks, messages, attempts: [], effects: [] })).toEqual([3]);
    const running = task("queued admitted", {
      state: "running",
      leaseId: "lease",
      source: "schedule",
    });
    const taken = [{ id: 3, taskId: 1, readBy: 1 }];
    const attempts = [attempt({ outcome: null })];
    expect(open({ tasks: [running], messages: taken, attempts })).toEqual([3]);
  });

  it("a notifier was told of no more than there is", () => {
    expect(wrong({ cursors: [{ name: "mail", seq: 10 }] })).toEqual([
      "The notifier mail was told up to event 10, and the last is 9.",
    ]);
    expect(open({ cursors: [{ name: "mail", seq: 4 }] })).toEqual([6]);
  });
});
