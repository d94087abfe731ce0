import type { Budget } from "./budget.ts";
import type { Dependency } from "./dependency.ts";
import type { EventData, EventType } from "./event.ts";
import type { OrderRules } from "./order.ts";
import type { Outcome } from "./outcome.ts";
import type { RetryRules } from "./retry.ts";
import type { Instant, Landing, Lease, Priority, Task, TaskState } from "./task.ts";
import type { Verdict } from "./verdict.ts";

/** Everything that can happen to a task. Plain data, so that it can cross into a database's thread. */
export type Change = {
  readonly at: Instant;
  /** The weights that a task which is queued anew or moved gets its place by; absent: the default ones. */
  readonly order?: OrderRules;
} & (
  | { readonly type: "admit"; readonly lease: Lease }
  | {
      readonly type: "conclude";
      readonly leaseId: string;
      readonly outcome: Outcome;
      readonly verdict: Verdict | null;
      /** The session the next attempt may resume; null when there is none. */
      readonly sessionId: string | null;
      readonly retryRules: RetryRules;
      /** In [0, 1): spreads retries. */
      readonly chance: number;
    }
  /** By the rescuer: the lease has expired and the process tree was seen dead. */
  | {
      readonly type: "recover";
      readonly leaseId: string;
      /** The session the dead attempt had recorded; when absent the task's own stays. */
      readonly sessionId?: string | null;
    }
  | { readonly type: "cancel"; readonly by: string; readonly reason: string | null }
  | {
      readonly type: "retry";
      readonly by: string;
      readonly note: string | null;
      /** What all attempts together may cost from now on; absent: as before, null: no limit. */
      readonly budget?: Budget | null;
    }
  | { readonly type: "answer"; readonly by: string; readonly text: string }
  | {
      readonly type: "edit";
      readonly by: string;
      readonly priority?: Priority;
      readonly notBefore?: Instant | null;
    }
  /** What it waits for from now on, instead of what it waited for; `unmet` of them are not met. */
  | {
      readonly type: "depend";
      readonly by: string;
      readonly dependsOn: readonly Dependency[];
      readonly unmet: number;
    }
  | {
      readonly type: "settle";
      readonly by: string;
      readonly decision: Landing["decision"];
      readonly commit: string | null;
      readonly note: string | null;
    }
  | { readonly type: "trash"; readonly by: string }
  | { readonly type: "restore"; readonly by: string }
);

/** Why a change was not made; a value, not an error. */
export type Refusal =
  /** The lease that the change speaks for is not the task's. */
  | { readonly reason: "lease-lost" }
  /** The task's state does not allow it. */
  | { readonly reason: "wrong-state"; readonly state: TaskState; readonly message: string }
  | { readonly reason: "not-found" }
  /** Admission was judged again at the claim and a hold was found (see plan.ts). */
  | { readonly reason: "held"; readonly message: string };

/** An event of the change, before the store gives it time, task and number. */
export interface ChangeEvent {
  readonly type: EventType;
  readonly data: EventData;
}

/** What a change makes of a task: the new row with its events, or a refusal that changes nothing. */
export type Changed =
  | { readonly ok: true; readonly task: Task; readonly events: readonly ChangeEvent[] }
  | { readonly ok: false; readonly refusal: Refusal };

/** Throws for a change that only one certain operation of a store may make, because it judges it first. */
export function refuseForeign(change: Change): void {
  if (change.type === "admit") throw new Error("A task is admitted by `admit`, which judges it.");
  if (change.type === "depend")
    throw new Error("`dependencies.replace` judges what waits for what.");
}
