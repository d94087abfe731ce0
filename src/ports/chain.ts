import type { Condition } from "../core/dependency.ts";
import type { DependencyRefusal } from "../core/dependency-judgement.ts";
import type { Asked } from "../core/new-task.ts";
import type { FullQueue } from "../core/queue.ts";

/** Why a task was not inserted. */
export type InsertRefusal =
  | { readonly reason: "unknown-project"; readonly project: string }
  | DependencyRefusal
  | ({ readonly reason: "queue-full" } & FullQueue);

/** Tasks that differ in their text alone, each of which waits for the one before. */
export interface NewChain {
  /** What all share; only the first one waits for its `dependsOn` and `notBefore`. */
  readonly asked: Omit<Asked, "text">;
  readonly texts: readonly string[];
  /** What the task of each text is likely to touch, where that is known of each; the first one's is asked. */
  readonly touches?: readonly (readonly string[])[];
  /** What each waits for the one before to come to. */
  readonly condition: Condition;
}

/** The ids that a chain got, one after the other, or why there is none of it. */
export type ChainInserted =
  | { readonly ok: true; readonly firstId: number; readonly lastId: number }
  | { readonly ok: false; readonly refusal: ChainRefusal };

/** Why a chain was not inserted. */
export type ChainRefusal =
  | InsertRefusal
  /** Each would wait for the landing of a thought. */
  | { readonly reason: "never-lands" };
