import { describe, expect, it } from "vitest";
import { bookkeepingOf, isUnheard } from "../../../src/core/bookkeeping.ts";
import type { Change } from "../../../src/core/change.ts";
import { applyChange } from "../../../src/core/lifecycle.ts";
import { newAttempt } from "../../../src/core/new-attempt.ts";
import type { Task } from "../../../src/core/task.ts";
import { concludeOf, LEASE, NOW, runningTask, taskOf } from "./samples.ts";

function booksOf(before: Task, change: Change) {
  const changed = applyChange(before, change);
  if (!changed.ok) throw new Error("the change was refused");
  return bookkeepingOf(before, change, changed);
}

describe("what is written beside a changed task", () => {
  it("numbers the events of an attempt, from its admission to its end", () => {
    const admit: Change = { type: "admit", at: NOW, lease: LEASE };
    expect(booksOf(taskOf({ attempt: 3 }), admit)).toEqual({
      events: [
        {
          type: "task.admitted",
          at: NOW,
          taskId: 7,
          attempt: 4,
          data: { attempt: 4, owner: "daemon-1" },
        },
      ],
      attemptEnd: null,
      concernsDependents: false,
    });
    const cancel: Change = { type: "cancel", at: NOW, by: "ada", reason: null };
    expect(booksOf(runningTask(), cancel).events.map(({ attempt }) => attempt)).toEqual([1]);
    expect(booksOf(taskOf({ attempt: 3 }), cancel).events.map(({ attempt }) => attempt)).toEqual([
      null,
    ]);
  });

  it("ends the attempt with its outcome and meets those that waited for a success", () => {
    expect(booksOf(runningTask(), concludeOf({ verdict: "verified" }))).toMatchObject({
      events: [{ type: "task.succeeded", attempt: 1 }],
      attemptEnd: {
        number: 1,
        endedAt: NOW,
        outcome: { type: "succeeded", summary: "done" },
        verdict: "verified",
      },
      concernsDependents: true,
    });
    const outcome = { type: "interrupted", reason: "shutdown" } as const;
    expect(booksOf(runningTask(), concludeOf({ outcome }))).toMatchObject({
      attemptEnd: { number: 1, endedAt: NOW, outcome, verdict: null },
      concernsDependents: false,
    });
  });

  it("ends the attempt of a dead daemon as an interruption", () => {
    const recover: Change = { type: "recover", at: NOW, leaseId: LEASE.id };
    expect(booksOf(runningTask({ attempt: 5 }), recover)).toMatchObject({
      events: [{ attempt: 5 }, { attempt: 5 }],
      attemptEnd: {
        number: 5,
        endedAt: NOW,
        outcome: { type: "interrupted", reason: "daemon-died" },
        verdict: null,
      },
      concernsDependents: false,
    });
  });

  it("takes for unheard what was said to an attempt that did not succeed", () => {
    const broken = { type: "interrupted", reason: "daemon-died" } as const;
    const crashed = { type: "failed", failure: "crash", message: "gone", retryAt: null } as const;
    const end = { number: 1, endedAt: NOW, verdict: null };
    expect(isUnheard({ ...end, outcome: broken })).toBe(true);
    expect(isUnheard({ ...end, outcome: crashed })).toBe(true);
    expect(isUnheard({ ...end, outcome: concludeOf().outcome })).toBe(false);
  });

  it("meets nobody again when a success is put away or brought back", () => {
    const done = taskOf({ state: "succeeded", finishedAt: NOW });
    expect(booksOf(done, { type: "trash", at: NOW, by: "ada" }).concernsDependents).toBe(false);
  });
});

it("an attempt begins with nothing done", () => {
  const task = runningTask({ attempt: 4, model: "opus" });
  expect(newAttempt(task, { at: NOW, lease: LEASE, executor: "claude-code" })).toEqual({
    taskId: 7,
    number: 4,
    leaseId: "lease-1",
    owner: "daemon-1",
    executor: "claude-code",
    model: "opus",
    sessionId: null,
    resumed: false,
    workspace: null,
    process: null,
    admittedAt: NOW,
    startedAt: null,
    endedAt: null,
    outcome: null,
    verdict: null,
    tokens: { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 },
    usd: 0,
    progress: null,
    results: null,
    steps: [],
  });
});
