import type { DependencyState } from "./dependency.ts";
import type { Forecast } from "./forecast/forecast.ts";
import type { QuotaRules, QuotaWindow } from "./quota.ts";
import type { HoursRules } from "./hours.ts";
import type { Instant, Task, TaskKind } from "./task.ts";

/** The policies, in the order in which `why` names them. */
export const POLICY_NAMES = [
  "paused",
  "not-before",
  "dependencies",
  "capacity",
  "project-turn",
  "executor-ready",
  "quota",
  "hours",
  "resources",
  "budget",
] as const;
export type PolicyName = (typeof POLICY_NAMES)[number];

/** A policy's no: computed when asked, never stored. */
export interface Hold {
  readonly policy: PolicyName;
  /** One sentence for a person, with the number that decides. */
  readonly reason: string;
  /** When the answer can change by itself; null when only an outside event can change it. */
  readonly nextCheckAt: Instant | null;
}

/** What is running, as far as policies care. */
export interface RunningTask {
  readonly id: number;
  readonly project: string | null;
  readonly kind: TaskKind;
  readonly executor: string;
  readonly model: string | null;
  readonly admittedAt: Instant;
}

/** The facts that the store knows and reads afresh inside the claim. */
export interface StoredFacts {
  /** Admission as a person set it; `draining` lets running work end and starts nothing. */
  readonly admission: Admission;
  readonly running: readonly RunningTask[];
  readonly quotaWindows: readonly QuotaWindow[];
  /** Highest parallel count by project name, for projects that have one. */
  readonly projectParallelMax: Readonly<Record<string, number>>;
  /** US dollars spent since the budget's day began. */
  readonly usdToday: number;
}

/** Whether new work may start, as a person last set it. */
export interface Admission {
  readonly mode: "open" | "paused" | "draining";
  /** When a pause ends by itself; null for until resumed. */
  readonly until: Instant | null;
  readonly by: string;
}

/** The settings that admission judges by. */
export interface AdmissionRules {
  /** Most attempts at once over all daemons. */
  readonly parallelMax: number;
  /** Executor of tasks that name none. */
  readonly executorDefault: string;
  readonly hours: HoursRules;
  readonly quota: QuotaRules;
  /** Held below these; null means not judged. */
  readonly memoryFreeMinBytes: number | null;
  readonly diskFreeMinBytes: number | null;
  /** Most US dollars a day; null means no budget. */
  readonly usdPerDayMax: number | null;
}

/** What one executor says of itself. */
export type Readiness =
  | { readonly ready: true; readonly provider: string | null }
  | { readonly ready: false; readonly reason: string; readonly nextCheckAt: Instant | null };

/** What the daemon that asks knows of its own machine; null fields are unknown and hold nothing. */
export interface LocalFacts {
  readonly executors: Readonly<Record<string, Readiness>>;
  readonly memoryFreeBytes: number | null;
  readonly diskFreeBytes: number | null;
}

/** Everything a policy may look at. */
export interface Snapshot extends StoredFacts, LocalFacts {
  readonly now: Instant;
  readonly rules: AdmissionRules;
  /** How the dependencies of the one task that is judged stand; absent where only their number matters. */
  readonly waitsFor?: readonly DependencyState[];
  readonly forecast: Forecast;
}

/** One pure rule: may this task start now? `null` is yes. */
export type Policy = (task: Task, snapshot: Snapshot) => Hold | null;

/** The name of the executor that would do the task. */
export function executorOf(task: Pick<Task, "executor">, rules: AdmissionRules): string {
  return task.executor ?? rules.executorDefault;
}

/** What the executor `name` says of itself; undefined when there is none of that name here. */
export function readinessOf(facts: LocalFacts, name: string): Readiness | undefined {
  return Object.hasOwn(facts.executors, name) ? facts.executors[name] : undefined;
}
