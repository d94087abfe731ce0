import type { Budget, Spent } from "./budget.ts";
import type { Dependency } from "./dependency.ts";
import type { FailureClass } from "./failure.ts";
import type { IsolationLevel } from "./isolation.ts";
import type { Verdict } from "./verdict.ts";

/** The six states of a task; everything finer is a hold, computed when asked. */
export const TASK_STATES = [
  "queued",
  "running",
  "waiting",
  "succeeded",
  "failed",
  "cancelled",
] as const;
export type TaskState = (typeof TASK_STATES)[number];

/** `serious` belongs to a project, `thought` has a scratch workspace, `generated` was made by the daemon. */
export const TASK_KINDS = ["serious", "thought", "generated"] as const;
export type TaskKind = (typeof TASK_KINDS)[number];

/** How urgent a person said a task is; weighs within and across kinds (see plan.ts). */
export const PRIORITIES = ["low", "normal", "high"] as const;
export type Priority = (typeof PRIORITIES)[number];

/** The way in by which a task came. */
export const SOURCES = [
  "cli",
  "slack",
  "http",
  "webhook",
  "schedule",
  "generator",
  "plugin",
] as const;
export type Source = (typeof SOURCES)[number];

/** Epoch milliseconds on the wall clock. */
export type Instant = number;

/** The right to work on a task: ends by itself at `expiresAt`; `id` is random and is the fence. */
export interface Lease {
  readonly id: string;
  readonly owner: string;
  readonly expiresAt: Instant;
}

/** Why a task stands where it stands, when its last attempt did not succeed. */
export interface TaskFailure {
  readonly failure: FailureClass;
  readonly message: string;
}

/** A question that a person must answer before the task goes on. */
export interface Question {
  readonly text: string;
  /** Used when nobody answered by `deadlineAt`; null means wait for ever. */
  readonly defaultAnswer: string | null;
  readonly deadlineAt: Instant | null;
}

/** A person's decision about a result: it was landed on its base, or it is not wanted. */
export interface Landing {
  readonly decision: "landed" | "rejected";
  readonly at: Instant;
  readonly by: string;
  /** Commit on the base branch; null for what was rejected. */
  readonly commit: string | null;
  readonly note: string | null;
}

/** Which template a task was made of, with the values of all its parameters. */
export interface TaskTemplate {
  readonly name: string;
  readonly values: Readonly<Record<string, string>>;
}

/** What someone asked for; one durable row that lives through many attempts. */
export interface Task {
  readonly id: number;
  /** Grows by one with every change: the compare-and-set of the store. */
  readonly version: number;
  readonly state: TaskState;
  readonly kind: TaskKind;
  readonly priority: Priority;
  readonly source: Source;
  /** What to do, in the words of the person who asked. */
  readonly text: string;
  /** Words added later by `retry -m` and `answer`, oldest first; given to the agent after `text`. */
  readonly notes: readonly string[];
  /** What `text` was made of; null when it was written as it is. */
  readonly template: TaskTemplate | null;
  /** Name of the project, null for a thought. */
  readonly project: string | null;
  /** Name of the executor; null means the configured one when an attempt starts. */
  readonly executor: string | null;
  /** Name of the model; null means the executor's own default. */
  readonly model: string | null;
  /** Longest an attempt may take; null means the configured limit. */
  readonly timeoutMs: number | null;
  /** How far it is kept apart from the machine; null means as the settings say. */
  readonly isolation: IsolationLevel | null;
  /** The most that all its attempts together may cost; null: no limit of its own. */
  readonly budget: Budget | null;
  /** What all its attempts have cost so far. */
  readonly spent: Spent;
  /** How many counted attempts the task may use. */
  readonly attemptsMax: number;
  /** Attempts that count against `attemptsMax`; interrupted and parked ones are given back. */
  readonly attemptsUsed: number;
  /** Number of the newest attempt, 0 before the first; only grows: the fencing token. */
  readonly attempt: number;
  /** The agent session to resume in the next attempt, null for a fresh one. */
  readonly sessionId: string | null;
  /** Present exactly while the task runs. */
  readonly lease: Lease | null;
  /** The task may not start before this. */
  readonly notBefore: Instant | null;
  /** It starts at night only, whatever its kind may. */
  readonly nightOnly: boolean;
  /** When a person wants it done; pulls it forward, and promises nothing. */
  readonly deadlineAt: Instant | null;
  /** Files and folders of its project that it is likely to touch. */
  readonly touches: readonly string[];
  /** Tasks this one waits for, and what it waits for them to come to. */
  readonly dependsOn: readonly Dependency[];
  /** How many of `dependsOn` have not been met yet; what was met stays met. */
  readonly unmetDependencies: number;
  /** The lane it queues in (see lane.ts). */
  readonly lane: string;
  /** Its place within the lane, smallest first; fixed when it is queued, so ageing never reorders a lane. */
  readonly orderKey: number;
  readonly cancelRequestedAt: Instant | null;
  readonly failure: TaskFailure | null;
  readonly question: Question | null;
  /** What the daemon itself proved of the newest attempt; apart from the state. */
  readonly verdict: Verdict | null;
  /** What a person decided about the result; null while nobody has. */
  readonly landing: Landing | null;
  readonly createdAt: Instant;
  readonly updatedAt: Instant;
  /** When a final state was reached. */
  readonly finishedAt: Instant | null;
  readonly trashedAt: Instant | null;
}

/** True when no further attempt will be made unless a person asks. */
export function isFinal(state: TaskState): boolean {
  return state === "succeeded" || state === "failed" || state === "cancelled";
}

/** A failed task that used up its attempts or must not be retried: listed by `sle dead`. */
export function isDeadLettered(task: Task): boolean {
  return task.state === "failed" && task.trashedAt === null;
}
