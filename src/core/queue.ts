import type { Source, TaskKind } from "./task.ts";

/** How many tasks may be queued at once. */
export interface QueueLimits {
  /** Over all ways in. */
  readonly max: number;
  /** By one way in. */
  readonly maxPerSource: number;
  /** Other bounds for single ways in. */
  readonly sources: Readonly<Partial<Record<Source, number>>>;
}

/** How many tasks are queued, over all ways in and by that of a newcomer. */
export interface QueueFill {
  readonly all: number;
  readonly ofSource: number;
}

/** What is full: the whole queue, or the part of one way in. */
export interface FullQueue {
  /** Null: the whole queue. */
  readonly source: Source | null;
  readonly queued: number;
  readonly max: number;
}

/** Which part of the queue has no room for `count` more tasks from `source`; null when there is room. */
export function fullQueue(
  limits: QueueLimits,
  source: Source,
  fill: QueueFill,
  count = 1,
): FullQueue | null {
  const max = sourceMax(limits, source);
  if (fill.ofSource + count > max) return { source, queued: fill.ofSource, max };
  if (fill.all + count > limits.max) return { source: null, queued: fill.all, max: limits.max };
  return null;
}

/** How many tasks by one way in may be queued. */
export function sourceMax({ sources, maxPerSource }: QueueLimits, source: Source): number {
  return sources[source] ?? maxPerSource;
}

/** True for a task that a queued one that the daemon made up itself gives its place to. */
export function makesRoom(kind: TaskKind): boolean {
  return kind !== "generated";
}

/** Who cancels such a task, and why, for the record. */
export function shedding(full: FullQueue): { readonly by: string; readonly reason: string } {
  return { by: "queue", reason: `${fullWords(full)}; it gave its place to another task.` };
}

/** What is full, without an end: `All 10000 places for tasks from cli are taken`. */
export function fullWords({ source, queued, max }: FullQueue): string {
  const whose = source === null ? "" : ` for tasks from ${source}`;
  const left = max - queued;
  if (left > 0) return `Only ${left} of ${max} places${whose} in the queue are left`;
  return `All ${max} places${whose} in the queue are taken`;
}
