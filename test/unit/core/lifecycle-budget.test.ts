import { describe, expect, it } from "vitest";
import { applyChange } from "../../../src/core/lifecycle.ts";
import type { Outcome } from "../../../src/core/outcome.ts";
import {
  accepted,
  concludeOf,
  HOUR,
  LEASE,
  NOW,
  runningTask,
  taskOf,
  wrongState,
} from "./samples.ts";

const OWN = { budget: { usd: 2, tokens: null }, spent: { usd: 2.5, tokens: 9 } } as const;
const WORDS =
  "2.50 of 2.00 US dollars of its budget are spent; raise it with `sle retry 7 --budget AMOUNT`.";

const WAITING = {
  state: "waiting",
  lease: null,
  notBefore: null,
  attemptsUsed: 0,
  sessionId: "session-1",
  failure: { failure: "budget", message: WORDS },
  question: { text: WORDS, defaultAnswer: null, deadlineAt: null },
} as const;
const TOLD = { type: "task.waiting", data: { failure: "budget", question: WORDS } };

describe("a task that has spent its budget", () => {
  it.each<[string, Outcome]>([
    ["failed", { type: "failed", failure: "crash", message: "x", retryAt: null }],
    ["met its quota", { type: "failed", failure: "quota", message: "x", retryAt: NOW + HOUR }],
    ["was interrupted", { type: "interrupted", reason: "shutdown" }],
    ["is parked", { type: "snoozed", until: NOW + HOUR, failure: "budget", message: "x" }],
  ])("waits for a person when its attempt %s", (_, outcome) => {
    const task = runningTask(OWN);
    expect(applyChange(task, concludeOf({ outcome }))).toEqual(accepted(task, WAITING, TOLD));
  });

  it("waits for a person when its daemon died", () => {
    const task = runningTask({ ...OWN, sessionId: "session-1" });
    const changed = applyChange(task, { type: "recover", at: NOW, leaseId: LEASE.id });
    expect(changed).toEqual(
      accepted(task, WAITING, { type: "task.recovered", data: { attempt: 1 } }, TOLD),
    );
  });

  it("ends as ever when it is done, has failed for good, is cancelled or asks", () => {
    const stateAfter = (outcome: Outcome, patch = {}) => {
      const changed = applyChange(runningTask({ ...OWN, ...patch }), concludeOf({ outcome }));
      return changed.ok ? [changed.task.state, changed.task.failure?.failure ?? null] : null;
    };
    const crash: Outcome = { type: "failed", failure: "crash", message: "x", retryAt: null };
    expect(stateAfter({ type: "succeeded", summary: "" })).toEqual(["succeeded", null]);
    expect(stateAfter(crash, { attemptsMax: 1 })).toEqual(["failed", "crash"]);
    expect(stateAfter(crash, { cancelRequestedAt: NOW })).toEqual(["cancelled", null]);
    const spent: Outcome = { type: "failed", failure: "budget", message: "Spent.", retryAt: null };
    expect(stateAfter(spent)).toEqual(["waiting", "budget"]);
    expect(stateAfter(crash, { spent: { usd: 1.99, tokens: 0 } })).toEqual(["queued", "crash"]);
  });

  it("goes on with a larger budget or none, and with no other", () => {
    const task = taskOf({ ...OWN, state: "waiting" });
    const retry = { type: "retry", at: NOW, by: "ada", note: null } as const;
    const why = WORDS.slice(0, -1);
    expect(applyChange(task, retry)).toEqual(wrongState(task, `Task 7 is waiting: ${why}.`));
    const same = { usd: 2.5, tokens: null };
    expect(applyChange(task, { ...retry, budget: same })).toMatchObject({ ok: false });
    expect(applyChange(task, { type: "answer", at: NOW, by: "ada", text: "go on" })).toEqual(
      wrongState(task, `Task 7 is waiting: ${why}.`),
    );
    for (const budget of [{ usd: 3, tokens: null }, null]) {
      const changed = applyChange(task, { ...retry, budget });
      expect(changed).toMatchObject({
        ok: true,
        task: { state: "queued", budget },
        events: [{ type: "task.retried", data: { by: "ada", note: null, budget } }],
      });
    }
  });

  it("comes out of the trash, but not back into the queue", () => {
    const restore = { type: "restore", at: NOW, by: "ada" } as const;
    const cancelled = taskOf({ ...OWN, state: "cancelled", finishedAt: NOW, trashedAt: NOW });
    expect(applyChange(cancelled, restore)).toMatchObject({ ok: false });
    const done = taskOf({ ...OWN, state: "succeeded", finishedAt: NOW, trashedAt: NOW });
    expect(applyChange(done, restore)).toMatchObject({ ok: true, task: { trashedAt: null } });
  });
});
