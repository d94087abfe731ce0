import { describe, expect, it } from "vitest";
import type { Change, Changed } from "../../../src/core/change.ts";
import { applyChange } from "../../../src/core/lifecycle.ts";
import { isDeadLettered, TASK_STATES } from "../../../src/core/task.ts";
import {
  accepted,
  concludeOf,
  HOUR,
  LEASE,
  NOW,
  runningTask,
  taskOf,
  wrongState,
  onSuccessOf,
} from "./samples.ts";

const LEASE_LOST: Changed = { ok: false, refusal: { reason: "lease-lost" } };

const admit: Change = { type: "admit", at: NOW, lease: LEASE };
const recover: Change = { type: "recover", at: NOW, leaseId: LEASE.id };
const cancel: Change = { type: "cancel", at: NOW, by: "ada", reason: "changed my mind" };
const retry: Change = { type: "retry", at: NOW, by: "ada", note: null };
const answer: Change = { type: "answer", at: NOW, by: "ada", text: "the blue one" };
const trash: Change = { type: "trash", at: NOW, by: "ada" };
const restore: Change = { type: "restore", at: NOW, by: "ada" };

const FAILURE = { failure: "crash", message: "it fell over" } as const;
const QUESTION = { text: "Which one?", defaultAnswer: null, deadlineAt: null };
const FRESH = {
  state: "queued",
  attemptsUsed: 0,
  notBefore: null,
  cancelRequestedAt: null,
  failure: null,
  question: null,
  finishedAt: null,
  trashedAt: null,
} as const;

describe("admit", () => {
  it("starts the next attempt under the lease; why the last one failed stays for its prompt", () => {
    const task = taskOf({
      attempt: 4,
      attemptsUsed: 2,
      notBefore: NOW - 1,
      failure: FAILURE,
      verdict: "refuted",
      sessionId: "session-0",
    });
    expect(applyChange(task, admit)).toEqual(
      accepted(
        task,
        {
          state: "running",
          attempt: 5,
          attemptsUsed: 3,
          lease: LEASE,
          notBefore: null,
          verdict: null,
        },
        { type: "task.admitted", data: { attempt: 5, owner: "daemon-1" } },
      ),
    );
  });

  it.each(TASK_STATES.filter((state) => state !== "queued"))("refuses a %s task", (state) => {
    const task = taskOf({ state });
    expect(applyChange(task, admit)).toEqual(
      wrongState(task, `Task 7 is ${state}: only a queued task can start.`),
    );
  });

  it("refuses while other tasks are waited for", () => {
    const task = taskOf({ dependsOn: onSuccessOf(3), unmetDependencies: 1 });
    expect(applyChange(task, admit)).toEqual(
      wrongState(task, "Task 7 is queued: it waits for other tasks."),
    );
  });

  it("refuses when the attempts are used up", () => {
    const task = taskOf({ attemptsUsed: 3, attemptsMax: 3 });
    expect(applyChange(task, admit)).toEqual(
      wrongState(task, "Task 7 is queued: its attempts are used up."),
    );
  });
});

describe("conclude", () => {
  it("ends the lease with the attempt", () => {
    const task = runningTask();
    expect(applyChange(task, concludeOf({ verdict: "verified" }))).toEqual(
      accepted(
        task,
        {
          state: "succeeded",
          lease: null,
          verdict: "verified",
          sessionId: "session-1",
          finishedAt: NOW,
        },
        { type: "task.succeeded", data: { attempt: 1, verdict: "verified" } },
      ),
    );
  });

  it("is refused to anyone but the holder of the lease", () => {
    expect(applyChange(runningTask(), concludeOf({ leaseId: "lease-0" }))).toEqual(LEASE_LOST);
    expect(applyChange(taskOf(), concludeOf())).toEqual(LEASE_LOST);
  });
});

describe("recover", () => {
  it("queues the task at its old place with its attempt given back", () => {
    const task = runningTask({ sessionId: "session-0" });
    expect(applyChange(task, recover)).toEqual(
      accepted(
        task,
        { state: "queued", lease: null, attemptsUsed: 0 },
        { type: "task.recovered", data: { attempt: 1 } },
        { type: "task.interrupted", data: { attempt: 1, reason: "daemon-died" } },
      ),
    );
  });

  it("keeps the session that the dead attempt had begun, to be resumed", () => {
    const task = runningTask({ sessionId: "session-0" });
    expect(applyChange(task, { ...recover, sessionId: "session-1" })).toMatchObject({
      task: { state: "queued", sessionId: "session-1" },
    });
    expect(applyChange(task, { ...recover, sessionId: null })).toMatchObject({
      task: { state: "queued", sessionId: null },
    });
  });

  it("cancels the task when that was asked for meanwhile", () => {
    const task = runningTask({ cancelRequestedAt: NOW - 1 });
    expect(applyChange(task, recover)).toEqual(
      accepted(
        task,
        {
          state: "cancelled",
          lease: null,
          cancelRequestedAt: null,
          finishedAt: NOW,
          trashedAt: NOW,
        },
        { type: "task.recovered", data: { attempt: 1 } },
        { type: "task.cancelled", data: { attempt: 1 } },
      ),
    );
  });

  it("is refused for another lease", () => {
    expect(applyChange(runningTask(), { ...recover, leaseId: "lease-0" })).toEqual(LEASE_LOST);
    expect(applyChange(taskOf(), recover)).toEqual(LEASE_LOST);
  });
});

describe("cancel", () => {
  const data = { by: "ada", reason: "changed my mind" };

  it("ends a queued task at once and puts it into the trash", () => {
    const task = taskOf({ failure: FAILURE, notBefore: NOW + 1 });
    expect(applyChange(task, cancel)).toEqual(
      accepted(
        task,
        { state: "cancelled", failure: null, finishedAt: NOW, trashedAt: NOW },
        { type: "task.cancelled", data },
      ),
    );
  });

  it("ends a waiting task and its question", () => {
    const task = taskOf({ state: "waiting", question: QUESTION });
    expect(applyChange(task, cancel)).toEqual(
      accepted(
        task,
        { state: "cancelled", question: null, finishedAt: NOW, trashedAt: NOW },
        { type: "task.cancelled", data },
      ),
    );
  });

  it("asks a running task to end, once", () => {
    const task = runningTask();
    const asked = accepted(
      task,
      { cancelRequestedAt: NOW },
      { type: "task.cancel-requested", data },
    );
    expect(applyChange(task, cancel)).toEqual(asked);
    const again = runningTask({ cancelRequestedAt: NOW - 1 });
    expect(applyChange(again, cancel)).toEqual(accepted(again, {}));
  });

  it.each(["succeeded", "failed", "cancelled"] as const)("is refused for a %s task", (state) => {
    const task = taskOf({ state, finishedAt: NOW - 1 });
    expect(applyChange(task, cancel)).toEqual(
      wrongState(task, `Task 7 is ${state}: it has ended already.`),
    );
  });
});

describe("retry", () => {
  it.each(["succeeded", "failed", "cancelled"] as const)(
    "queues a %s task anew with a fresh budget, last in its lane",
    (state) => {
      const task = taskOf({
        state,
        attempt: 3,
        attemptsUsed: 3,
        sessionId: "session-1",
        notes: ["first"],
        failure: FAILURE,
        finishedAt: NOW - 1,
        trashedAt: NOW - 1,
      });
      expect(applyChange(task, { ...retry, note: "try harder" })).toEqual(
        accepted(
          task,
          { ...FRESH, orderKey: NOW, notes: ["first", "try harder"] },
          { type: "task.retried", data: { by: "ada", note: "try harder" } },
        ),
      );
    },
  );

  it("lets a queued task start now, at its old place", () => {
    const task = taskOf({ attemptsUsed: 2, notBefore: NOW + HOUR, failure: FAILURE });
    expect(applyChange(task, retry)).toEqual(
      accepted(task, FRESH, { type: "task.retried", data: { by: "ada", note: null } }),
    );
  });

  it("takes the place of an answer, at the old place", () => {
    const task = taskOf({ state: "waiting", question: QUESTION });
    expect(applyChange(task, retry)).toEqual(
      accepted(task, FRESH, { type: "task.retried", data: { by: "ada", note: null } }),
    );
  });

  it("is refused for a running task", () => {
    const task = runningTask();
    expect(applyChange(task, retry)).toEqual(
      wrongState(task, "Task 7 is running: it is running; use `sle say` to steer it."),
    );
  });
});

describe("answer", () => {
  it("gives the words to the next attempt, at the old place", () => {
    const task = taskOf({
      state: "waiting",
      question: QUESTION,
      sessionId: "session-1",
      attemptsUsed: 1,
    });
    expect(applyChange(task, answer)).toEqual(
      accepted(
        task,
        { ...FRESH, notes: ["the blue one"] },
        { type: "task.answered", data: { by: "ada" } },
      ),
    );
  });

  it.each(TASK_STATES.filter((state) => state !== "waiting"))(
    "is refused for a %s task",
    (state) => {
      const task = taskOf({ state });
      expect(applyChange(task, answer)).toEqual(
        wrongState(task, `Task 7 is ${state}: it asks nothing.`),
      );
    },
  );
});

describe("edit", () => {
  const edit = { type: "edit", at: NOW, by: "ada" } as const;

  it("moves the task by what the new priority is worth, from where it stands", () => {
    // Queued again long after it was made: the place must not jump back to the day of its making.
    const task = taskOf({ createdAt: NOW - 100 * HOUR, orderKey: NOW - HOUR });
    expect(applyChange(task, { ...edit, priority: "high" })).toEqual(
      accepted(
        task,
        { priority: "high", orderKey: NOW - 13 * HOUR },
        { type: "task.edited", data: { by: "ada", priority: "high", notBefore: null } },
      ),
    );
    const high = taskOf({ priority: "high", orderKey: NOW - 13 * HOUR });
    expect(applyChange(high, { ...edit, priority: "low" })).toMatchObject({
      task: { priority: "low", orderKey: NOW + 11 * HOUR },
    });
  });

  it("sets and clears the start, and leaves what is not named", () => {
    const task = taskOf({ priority: "low", notBefore: NOW + 1, orderKey: 5 });
    expect(applyChange(task, { ...edit, notBefore: NOW + 2 })).toEqual(
      accepted(
        task,
        { notBefore: NOW + 2 },
        { type: "task.edited", data: { by: "ada", priority: "low", notBefore: NOW + 2 } },
      ),
    );
    expect(applyChange(task, { ...edit, notBefore: null })).toMatchObject({
      task: { notBefore: null },
    });
    expect(applyChange(task, edit)).toMatchObject({ task: { notBefore: NOW + 1 } });
  });

  it.each(TASK_STATES.filter((state) => state !== "queued"))(
    "is refused for a %s task",
    (state) => {
      const task = taskOf({ state });
      expect(applyChange(task, edit)).toEqual(
        wrongState(task, `Task 7 is ${state}: only a queued task can be edited.`),
      );
    },
  );
});

describe("trash", () => {
  it.each(["succeeded", "failed"] as const)("puts a %s task away, once", (state) => {
    const task = taskOf({ state, finishedAt: NOW - 1 });
    expect(applyChange(task, trash)).toEqual(
      accepted(task, { trashedAt: NOW }, { type: "task.trashed", data: { by: "ada" } }),
    );
    const trashed = taskOf({ state, finishedAt: NOW - 1, trashedAt: NOW - 1 });
    expect(applyChange(trashed, trash)).toEqual(accepted(trashed, {}));
  });

  it.each(["queued", "running", "waiting"] as const)("is refused for a %s task", (state) => {
    const task = taskOf({ state });
    expect(applyChange(task, trash)).toEqual(
      wrongState(task, `Task 7 is ${state}: cancel it first.`),
    );
  });
});

describe("restore", () => {
  it("queues a cancelled task again", () => {
    const task = taskOf({
      state: "cancelled",
      attemptsUsed: 1,
      finishedAt: NOW - 1,
      trashedAt: NOW - 1,
    });
    expect(applyChange(task, restore)).toEqual(
      accepted(task, { ...FRESH, orderKey: NOW }, { type: "task.restored", data: { by: "ada" } }),
    );
  });

  it("brings a finished task back as it was", () => {
    const task = taskOf({
      state: "succeeded",
      verdict: "verified",
      finishedAt: NOW - 1,
      trashedAt: NOW - 1,
    });
    expect(applyChange(task, restore)).toEqual(
      accepted(task, { trashedAt: null }, { type: "task.restored", data: { by: "ada" } }),
    );
  });

  it("is refused for what is not in the trash", () => {
    const task = taskOf({ state: "failed" });
    expect(applyChange(task, restore)).toEqual(
      wrongState(task, "Task 7 is failed: it is not in the trash."),
    );
  });
});

describe("isDeadLettered", () => {
  it("is true of a failed task that nobody put away", () => {
    expect(isDeadLettered(taskOf({ state: "failed" }))).toBe(true);
    expect(isDeadLettered(taskOf({ state: "failed", trashedAt: NOW }))).toBe(false);
    expect(isDeadLettered(taskOf({ state: "cancelled" }))).toBe(false);
  });
});
