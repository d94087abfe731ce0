import { spendingSince } from "../core/budget.ts";
import type { DependencyState } from "../core/dependency.ts";
import type { Hold, Snapshot } from "../core/hold.ts";
import { judge, plan } from "../core/plan.ts";
import { dependencyReason } from "../core/policies/dependencies.ts";
import type { Task } from "../core/task.ts";
import type { Clock } from "../ports/clock.ts";
import type { Store } from "../ports/store.ts";
import { readForecast } from "./forecaster.ts";
import type { DaemonStatus, Why } from "./views.ts";

interface Parts {
  readonly store: Store;
  readonly clock: Clock;
}

/** Says why tasks stand where they stand, from stored facts and the newest word of a live daemon. */
export function explainAll(
  parts: Parts,
  tasks: readonly Task[],
  daemons: readonly DaemonStatus[],
): Promise<readonly Why[]> {
  let snapshot: Promise<Snapshot> | null = null;
  const snapshotOnce = (daemon: DaemonStatus): Promise<Snapshot> => {
    snapshot ??= snapshotFor(parts, daemon);
    return snapshot;
  };
  return Promise.all(tasks.map((task) => explain(parts, task, daemons, snapshotOnce)));
}

async function explain(
  parts: Parts,
  task: Task,
  daemons: readonly DaemonStatus[],
  snapshotOnce: (daemon: DaemonStatus) => Promise<Snapshot>,
): Promise<Why> {
  if (task.state !== "queued") {
    return { task, sentence: lostSentence(task, daemons) ?? stateSentence(task), ...NO_HOLDS };
  }
  const waitsFor =
    task.unmetDependencies === 0 ? [] : await parts.store.dependencies.ofTask(task.id);
  const stuck = isStuck(waitsFor) ? dependencyReason(task, waitsFor) : "";
  const daemon = newestOf(daemons);
  if (daemon === undefined) {
    return { task, sentence: `${stuck} ${NO_DAEMON}`.trim(), ...NO_HOLDS };
  }
  const snapshot = await snapshotOnce(daemon);
  const holds = [
    ...judge(task, { ...snapshot, waitsFor }),
    ...(await reservations(parts.store, task, snapshot)),
  ];
  const sentence =
    daemon.status === "running"
      ? holdsSentence(task, holds)
      : `${stuck} ${NO_DAEMON} ${failureNote(task)}`;
  return { task, sentence: sentence.trim(), holds, nextCheckAt: nextCheck(holds) };
}

/** As `explainAll` for one task, looking also at what is waited for over others: one of them may be stuck. */
export async function explainFully(
  parts: Parts,
  task: Task,
  daemons: readonly DaemonStatus[],
): Promise<Why> {
  const [why] = (await explainAll(parts, [task], daemons)) as [Why];
  if (task.state !== "queued" || task.unmetDependencies === 0) return why;
  const stuck = await parts.store.dependencies.stuckBehind(task.id);
  if (stuck === null) return why;
  const sentence = `${why.sentence} Before it task ${stuck} cannot start any more: \`sle why ${stuck}\`.`;
  return { ...why, sentence };
}

function isStuck(waitsFor: readonly DependencyState[]): boolean {
  return waitsFor.some(({ standing }) => standing === "broken");
}

/** The one that judges now, or did last. */
export function newestOf(daemons: readonly DaemonStatus[]): DaemonStatus | undefined {
  return daemons.find((each) => each.status === "running") ?? daemons[0];
}

const NO_HOLDS = { holds: [], nextCheckAt: null } as const;
/** As many of each lane as the dispatcher looks at. */
const HEADS_PER_LANE = 3;
const NO_DAEMON = "No daemon is running; start one with `sle daemon start`.";

/** What a daemon judges by now. */
export async function snapshotFor(parts: Parts, daemon: DaemonStatus): Promise<Snapshot> {
  const { rules, local } = daemon.record;
  const now = parts.clock.now();
  const facts = await parts.store.shared.facts(spendingSince(rules.hours, now));
  const { executors } = local;
  const forecast = await readForecast({ ...parts, rules, executors });
  return { ...facts, ...local, now, rules, forecast };
}

/** What a plan alone knows: the files of a task are taken, or kept, by one that comes before it. */
async function reservations(
  store: Store,
  task: Task,
  snapshot: Snapshot,
): Promise<readonly Hold[]> {
  if (task.touches.length === 0) return [];
  const isConflict = ({ policy }: Hold): boolean => policy === "conflict";
  if (judge(task, snapshot).some(isConflict)) return [];
  const heads = await store.tasks.heads(snapshot.now, HEADS_PER_LANE);
  const all = heads.some(({ id }) => id === task.id) ? heads : [...heads, task];
  const planned = plan(all, snapshot).find((each) => each.task.id === task.id);
  return planned?.holds.filter(isConflict) ?? [];
}

function holdsSentence(task: Task, holds: readonly Hold[]): string {
  const first = holds[0];
  const note = failureNote(task);
  if (first === undefined) return `Nothing holds it: it starts next. ${note}`;
  const more = holds.length > 1 ? ` (and ${holds.length - 1} more)` : "";
  return `${first.reason}${more} ${note}`;
}

function failureNote(task: Task): string {
  if (task.failure === null) return "";
  return `The last attempt ended with ${task.failure.failure}: ${task.failure.message}`;
}

function nextCheck(holds: readonly Hold[]): number | null {
  const times = holds.map((hold) => hold.nextCheckAt).filter((at) => at !== null);
  return times.length === 0 ? null : Math.min(...times);
}

/** What is true of a running task of which nobody can say that it still runs; else null. */
function lostSentence(task: Task, daemons: readonly DaemonStatus[]): string | null {
  const daemon = daemons.find((each) => each.record.owner === task.lease?.owner);
  const begun = `It was started (attempt ${task.attempt}), but its daemon`;
  switch (daemon?.status) {
    case "no-signal":
      return `${begun} gives no sign of life; it goes on when a daemon finds it abandoned.`;
    case "dead":
    case "stopped":
      return `${begun} ended without a word; the next one goes on with it: \`sle daemon start\`.`;
    case "running":
    case undefined:
      return null;
  }
}

function stateSentence(task: Task): string {
  switch (task.state) {
    case "queued":
      return "It is queued.";
    case "running":
      return task.cancelRequestedAt === null
        ? `It runs: attempt ${task.attempt}.`
        : `It is being cancelled: attempt ${task.attempt}.`;
    case "waiting":
      // An answer alone raises no budget; the question says what does.
      if (task.failure?.failure === "budget") return `It waits for you: ${task.failure.message}`;
      return `It waits for you: ${task.question?.text ?? "a decision"} Answer with \`sle answer ${task.id} "…"\` or \`sle retry ${task.id}\`.`;
    case "succeeded":
      return `It succeeded; its result is ${task.verdict ?? "unverified"}.`;
    case "failed":
      return `It failed for good after ${task.attemptsUsed} of ${task.attemptsMax} attempts: ${task.failure?.message ?? "no reason was kept"}`;
    case "cancelled":
      return `It was cancelled; \`sle trash restore ${task.id}\` brings it back.`;
  }
}
