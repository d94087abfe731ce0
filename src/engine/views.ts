import type { Attempt } from "../core/attempt.ts";
import type { DependencyState } from "../core/dependency.ts";
import type { Admission, AdmissionRules, Hold } from "../core/hold.ts";
import type { Expected } from "../core/forecast/person.ts";
import type { Outlook } from "../core/forecast/outlook.ts";
import type { Publication } from "../core/published.ts";
import type { QuotaWindow } from "../core/quota.ts";
import type { Schedule } from "../core/schedule.ts";
import type { Instant, Task, TaskState } from "../core/task.ts";
import type { Blocked } from "../ports/dependency-store.ts";
import type { DaemonRecord } from "../ports/store.ts";
import type { UsageTotal } from "../ports/usage-store.ts";

/** Most queued tasks an overview names. */
export const OVERVIEW_QUEUED_MAX = 20;
/** Most finished tasks an overview names. */
export const OVERVIEW_FINISHED_MAX = 10;

/** A daemon with what is known of its life; `no-signal` is a status of its own. */
export interface DaemonStatus {
  readonly record: DaemonRecord;
  readonly status: "running" | "stopped" | "dead" | "no-signal";
  /** How old the newest sign of life is. */
  readonly seenAgoMs: number;
}

/** One thing that was looked at, with what to do about it. */
export interface HealthCheck {
  readonly name: string;
  readonly status: "ok" | "warning" | "problem";
  readonly detail: string;
  /** Null when nothing has to be done. */
  readonly advice: string | null;
}

/** Why a task stands where it stands. */
export interface Why {
  readonly task: Task;
  /** One sentence. */
  readonly sentence: string;
  readonly holds: readonly Hold[];
  /** Earliest time at which the answer can change by itself. */
  readonly nextCheckAt: Instant | null;
}

/** What an agent was refused, told once however often it tried. */
export interface DeniedView {
  readonly attempt: number;
  /** The agent's tool, or `network`. */
  readonly tool: string;
  readonly detail: string;
  readonly count: number;
}

/** A task with its attempts. */
export interface RunningView {
  readonly task: Task;
  readonly attempts: readonly Attempt[];
}

/** The same with what has left of its results. */
export interface TaskDetail extends RunningView {
  readonly publication: Publication;
  /** How each of its dependencies stands. */
  readonly waitsFor: readonly DependencyState[];
}

/** A task that came to something for which others do not wait: a person decides, once for all of them. */
export interface BlockedView extends Blocked {
  /** The task that they wait for. */
  readonly task: Task;
  /** Why its first one waits in vain. */
  readonly sentence: string;
  /** What to do, as commands. */
  readonly remedies: readonly string[];
}

/** The state of everything in one read. */
export interface Overview {
  readonly now: Instant;
  readonly admission: Admission;
  readonly counts: Readonly<Record<TaskState, number>>;
  readonly daemons: readonly DaemonStatus[];
  readonly running: readonly RunningView[];
  /** The next tasks, each with why it waits; at most `OVERVIEW_QUEUED_MAX`. */
  readonly queued: readonly Why[];
  readonly waiting: readonly Task[];
  /** Tasks for which others wait in vain, the newest first; at most `OVERVIEW_QUEUED_MAX`. */
  readonly blocked: readonly BlockedView[];
  /** Schedules that were paused without a person: they get nowhere until one decides. */
  readonly stuck: readonly Schedule[];
  /** Finished in the last 24 hours, newest first; at most `OVERVIEW_FINISHED_MAX`. */
  readonly finished: readonly Task[];
  readonly windows: readonly QuotaWindow[];
  readonly usage: readonly UsageTotal[];
}

/** What is expected of a task, or of the one that a schedule will make at its next slot. */
export interface PlannedTask {
  /** Without a number of its own (0 and below) where it is not made yet. */
  readonly task: Task;
  /** The schedule that will make it; null for one that is queued. */
  readonly schedule: string | null;
  readonly outlook: Outlook;
}

/** What will start when, as far as it can be known. */
export interface PlanView {
  readonly now: Instant;
  readonly until: Instant;
  /** Null when there never was one; what is planned is what it would do. */
  readonly daemon: DaemonStatus | null;
  /** Queued tasks, those that start first before others. */
  readonly tasks: readonly PlannedTask[];
  /** Queued tasks behind these, of which nothing is said. */
  readonly more: number;
}

/** What a person is expected to use of a window. */
export interface ExpectedUse {
  readonly provider: string;
  readonly window: string;
  /** Until the window's reset; null when that is unknown or has passed. */
  readonly untilReset: Expected | null;
  /** Means for the hours of a week, from Monday's first on, 168 of them: shares of the window. */
  readonly week: readonly number[];
  /** Days that something is known of. */
  readonly days: number;
}

/** Quota windows and what our own ledger counted since a time. */
export interface UsageView {
  readonly now: Instant;
  readonly since: Instant;
  readonly windows: readonly QuotaWindow[];
  readonly totals: readonly UsageTotal[];
  /** What the newest daemon judges by; null when there never was one. */
  readonly rules: AdmissionRules | null;
  /** As learned from what was seen; empty when no daemon ever ran. */
  readonly expected: readonly ExpectedUse[];
}
