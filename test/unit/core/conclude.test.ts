import { describe, expect, it } from "vitest";
import { concludeAttempt, requeueInterrupted } from "../../../src/core/conclude.ts";
import { FAILURE_CLASSES, FAILURE_RULES, type FailureClass } from "../../../src/core/failure.ts";
import type { Outcome } from "../../../src/core/outcome.ts";
import type { Instant } from "../../../src/core/task.ts";
import { concludeOf, HOUR, MINUTE, NOW, runningTask } from "./samples.ts";

function failedWith(failure: FailureClass, retryAt: Instant | null = null): Outcome {
  return { type: "failed", failure, message: "The reason.", retryAt };
}

function actionIs(...actions: readonly string[]): readonly FailureClass[] {
  return FAILURE_CLASSES.filter((failure) => actions.includes(FAILURE_RULES[failure].action));
}

const CANCELLED = {
  patch: {
    state: "cancelled",
    cancelRequestedAt: null,
    failure: null,
    finishedAt: NOW,
    trashedAt: NOW,
  },
  event: { type: "task.cancelled", data: { attempt: 1 } },
};

describe("a success", () => {
  it("carries the verdict apart from the state", () => {
    expect(concludeAttempt(runningTask(), concludeOf({ verdict: "refuted" }))).toEqual({
      patch: {
        state: "succeeded",
        verdict: "refuted",
        sessionId: "session-1",
        failure: null,
        finishedAt: NOW,
        cancelRequestedAt: null,
      },
      event: { type: "task.succeeded", data: { attempt: 1, verdict: "refuted" } },
    });
  });

  it("stands even when a cancel came too late", () => {
    const task = runningTask({ cancelRequestedAt: NOW - 1 });
    expect(concludeAttempt(task, concludeOf()).patch).toMatchObject({
      state: "succeeded",
      cancelRequestedAt: null,
    });
  });
});

describe("an interruption", () => {
  it.each(["shutdown", "lease-lost", "daemon-died"] as const)(
    "by %s gives the attempt back and keeps the session",
    (reason) => {
      const change = concludeOf({ outcome: { type: "interrupted", reason } });
      expect(concludeAttempt(runningTask({ attemptsUsed: 2 }), change)).toEqual({
        patch: { state: "queued", attemptsUsed: 1, sessionId: "session-1" },
        event: { type: "task.interrupted", data: { attempt: 1, reason } },
      });
    },
  );

  it("becomes the cancel that was asked for", () => {
    const task = runningTask({ cancelRequestedAt: NOW - 1 });
    const change = concludeOf({ outcome: { type: "interrupted", reason: "shutdown" } });
    expect(concludeAttempt(task, change)).toEqual(CANCELLED);
  });

  it("never gives back more than was used", () => {
    const task = runningTask({ attemptsUsed: 0 });
    expect(requeueInterrupted(task, NOW, "shutdown", null).patch.attemptsUsed).toBe(0);
  });
});

describe("a snooze", () => {
  const snoozed: Outcome = {
    type: "snoozed",
    until: NOW + HOUR,
    failure: "quota",
    message: "Used up.",
  };

  it("parks the task until then without using up an attempt", () => {
    expect(concludeAttempt(runningTask(), concludeOf({ outcome: snoozed }))).toEqual({
      patch: {
        state: "queued",
        notBefore: NOW + HOUR,
        failure: { failure: "quota", message: "Used up." },
        attemptsUsed: 0,
        sessionId: "session-1",
      },
      event: {
        type: "task.parked",
        data: { attempt: 1, failure: "quota", message: "Used up.", until: NOW + HOUR },
      },
    });
  });

  it("gives way to a cancel", () => {
    const task = runningTask({ cancelRequestedAt: NOW - 1 });
    expect(concludeAttempt(task, concludeOf({ outcome: snoozed }))).toEqual(CANCELLED);
  });
});

describe("a question", () => {
  const question = { text: "Which one?", defaultAnswer: "blue", deadlineAt: NOW + HOUR };
  const asked: Outcome = { type: "asked", question };

  it("makes the task wait without using up an attempt", () => {
    expect(concludeAttempt(runningTask(), concludeOf({ outcome: asked }))).toEqual({
      patch: {
        state: "waiting",
        sessionId: "session-1",
        failure: null,
        question,
        attemptsUsed: 0,
      },
      event: { type: "task.waiting", data: { question: "Which one?" } },
    });
  });

  it("gives way to a cancel", () => {
    const task = runningTask({ cancelRequestedAt: NOW - 1 });
    expect(concludeAttempt(task, concludeOf({ outcome: asked }))).toEqual(CANCELLED);
  });
});

describe("a failure that is tried again", () => {
  it.each(actionIs("retry"))("%s: backs off and says how many attempts are left", (failure) => {
    const change = concludeOf({ outcome: failedWith(failure), verdict: "refuted" });
    const notBefore = NOW + 1000;
    const resumes = FAILURE_RULES[failure].resumesSession;
    expect(concludeAttempt(runningTask(), change)).toEqual({
      patch: {
        state: "queued",
        notBefore,
        failure: { failure, message: "The reason." },
        verdict: "refuted",
        sessionId: resumes ? "session-1" : null,
      },
      event: {
        type: "task.retrying",
        data: { attempt: 1, failure, message: "The reason.", notBefore, attemptsLeft: 2 },
      },
    });
  });

  it.each(actionIs("retry"))("%s: gives up with the last attempt", (failure) => {
    const task = runningTask({ attemptsUsed: 3 });
    expect(concludeAttempt(task, concludeOf({ outcome: failedWith(failure) }))).toEqual({
      patch: {
        state: "failed",
        verdict: null,
        sessionId: "session-1",
        failure: { failure, message: "The reason." },
        finishedAt: NOW,
      },
      event: { type: "task.failed", data: { attempt: 1, failure, message: "The reason." } },
    });
  });

  it("waits longer after each failure", () => {
    const task = runningTask({ attemptsUsed: 2 });
    const change = concludeOf({ outcome: failedWith("crash"), chance: 0.5 });
    expect(concludeAttempt(task, change).patch.notBefore).toBe(NOW + 30_000);
  });

  it("takes the vendor's word on when to come back", () => {
    const change = concludeOf({ outcome: failedWith("overloaded", NOW + 7000) });
    expect(concludeAttempt(runningTask(), change).patch.notBefore).toBe(NOW + 7000);
  });

  it.each([NOW, NOW - 1, 0, Number.NaN])(
    "backs off when the vendor's word is no time ahead (%d)",
    (retryAt) => {
      const change = concludeOf({ outcome: failedWith("overloaded", retryAt) });
      expect(concludeAttempt(runningTask(), change).patch.notBefore).toBe(NOW + 1000);
    },
  );
});

describe("a failure that is parked", () => {
  it.each(actionIs("park"))("%s: sleeps until the reset without using up an attempt", (failure) => {
    const change = concludeOf({ outcome: failedWith(failure, NOW + HOUR), verdict: "refuted" });
    expect(concludeAttempt(runningTask(), change)).toEqual({
      patch: {
        state: "queued",
        notBefore: NOW + HOUR,
        failure: { failure, message: "The reason." },
        verdict: "refuted",
        attemptsUsed: 0,
        sessionId: "session-1",
      },
      event: {
        type: "task.parked",
        data: { attempt: 1, failure, message: "The reason.", until: NOW + HOUR },
      },
    });
  });

  it.each([
    ["quota", 15 * MINUTE],
    ["disk", 5 * MINUTE],
  ] as const)("%s: sleeps a while when no reset is known", (failure, sleepMs) => {
    const change = concludeOf({ outcome: failedWith(failure) });
    expect(concludeAttempt(runningTask(), change).patch.notBefore).toBe(NOW + sleepMs);
  });

  // An attempt that is given back each time must never become a loop without a pause.
  it.each([
    ["a reset that has passed", NOW - 1, NOW + 30_000],
    ["a reset at this moment", NOW, NOW + 30_000],
    ["seconds taken for milliseconds", NOW / 1000, NOW + 30_000],
    ["no number", Number.NaN, NOW + 30_000],
    ["a reset in an instant", NOW + 1, NOW + 1000],
    ["the near future", NOW + 1001, NOW + 1001],
    ["the end of time", Infinity, NOW + 32 * 24 * HOUR],
    ["microseconds taken for milliseconds", NOW * 1000, NOW + 32 * 24 * HOUR],
  ])("sleeps a sane time for %s", (_name, retryAt, notBefore) => {
    const failed = concludeOf({ outcome: failedWith("quota", retryAt) });
    expect(concludeAttempt(runningTask(), failed).patch.notBefore).toBe(notBefore);
    const outcome = { type: "snoozed", until: retryAt, failure: "quota", message: "" } as const;
    expect(concludeAttempt(runningTask(), concludeOf({ outcome })).patch.notBefore).toBe(notBefore);
  });
});

describe("a failure that a person must settle", () => {
  it.each(actionIs("ask"))("%s: waits with a question that says what to do", (failure) => {
    const change = concludeOf({ outcome: failedWith(failure), verdict: "unverified" });
    expect(concludeAttempt(runningTask(), change)).toEqual({
      patch: {
        state: "waiting",
        sessionId: "session-1",
        failure: { failure, message: "The reason." },
        question: {
          text: `The reason. ${FAILURE_RULES[failure].advice}`,
          defaultAnswer: null,
          deadlineAt: null,
        },
        verdict: "unverified",
        attemptsUsed: 0,
      },
      event: { type: "task.waiting", data: { failure, question: "The reason." } },
    });
  });
});

describe("a failure that is final", () => {
  it.each(actionIs("give-up").filter((failure) => failure !== "cancelled"))(
    "%s: fails at once, whatever attempts are left",
    (failure) => {
      const change = concludeOf({ outcome: failedWith(failure), verdict: "refuted" });
      expect(concludeAttempt(runningTask(), change)).toEqual({
        patch: {
          state: "failed",
          verdict: "refuted",
          sessionId: null,
          failure: { failure, message: "The reason." },
          finishedAt: NOW,
        },
        event: { type: "task.failed", data: { attempt: 1, failure, message: "The reason." } },
      });
    },
  );

  it("of class cancelled cancels", () => {
    const change = concludeOf({ outcome: failedWith("cancelled") });
    expect(concludeAttempt(runningTask(), change)).toEqual(CANCELLED);
  });
});

it.each(FAILURE_CLASSES)("a cancel that was asked for wins over %s", (failure) => {
  const task = runningTask({ cancelRequestedAt: NOW - 1 });
  expect(concludeAttempt(task, concludeOf({ outcome: failedWith(failure) }))).toEqual(CANCELLED);
});

it("the failure table never counts an attempt that is parked or asked about", () => {
  for (const { action, countsAttempt } of Object.values(FAILURE_RULES)) {
    expect(countsAttempt).toBe(action === "retry" || action === "give-up");
  }
});
