import type { Hold, RunningTask, Snapshot } from "./hold.ts";
import { executorOf } from "./hold.ts";
import { POLICIES } from "./policies/all.ts";
import type { Instant, Task, TaskKind } from "./task.ts";

/** What the plan says of one task: it may start now if there is no hold. */
export interface Decision {
  readonly task: Task;
  readonly holds: readonly Hold[];
}

const HOUR_MS = 3_600_000;

/** How much longer a kind waits than a serious task queued at the same moment. */
const KIND_DELAY_MS: Readonly<Record<TaskKind, number>> = {
  serious: 0,
  thought: 48 * HOUR_MS,
  generated: 96 * HOUR_MS,
};
/** How far each running or earlier planned task of the same project puts a task back. */
const TURN_DELAY_MS = 3 * HOUR_MS;
/** How many of them count. */
const TURNS_MAX = 4;

/** Every policy's no to starting `task` now, in the order of `POLICY_NAMES`; none means it may start. */
export function judge(task: Task, snapshot: Snapshot): readonly Hold[] {
  return POLICIES.flatMap((policy) => policy(task, snapshot) ?? []);
}

/**
 * Orders lane heads, best first, and judges each as if those before it that may start were running
 * already, so that one plan never starts more than the limits allow. Costs O(heads), whatever the
 * number of queued tasks.
 *
 * The order is by a virtual instant of queueing, earliest first:
 *
 *     orderKey (queued at, or 72 h before a deadline when that is earlier; high priority 12 h
 *               earlier, low 12 h later)
 *     + 48 h for a thought, 96 h for a generated task
 *     + 3 h for each task of the same project that runs or stands before it, 12 h at most
 *
 * Of tasks queued at the same moment, kind outweighs priority and turn together (48 > 24 + 12), so
 * serious comes before thought before generated.
 *
 * Nothing starves. No term depends on how long anything has waited, and all but the time of
 * queueing are bounded, because only a deadline that is ahead then counts: a task queued at q has a
 * virtual instant of at most q + 12 + 96 + 12 h, one queued at q' of at least q' - 72 - 12 h. So
 * nothing queued later than 204 h after q is ever put before it; what can be is a fixed, finite set
 * of tasks, each with a bounded number of attempts.
 */
export function plan(heads: readonly Task[], snapshot: Snapshot): readonly Decision[] {
  let current = snapshot;
  return inOrder(heads, snapshot.running).map((task) => {
    const holds = judge(task, current);
    if (holds.length === 0) current = withRunning(current, task);
    return { task, holds };
  });
}

/**
 * When a decision can first change by itself; null when only an event from outside can change one.
 * A task starts when the last of its holds is gone, so its own moment is the latest of them.
 */
export function nextCheckAt(decisions: readonly Decision[]): Instant | null {
  let earliest: Instant | null = null;
  for (const { holds } of decisions) {
    const at = endOfHolds(holds);
    if (at !== null && (earliest === null || at < earliest)) earliest = at;
  }
  return earliest;
}

function endOfHolds(holds: readonly Hold[]): Instant | null {
  let latest: Instant | null = null;
  for (const hold of holds) {
    if (hold.nextCheckAt === null) return null;
    if (latest === null || hold.nextCheckAt > latest) latest = hold.nextCheckAt;
  }
  return latest;
}

/** Two sorts: the first says who stands before whom in a project, the second counts it. */
function inOrder(heads: readonly Task[], running: readonly RunningTask[]): readonly Task[] {
  const turns = new Map<string, number>();
  for (const task of running) takeTurn(turns, task);
  return heads
    .map((task) => ({ task, queuedAt: task.orderKey + KIND_DELAY_MS[task.kind] }))
    .toSorted(byQueuedAt)
    .map(({ task, queuedAt }) => {
      const before = Math.min(takeTurn(turns, task), TURNS_MAX);
      return { task, queuedAt: queuedAt + before * TURN_DELAY_MS };
    })
    .toSorted(byQueuedAt)
    .map(({ task }) => task);
}

interface Ranked {
  readonly task: Task;
  readonly queuedAt: Instant;
}

function byQueuedAt(a: Ranked, b: Ranked): number {
  return a.queuedAt - b.queuedAt || a.task.id - b.task.id;
}

/** Answers how many turns the task's project had before; tasks without a project share by kind. */
function takeTurn(turns: Map<string, number>, task: Pick<Task, "project" | "kind">): number {
  const whose = task.project === null ? task.kind : `project ${task.project}`;
  const before = turns.get(whose) ?? 0;
  turns.set(whose, before + 1);
  return before;
}

function withRunning(snapshot: Snapshot, task: Task): Snapshot {
  return { ...snapshot, running: [...snapshot.running, asRunning(task, snapshot)] };
}

/** A task as it runs when it starts now. */
export function asRunning(task: Task, { rules, now }: Snapshot): RunningTask {
  const { id, project, kind, model } = task;
  return { id, project, kind, executor: executorOf(task, rules), model, admittedAt: now };
}
