import type { Hold, RunningTask, Snapshot } from "./hold.ts";
import { executorOf, needOf } from "./hold.ts";
import { type OrderRules, TURNS_MAX } from "./order.ts";
import { POLICIES } from "./policies/all.ts";
import type { Instant, Task } from "./task.ts";
import { leadOf, type Turns, turnShare, turnsOf, whoseTurn } from "./turns.ts";

/** What the plan says of one task: it may start now if there is no hold. */
export interface Decision {
  readonly task: Task;
  readonly holds: readonly Hold[];
}

/** Every policy's no to starting `task` now, in the order of `POLICY_NAMES`; none means it may start. */
export function judge(task: Task, snapshot: Snapshot): readonly Hold[] {
  return POLICIES.flatMap((policy) => policy(task, snapshot) ?? []);
}

/**
 * Orders lane heads, best first, and judges each as if those before it that may start were running
 * already, so that one plan never starts more than the limits allow. Costs O(heads), whatever the
 * number of queued tasks.
 *
 * The order is by a virtual instant of queueing, earliest first; in the weights of the default:
 *
 *     orderKey (queued at, or 72 h before a deadline when that is earlier; high priority 12 h
 *               earlier, low 12 h later)
 *     + 48 h for a thought, 96 h for a generated task
 *     + 3 h for each turn that its project is ahead of others or takes before it, 12 h at most
 *
 * Of tasks queued at the same moment, kind outweighs priority and turn together (48 > 24 + 12), so
 * serious comes before thought before generated.
 *
 * Nothing starves. No term depends on how long anything has waited, and all but the time of
 * queueing are bounded, because only a deadline that is ahead then counts: a task queued at q has a
 * virtual instant of at most q + 12 + 96 + 12 h, one queued at q' of at least q' - 72 - 12 h. So
 * nothing queued later than 204 h (`orderBoundMs`) after q is ever put before it; what can be is a
 * fixed, finite set of tasks, each with a bounded number of attempts.
 *
 * Shares are fair within that. Between two projects that could start all along, and whose next tasks
 * are less than D apart in all other terms, one is chosen again only while it is ahead by less than
 * D / 3 h turns. A turn counts 1 / weight, so starts divided by weight differ by at most D / 3 h and
 * one turn of each, as long as that is within the four turns that count.
 */
export function plan(
  heads: readonly Task[],
  snapshot: Snapshot,
  turns: Turns = turnsOf(snapshot.running, snapshot.rules.order),
): readonly Decision[] {
  let current = snapshot;
  return inOrder(heads, turns, snapshot.rules.order).map((task) => {
    const holds = judge(task, current);
    if (holds.length === 0) current = withRunning(current, task);
    else if (holds.every(({ policy }) => policy === "conflict"))
      current = withReserved(current, task);
    return { task, holds };
  });
}

/** Whose turn it could be: all with a task that may start, or that only waits for others to end. */
export function contendersIn(decisions: readonly Decision[]): ReadonlySet<string> {
  const may = decisions.filter(({ holds }) => holds.every(({ policy }) => policy === "capacity"));
  return new Set(may.map(({ task }) => whoseTurn(task)));
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
function inOrder(heads: readonly Task[], turns: Turns, order: OrderRules): readonly Task[] {
  const before = new Map<string, number>();
  return heads
    .map((task) => ({ task, queuedAt: task.orderKey + order.kindDelayMs[task.kind] }))
    .toSorted(byQueuedAt)
    .map(({ task, queuedAt }) => {
      const whose = whoseTurn(task);
      const ahead = before.get(whose) ?? leadOf(turns, whose);
      before.set(whose, ahead + turnShare(task, order));
      return { task, queuedAt: queuedAt + Math.min(ahead, TURNS_MAX) * order.turnMs };
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

function withRunning(snapshot: Snapshot, task: Task): Snapshot {
  const running = asRunning(task, snapshot);
  const promised = snapshot.memoryPromisedBytes ?? 0;
  return {
    ...snapshot,
    running: [...snapshot.running, running],
    memoryPromisedBytes: promised + needOf(snapshot, running.executor),
  };
}

/** Nobody who comes later may take the files that it waits for. */
function withReserved(snapshot: Snapshot, task: Task): Snapshot {
  return { ...snapshot, reserved: [...(snapshot.reserved ?? []), asRunning(task, snapshot)] };
}

/** A task as it runs when it starts now. */
export function asRunning(task: Task, { rules, now }: Snapshot): RunningTask {
  const { id, project, kind, model, touches } = task;
  return { id, project, kind, executor: executorOf(task, rules), model, admittedAt: now, touches };
}
