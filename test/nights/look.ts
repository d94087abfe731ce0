import { spendingSince } from "../../src/core/budget.ts";
import { isStartable } from "../../src/core/new-task.ts";
import { judge } from "../../src/core/plan.ts";
import type { Task } from "../../src/core/task.ts";
import { openQueries } from "../../src/engine/queries.ts";
import type { AdmitRequest, Admitted } from "../../src/ports/store.ts";
import type { Around } from "./faults.ts";
import type { Stage } from "./stage.ts";

const PAGE = { before: null, limit: 1000 } as const;
/** Within which a daemon that nothing disturbs starts what nothing holds; what was learned may be so old. */
const PATIENCE_MS = 360_000;
const STEP_MS = 20_000;
/** One step in so many is looked at. */
const LOOK_EVERY = 40;
/** What was queued so much later is never put before (docs/scheduling.md). */
const NEVER_BEFORE_MS = 204 * 3_600_000;
/** Those who decide may have read the queue so long ago, when they were stopped. */
const READ_AGO_MS = 600_000;

/** Looks at every claim: nothing overtakes in its lane, nothing starts against a window known as closed. */
export function watchClaims(stage: Stage): Around {
  return async (name, args, call) => {
    if (name !== "tasks.admit") return call();
    const [request] = args as [AdmitRequest];
    const queued = await stage.store.tasks.list({ states: ["queued"] }, PAGE);
    const facts = await stage.store.shared.facts(spendingSince(request.rules.hours, request.at));
    const { rules, local, forecast, at } = request;
    const admitted = (await call()) as Admitted;
    if (!admitted.ok) return admitted;
    const { task } = admitted;
    const snapshot = { ...facts, ...local, now: at, rules, forecast };
    const window = facts.quotaWindows.find(
      (each) =>
        each.status === "closed" && (each.resetsAt ?? 0) > at && !isOther(each.window, task),
    );
    if (window !== undefined && (task.executor ?? rules.executorDefault) === window.provider) {
      stage.tell(`task ${task.id} was started against the closed window ${window.window}`);
    }
    for (const other of queued) {
      if (!isOvertaken(other, task, at) || judge(other, snapshot).length > 0) continue;
      stage.tell(`task ${task.id} was put before task ${other.id}, which nothing held`);
    }
    return admitted;
  };
}

function isOther(window: string, { model }: Task): boolean {
  return window.endsWith("_opus") && model !== null && model !== "opus";
}

function isOvertaken(other: Task, task: Task, at: number): boolean {
  if (other.id === task.id || !isStartable(other, at)) return false;
  // When what it waited for came is not written in its row: it may have been at this moment.
  if (other.dependsOn.length > 0) return false;
  const readyAt = Math.max(other.updatedAt, other.notBefore ?? 0);
  if (readyAt > at - READ_AGO_MS) return false;
  const isLater = task.orderKey > other.orderKey;
  if (task.lane === other.lane) return isLater;
  return task.attempt === 1 && task.createdAt > other.createdAt + NEVER_BEFORE_MS;
}

/**
 * Looks at what is queued, now and then: every task has a reason that it does not run, and what has
 * none starts when the daemons are left alone.
 */
export async function lookAt(
  stage: Stage,
  { calmMs, step }: { readonly calmMs: number; readonly step: (maxMs: number) => Promise<void> },
): Promise<void> {
  if (looking.has(stage) || stage.steps() % LOOK_EVERY !== 0) return;
  looking.add(stage);
  const free = await unheld(stage);
  if (free.length > 0 && calmMs > 60_000) await waitForStart(stage, free, step);
  looking.delete(stage);
}

const looking = new WeakSet<Stage>();

/** Tasks that nothing holds; who has no reason at all is told of. */
async function unheld(stage: Stage): Promise<readonly number[]> {
  const queries = openQueries(stage);
  const free: number[] = [];
  for (const { id, state } of await stage.store.tasks.list(
    { states: ["queued", "waiting"] },
    PAGE,
  )) {
    const why = await queries.why(id);
    if (why === null || why.sentence.length < 10) stage.tell(`task ${id} has no reason`);
    if (why === null || state !== "queued" || why.holds.length > 0) continue;
    if (why.sentence.startsWith("Nothing holds it: it starts next.")) free.push(id);
    else if (!why.sentence.includes("No daemon is running")) {
      stage.tell(`task ${id} has no hold and is not next: ${why.sentence}`);
    }
  }
  return free;
}

async function waitForStart(
  stage: Stage,
  free: readonly number[],
  step: (maxMs: number) => Promise<void>,
): Promise<void> {
  const { time, store } = stage;
  const before = await store.events.lastSeq();
  for (const from = time.elapsedMs(); time.elapsedMs() - from < PATIENCE_MS;) {
    await step(STEP_MS);
    const started = await store.events.after(before, 1, { types: ["task.admitted"] });
    if (started.length > 0 || (await unheld(stage)).length === 0) return;
  }
  stage.tell(`nothing holds task ${free[0]}, and it did not start in ${PATIENCE_MS / 1000} s`);
}
