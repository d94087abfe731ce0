import type { Instant, Priority, TaskKind } from "./task.ts";

/** The weights that a task gets its place by, all in time: as if it had been queued so much earlier or later. */
export interface OrderRules {
  /** How much longer a kind waits than a serious task queued at the same moment. */
  readonly kindDelayMs: Readonly<Record<TaskKind, number>>;
  /** How far `high` pulls a task forward, and `low` puts it back. */
  readonly priorityMs: number;
  /** A task counts as queued no later than so long before its deadline. */
  readonly deadlineLeadMs: number;
  /** How far one turn of its project more than others had puts a task back; four turns at most. */
  readonly turnMs: number;
  /** How many turns a project gets for one of another, where that is not one. */
  readonly weights: Readonly<Record<string, number>>;
}

const HOUR_MS = 3_600_000;

/** What holds unless the settings say otherwise. */
export const ORDER_DEFAULT: OrderRules = {
  kindDelayMs: { serious: 0, thought: 48 * HOUR_MS, generated: 96 * HOUR_MS },
  priorityMs: 12 * HOUR_MS,
  deadlineLeadMs: 72 * HOUR_MS,
  turnMs: 3 * HOUR_MS,
  weights: {},
};

/** How many turns count, so that no project is put back without an end. */
export const TURNS_MAX = 4;

/** What a task's place within its lane is made of. */
export interface Place {
  readonly priority: Priority;
  readonly queuedAt: Instant;
  readonly deadlineAt: Instant | null;
}

/**
 * Place within a lane: older first, priorities worth half a day each, a deadline that is ahead as if
 * the task had been queued three days before it, unless the settings say otherwise. Fixed when
 * queued, so indexable.
 */
export function orderKeyFor(
  { priority, queuedAt, deadlineAt }: Place,
  order: OrderRules = ORDER_DEFAULT,
): number {
  // One that has passed, as of a task that is tried again, would pull it forward without an end.
  const isAhead = deadlineAt !== null && deadlineAt > queuedAt;
  const since = isAhead ? Math.min(queuedAt, deadlineAt - order.deadlineLeadMs) : queuedAt;
  return since - boostMs(priority, order);
}

/** By how much a priority pulls a task forward in its own lane; negative for `low`. */
export function boostMs(priority: Priority, order: OrderRules = ORDER_DEFAULT): number {
  return { high: order.priorityMs, normal: 0, low: -order.priorityMs }[priority];
}

/**
 * Nothing that is queued more than this after a task is ever put before it: the most that the weights
 * put a task back, and the most that they pull another one forward (see plan.ts).
 */
export function orderBoundMs(order: OrderRules): number {
  const kinds = Object.values(order.kindDelayMs);
  const back = order.priorityMs + Math.max(...kinds) + TURNS_MAX * order.turnMs;
  return back + order.priorityMs + order.deadlineLeadMs - Math.min(...kinds);
}
