import type { BudgetRules, Spending } from "./budget.ts";
import type { DependencyState } from "./dependency.ts";
import type { Forecast } from "./forecast/forecast.ts";
import type { QuotaRules, QuotaWindow } from "./quota.ts";
import type { HoursRules } from "./hours.ts";
import type { OrderRules } from "./order.ts";
import type { Instant, Task, TaskKind } from "./task.ts";

/** The policies, in the order in which `why` names them. */
export const POLICY_NAMES = [
  "paused",
  "not-before",
  "dependencies",
  "capacity",
  "project-turn",
  "conflict",
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
  /** Files and folders that it is likely to touch (see touches.ts). */
  readonly touches?: readonly string[];
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
  /** What else is spent of shared budgets; absent where nobody counts it, which holds nothing. */
  readonly spending?: Spending;
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
  /** Whether tasks of a project that are likely to touch the same files wait for each other. */
  readonly avoidsConflicts: boolean;
  readonly hours: HoursRules;
  readonly quota: QuotaRules;
  /** Held below these; null means not judged. */
  readonly memoryFreeMinBytes: number | null;
  readonly diskFreeMinBytes: number | null;
  /** Held from this load for each processor on; null means not judged. */
  readonly loadMax: number | null;
  /** Held below this share of a battery, 0 to 1, while there is no other power; null means not judged. */
  readonly batteryMin: number | null;
  readonly budgets: BudgetRules;
  readonly order: OrderRules;
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
  /** Load of the last minute, divided by the number of processors. */
  readonly loadPerProcessor?: number | null;
  readonly battery?: Battery | null;
  /** By executor: how much memory its agents were seen to take. */
  readonly memoryNeedBytes?: Readonly<Record<string, number>>;
  /** What running agents have not taken of that yet. */
  readonly memoryPromisedBytes?: number;
}

/** The battery of a machine that has one. */
export interface Battery {
  /** What is left, 0 to 1. */
  readonly share: number;
  /** True while something else gives power. */
  readonly isPowered: boolean;
}

/** Everything a policy may look at. */
export interface Snapshot extends StoredFacts, LocalFacts {
  readonly now: Instant;
  readonly rules: AdmissionRules;
  /** How the dependencies of the one task that is judged stand; absent where only their number matters. */
  readonly waitsFor?: readonly DependencyState[];
  /** Tasks that wait for a running one that touches the same files, and come before the one judged. */
  readonly reserved?: readonly RunningTask[];
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

/** How much memory an agent of the executor `name` was seen to take; 0 where that is not known. */
export function needOf({ memoryNeedBytes = {} }: LocalFacts, name: string): number {
  return (Object.hasOwn(memoryNeedBytes, name) ? memoryNeedBytes[name] : undefined) ?? 0;
}
