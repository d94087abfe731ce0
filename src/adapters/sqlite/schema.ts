import type { Generated } from "kysely";
import type { Condition } from "../../core/dependency.ts";
import type { FailureClass } from "../../core/failure.ts";
import type { IsolationLevel } from "../../core/isolation.ts";
import type { Priority, Source, TaskKind, TaskState } from "../../core/task.ts";
import type { Verdict } from "../../core/verdict.ts";
import type { ScheduleTable, SlotTable } from "./schedule-rows.ts";

/** Every table with its columns; times are epoch milliseconds, `json` columns hold JSON text. */
export interface Schema {
  readonly tasks: TaskTable;
  readonly attempts: AttemptTable;
  readonly steps: StepTable;
  readonly messages: MessageTable;
  readonly events: EventTable;
  readonly dependencies: DependencyTable;
  readonly projects: ProjectTable;
  readonly quota_windows: QuotaWindowTable;
  readonly usage_ledger: UsageTable;
  readonly spending: SpendingTable;
  readonly effects: EffectTable;
  readonly schedules: ScheduleTable;
  readonly slots: SlotTable;
  readonly cursors: { readonly name: string; readonly seq: number };
  readonly settings: { readonly key: string; readonly value: string };
  readonly admission: AdmissionTable;
  readonly daemons: DaemonTable;
  readonly bookkeeping: { readonly name: string; readonly value: number };
}

/** One row for each task; what policies judge by and order goes by has columns of its own. */
export interface TaskTable {
  readonly id: Generated<number>;
  readonly version: number;
  readonly state: TaskState;
  readonly kind: TaskKind;
  readonly priority: Priority;
  readonly source: Source;
  readonly project: string | null;
  readonly executor: string | null;
  readonly model: string | null;
  readonly timeout_ms: number | null;
  readonly isolation: IsolationLevel | null;
  readonly night_only: number;
  readonly deadline_at: number | null;
  readonly budget_usd: number | null;
  readonly budget_tokens: number | null;
  readonly spent_usd: number;
  readonly spent_tokens: number;
  readonly attempts_max: number;
  readonly attempts_used: number;
  readonly attempt: number;
  readonly session_id: string | null;
  readonly lease_id: string | null;
  readonly lease_owner: string | null;
  readonly lease_expires_at: number | null;
  readonly not_before: number | null;
  readonly unmet_dependencies: number;
  /** 1 when a queued task may start as far as its own columns go; kept up by every write and by `heads`. */
  readonly ready: number;
  readonly lane: string;
  readonly order_key: number;
  readonly cancel_requested_at: number | null;
  readonly failure: FailureClass | null;
  readonly failure_message: string | null;
  /** json */
  readonly question: string | null;
  readonly landing: string | null;
  readonly verdict: Verdict | null;
  readonly created_at: number;
  readonly updated_at: number;
  readonly finished_at: number | null;
  readonly trashed_at: number | null;
  /** Number of its newest event. */
  readonly last_event: number | null;
  /** json; what a person said, beside the rows of `dependencies` that are counted down */
  readonly depends_on: string;
  /** json */
  readonly touches: string;
  /** json */
  readonly notes: string;
  /** json */
  readonly template: string | null;
  readonly text: string;
}

/** One row for each try at a task. */
export interface AttemptTable {
  readonly task_id: number;
  readonly number: number;
  readonly lease_id: string;
  readonly owner: string;
  readonly executor: string;
  readonly model: string | null;
  readonly session_id: string | null;
  readonly resumed: number;
  readonly workspace: string | null;
  readonly pid: number | null;
  readonly pid_start_ticks: number | null;
  readonly pid_boot_id: string | null;
  readonly admitted_at: number;
  readonly started_at: number | null;
  readonly ended_at: number | null;
  /** json */
  readonly outcome: string | null;
  readonly verdict: Verdict | null;
  readonly tokens_input: number;
  readonly tokens_output: number;
  readonly tokens_cache_read: number;
  readonly tokens_cache_write: number;
  readonly usd: number;
  /** json */
  readonly progress: string | null;
  readonly results: string | null;
}

/** One row for each recorded part of an attempt. */
export interface StepTable {
  readonly id: Generated<number>;
  readonly task_id: number;
  readonly attempt: number;
  readonly name: string;
  readonly started_at: number;
  readonly ended_at: number | null;
  readonly ok: number | null;
  readonly detail: string;
}

/** Words of people to tasks, with the attempt that read them. */
export interface MessageTable {
  readonly id: Generated<number>;
  readonly task_id: number;
  readonly at: number;
  readonly by: string;
  readonly text: string;
  /** Number of the attempt that took it; null while unread. */
  readonly read_by: number | null;
}

/** The append-only log of facts, numbered without reuse. */
export interface EventTable {
  readonly seq: Generated<number>;
  readonly at: number;
  readonly type: string;
  readonly task_id: number | null;
  readonly attempt: number | null;
  /** Number of the event before it of the same task. */
  readonly previous: number | null;
  /** json */
  readonly data: string;
}

/** Which task waits for which, and what for. */
export interface DependencyTable {
  readonly task_id: number;
  readonly depends_on: number;
  readonly condition: Condition;
  readonly met_at: number | null;
  /** Since when only a person can change that it will not be met. */
  readonly broken_at: number | null;
}

/** Named places of work. */
export interface ProjectTable {
  readonly name: string;
  readonly location: string;
  readonly base: string | null;
  readonly parallel_max: number;
  readonly budget_usd: number | null;
  readonly budget_tokens: number | null;
  /** JSON. */
  readonly checks: string;
  readonly created_at: number;
}

/** The newest observation of each quota window. */
export interface QuotaWindowTable {
  readonly provider: string;
  readonly window: string;
  readonly used: number | null;
  readonly resets_at: number | null;
  readonly status: "open" | "closed";
  readonly source: "observed" | "estimated";
  readonly observed_at: number;
  readonly told_used: number | null;
}

/** Counted use, one row for each entry. */
export interface UsageTable {
  readonly id: Generated<number>;
  readonly at: number;
  readonly task_id: number;
  readonly attempt: number;
  /** That of the task when it was counted. */
  readonly project: string | null;
  readonly provider: string;
  readonly model: string;
  readonly tokens_input: number;
  readonly tokens_output: number;
  readonly tokens_cache_read: number;
  readonly tokens_cache_write: number;
  readonly usd: number;
}

/** Counted use by whole hours since the epoch and project, for budgets. */
export interface SpendingTable {
  readonly hour: number;
  /** Empty for none. */
  readonly project: string;
  readonly usd: number;
  /** All but those that the cache gave back. */
  readonly tokens: number;
  readonly tokens_cache_read: number;
}

/** Things done outside: the intent, then the result. */
export interface EffectTable {
  readonly key: string;
  readonly task_id: number;
  readonly attempt: number;
  readonly kind: string;
  readonly intended_at: number;
  readonly done_at: number | null;
  readonly result: string | null;
}

/** The one row that says whether new work may start. */
export interface AdmissionTable {
  readonly only: 1;
  readonly mode: "open" | "paused" | "draining";
  readonly until: number | null;
  readonly by: string;
}

/** Daemons and when they last said that they are alive. */
export interface DaemonTable {
  readonly owner: string;
  readonly host: string;
  readonly pid: number;
  readonly pid_start_ticks: number;
  readonly pid_boot_id: string;
  readonly version: string;
  readonly started_at: number;
  readonly seen_at: number;
  readonly stopped_at: number | null;
  /** json */
  readonly local: string;
  /** json */
  readonly rules: string;
}
