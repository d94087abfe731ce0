import type { Refusal } from "../core/change.ts";
import type { Dependency, DependencyState } from "../core/dependency.ts";
import type { DependencyRefusal } from "../core/dependency-judgement.ts";
import type { Instant, Task } from "../core/task.ts";

/** Most tasks that are counted behind those who wait. */
export const BEHIND_MAX = 1000;

/** A task that came to something for which others do not wait: one decision of a person. */
export interface Blocked {
  readonly taskId: number;
  /** Queued tasks that wait for it directly, smallest id first; the first few. */
  readonly waiting: readonly number[];
  /** How many wait for it directly. */
  readonly count: number;
  /** How many more queued tasks wait behind these; `BEHIND_MAX` stands for that many or more. */
  readonly behind: number;
}

/** Why a task may not wait for what it was told to. */
export type ReplaceRefusal =
  | Refusal
  | DependencyRefusal
  /** Tasks that would wait for each other, from the task back to it. */
  | { readonly reason: "circle"; readonly way: readonly number[] };

/** The task with what it waits for now, or why it was left as it is. */
export type Replaced =
  | { readonly ok: true; readonly task: Task }
  | { readonly ok: false; readonly refusal: ReplaceRefusal };

/** The task that was cancelled, or asked to end, with the ids of those that went with it. */
export type CancelledAlong =
  | { readonly ok: true; readonly task: Task; readonly along: readonly number[] }
  | { readonly ok: false; readonly refusal: Refusal };

/** Who asks for a change, and when. */
interface Asker {
  readonly at: Instant;
  readonly by: string;
}

/** What tasks wait for. Every method is one transaction; a refusal is a value and leaves no trace. */
export interface DependencyStore {
  /** How each dependency of the task stands, in the order in which they were given. */
  readonly ofTask: (id: number) => Promise<readonly DependencyState[]>;
  /** The first task that cannot start any more among those for which `id` waits over others; else null. */
  readonly stuckBehind: (id: number) => Promise<number | null>;
  /** Tasks for which others wait in vain, the newest first. */
  readonly blocked: (limit: number) => Promise<readonly Blocked[]>;
  /** Lets a queued task wait for these instead; refuses what would wait for itself, however far around. */
  readonly replace: (
    id: number,
    wanted: Asker & { readonly dependsOn: readonly Dependency[] },
  ) => Promise<Replaced>;
  /** Cancels a task and all that wait for it, over any number of others; but not who waits for its end. */
  readonly cancelAlong: (
    id: number,
    cancel: Asker & { readonly reason: string | null },
  ) => Promise<CancelledAlong>;
}
