import { isSpent } from "./budget.ts";
import { spentWords } from "./budget-text.ts";
import type { Change, ChangeEvent } from "./change.ts";
import { FAILURE_RULES, type FailureClass } from "./failure.ts";
import type { InterruptReason } from "./outcome.ts";
import { raiseWords } from "./policies/budget.ts";
import { backoffMs } from "./retry.ts";
import type { Instant, Task } from "./task.ts";

type Conclude = Extract<Change, { type: "conclude" }>;

/** What the end of an attempt changes in its task, and the one event that tells of it. */
export interface Conclusion {
  readonly patch: Partial<Task>;
  readonly event: ChangeEvent;
}

/** How long a task parked for a full disk sleeps before it looks again. */
const DISK_PARK_MS = 300_000;
/** How long a task parked for a quota sleeps when the provider named no reset. */
const QUOTA_PARK_MS = 900_000;
/** How long a parked task sleeps when the time it was given has passed: clocks differ, words err. */
const PASSED_PARK_MS = 30_000;
/** A parked task gets its attempt back, so it always sleeps a little: no loop without a pause. */
const PARK_MIN_MS = 1000;
/** No outside word makes a task sleep longer than a month and a day; then it asks again. */
const SLEEP_MAX_MS: number = 32 * 86_400_000;

/**
 * Turns the outcome of an attempt into the next state of its task, by the failure table. A task that
 * would be tried again waits for a person instead once its own budget is spent.
 */
export function concludeAttempt(task: Task, change: Conclude): Conclusion {
  return withinBudget(task, conclusionOf(task, change));
}

function conclusionOf(task: Task, change: Conclude): Conclusion {
  const { outcome, at, verdict, sessionId } = change;
  switch (outcome.type) {
    case "succeeded":
      return {
        patch: {
          state: "succeeded",
          verdict,
          sessionId,
          failure: null,
          finishedAt: at,
          cancelRequestedAt: null,
        },
        event: { type: "task.succeeded", data: { attempt: task.attempt, verdict } },
      };
    case "interrupted":
      return interrupted(task, at, outcome.reason, sessionId);
    case "snoozed":
      if (task.cancelRequestedAt !== null) return cancelled(task, at);
      return withPatch(parked(task, at, outcome.until, outcome.failure, outcome.message), {
        sessionId,
      });
    case "asked":
      if (task.cancelRequestedAt !== null) return cancelled(task, at);
      return {
        patch: {
          state: "waiting",
          sessionId,
          failure: null,
          question: outcome.question,
          ...givenBack(task),
        },
        event: { type: "task.waiting", data: { question: outcome.question.text } },
      };
    case "failed":
      if (task.cancelRequestedAt !== null || outcome.failure === "cancelled") {
        return cancelled(task, at);
      }
      return withPatch(failed(task, change, outcome.failure, outcome.message, outcome.retryAt), {
        verdict,
        sessionId: FAILURE_RULES[outcome.failure].resumesSession ? sessionId : null,
      });
  }
}

/** What becomes of a task whose attempt was broken off through no fault of its own. */
export function requeueInterrupted(
  task: Task,
  at: Instant,
  reason: InterruptReason,
  sessionId: string | null,
): Conclusion {
  return withinBudget(task, interrupted(task, at, reason, sessionId));
}

function withinBudget(task: Task, conclusion: Conclusion): Conclusion {
  const { budget, spent } = task;
  if (conclusion.patch.state !== "queued" || budget === null) return conclusion;
  if (!isSpent(budget, spent)) return conclusion;
  const message = `${spentWords(budget, spent)} of its budget are spent; ${raiseWords(task.id)}.`;
  return {
    patch: {
      ...conclusion.patch,
      state: "waiting",
      notBefore: null,
      failure: { failure: "budget", message },
      question: { text: message, defaultAnswer: null, deadlineAt: null },
      ...givenBack(task),
    },
    event: { type: "task.waiting", data: { failure: "budget", question: message } },
  };
}

/** Back into the queue at its old place with its attempt given back; or cancelled if that was asked. */
function interrupted(
  task: Task,
  at: Instant,
  reason: InterruptReason,
  sessionId: string | null,
): Conclusion {
  if (task.cancelRequestedAt !== null) return cancelled(task, at);
  return {
    patch: { state: "queued", sessionId, ...givenBack(task) },
    event: { type: "task.interrupted", data: { attempt: task.attempt, reason } },
  };
}

function failed(
  task: Task,
  change: Conclude,
  failure: FailureClass,
  message: string,
  retryAt: Instant | null,
): Conclusion {
  const rule = FAILURE_RULES[failure];
  switch (rule.action) {
    case "park": {
      const sleepMs = failure === "disk" ? DISK_PARK_MS : QUOTA_PARK_MS;
      return parked(task, change.at, retryAt ?? change.at + sleepMs, failure, message);
    }
    case "ask":
      return {
        patch: {
          state: "waiting",
          failure: { failure, message },
          question: { text: `${message} ${rule.advice}`, defaultAnswer: null, deadlineAt: null },
          ...givenBack(task),
        },
        event: { type: "task.waiting", data: { failure, question: message } },
      };
    case "retry":
      return task.attemptsUsed < task.attemptsMax
        ? retrying(task, change, failure, message, retryAt)
        : dead(task, change.at, failure, message);
    case "give-up":
      return dead(task, change.at, failure, message);
  }
}

function retrying(
  task: Task,
  change: Conclude,
  failure: FailureClass,
  message: string,
  retryAt: Instant | null,
): Conclusion {
  const backoffAt = change.at + backoffMs(change.retryRules, task.attemptsUsed, change.chance);
  const named = retryAt !== null && retryAt > change.at;
  const notBefore = named ? Math.min(retryAt, change.at + SLEEP_MAX_MS) : backoffAt;
  return {
    patch: { state: "queued", notBefore, failure: { failure, message } },
    event: {
      type: "task.retrying",
      data: {
        attempt: task.attempt,
        failure,
        message,
        notBefore,
        attemptsLeft: task.attemptsMax - task.attemptsUsed,
      },
    },
  };
}

function dead(task: Task, at: Instant, failure: FailureClass, message: string): Conclusion {
  return {
    patch: { state: "failed", failure: { failure, message }, finishedAt: at },
    event: { type: "task.failed", data: { attempt: task.attempt, failure, message } },
  };
}

function parked(
  task: Task,
  at: Instant,
  wanted: Instant,
  failure: FailureClass,
  message: string,
): Conclusion {
  const sleepMs = wanted > at ? Math.max(wanted - at, PARK_MIN_MS) : PASSED_PARK_MS;
  const until = at + Math.min(sleepMs, SLEEP_MAX_MS);
  return {
    patch: {
      state: "queued",
      notBefore: until,
      failure: { failure, message },
      ...givenBack(task),
    },
    event: { type: "task.parked", data: { attempt: task.attempt, failure, message, until } },
  };
}

function cancelled(task: Task, at: Instant): Conclusion {
  return {
    patch: {
      state: "cancelled",
      cancelRequestedAt: null,
      failure: null,
      finishedAt: at,
      trashedAt: at,
    },
    event: { type: "task.cancelled", data: { attempt: task.attempt } },
  };
}

function givenBack(task: Task): { attemptsUsed: number } {
  return { attemptsUsed: Math.max(0, task.attemptsUsed - 1) };
}

function withPatch(conclusion: Conclusion, patch: Partial<Task>): Conclusion {
  return { ...conclusion, patch: { ...conclusion.patch, ...patch } };
}
