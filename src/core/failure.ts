/** Every way an attempt can end badly. */
export const FAILURE_CLASSES = [
  "quota",
  "overloaded",
  "billing",
  "auth",
  "config",
  "crash",
  "timeout",
  "stalled",
  "sandbox",
  "over-limit",
  "budget",
  "check-failed",
  "policy",
  "conflict",
  "disk",
  "cancelled",
] as const;
export type FailureClass = (typeof FAILURE_CLASSES)[number];

/** What is done about a failure: try again later, park until a time, ask a person, or give up. */
type FailureAction = "retry" | "park" | "ask" | "give-up";

/** One row of the failure table. */
export interface FailureRule {
  readonly action: FailureAction;
  /** Whether the attempt counts against `attemptsMax`. */
  readonly countsAttempt: boolean;
  /** Whether the next attempt resumes the same agent session. */
  readonly resumesSession: boolean;
  /** What a person reads: what happened and what to do. */
  readonly advice: string;
}

/** The one table: failure class to action. */
export const FAILURE_RULES: Readonly<Record<FailureClass, FailureRule>> = {
  quota: {
    action: "park",
    countsAttempt: false,
    resumesSession: true,
    advice: "The usage limit was hit; the task goes on by itself after the reset.",
  },
  overloaded: {
    action: "retry",
    countsAttempt: true,
    resumesSession: true,
    advice: "A service did not answer properly; the task is tried again after a pause.",
  },
  billing: {
    action: "ask",
    countsAttempt: false,
    resumesSession: true,
    advice: "The account cannot pay for more; settle the balance, then run `sle retry`.",
  },
  auth: {
    action: "ask",
    countsAttempt: false,
    resumesSession: true,
    advice: "The agent is not logged in; run `claude auth login`, then `sle retry`.",
  },
  config: {
    action: "give-up",
    countsAttempt: true,
    resumesSession: false,
    advice: "A setting is wrong; correct it, then run `sle retry`.",
  },
  crash: {
    action: "retry",
    countsAttempt: true,
    resumesSession: true,
    advice: "The agent ended without a result; the same session is resumed.",
  },
  timeout: {
    action: "retry",
    countsAttempt: true,
    resumesSession: true,
    advice:
      "The attempt took longer than its limit; raise it with `--timeout` if that was too short.",
  },
  stalled: {
    action: "retry",
    countsAttempt: true,
    resumesSession: true,
    advice: "The agent gave no sign of life for too long; the same session is resumed.",
  },
  sandbox: {
    action: "ask",
    countsAttempt: false,
    resumesSession: true,
    advice: "The sandbox could not be set up; `sle doctor` says why.",
  },
  "over-limit": {
    action: "retry",
    countsAttempt: true,
    resumesSession: true,
    advice:
      "The attempt took more of the machine than it may; the agent is told and tries again. Raise the limit under `isolation` if it is too low.",
  },
  budget: {
    action: "ask",
    countsAttempt: false,
    resumesSession: true,
    advice: "Go on in the same session with `sle retry`; `--budget` raises what the task may cost.",
  },
  "check-failed": {
    action: "retry",
    countsAttempt: true,
    resumesSession: true,
    advice: "The checks did not pass on the result; the agent is told and tries again.",
  },
  policy: {
    action: "give-up",
    countsAttempt: true,
    resumesSession: false,
    advice: "A rule or the model itself refused the work; reword the task, then run `sle retry`.",
  },
  conflict: {
    action: "retry",
    countsAttempt: true,
    resumesSession: true,
    advice: "The result does not fit what changed meanwhile; the agent is told and tries again.",
  },
  disk: {
    action: "park",
    countsAttempt: false,
    resumesSession: true,
    advice: "The disk is full; free some space and the task goes on by itself.",
  },
  cancelled: {
    action: "give-up",
    countsAttempt: true,
    resumesSession: false,
    advice: "The task was cancelled; `sle trash restore` brings it back.",
  },
};
