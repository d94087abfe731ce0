import { needsDecision, type Schedule } from "../core/schedule.ts";
import type { Task } from "../core/task.ts";
import type { Clock } from "../ports/clock.ts";
import type { Machine } from "../ports/machine.ts";
import type { Store } from "../ports/store.ts";
import { readBlocked } from "./blocked.ts";
import {
  type DaemonStatus,
  OVERVIEW_FINISHED_MAX,
  OVERVIEW_QUEUED_MAX,
  type Overview,
  type RunningView,
} from "./views.ts";
import { explainAll } from "./why.ts";

interface Parts {
  readonly store: Store;
  readonly clock: Clock;
  readonly machine: Machine;
}

/** A daemon that was not heard of for this long has no signal; three missed signs of life. */
export const DAEMON_SILENT_MS = 45_000;
const DAY_MS = 86_400_000;
/** Enough of each lane to fill the overview even when one lane has everything. */
const PER_LANE = 5;

/** Reads the state of everything. */
export async function readOverview(parts: Parts): Promise<Overview> {
  const { store, clock } = parts;
  const now = clock.now();
  const daemons = await daemonStatus(parts);
  const next = await nextTasks(store, now);
  const list = (states: readonly Task["state"][], limit: number): Promise<readonly Task[]> =>
    store.tasks.list({ states }, { before: null, limit });
  return {
    now,
    admission: await store.shared.admission(),
    counts: await store.tasks.counts(),
    daemons,
    running: await runningDetails(store),
    queued: await explainAll(parts, next, daemons),
    waiting: await list(["waiting"], OVERVIEW_QUEUED_MAX),
    blocked: await readBlocked(store, OVERVIEW_QUEUED_MAX),
    stuck: await stuckSchedules(store),
    finished: await store.tasks.list(
      { states: ["succeeded", "failed", "cancelled"], finishedSince: now - DAY_MS },
      { before: null, limit: OVERVIEW_FINISHED_MAX },
    ),
    windows: await store.usage.windows(),
    usage: await store.usage.totals(now - DAY_MS),
  };
}

/** Schedules that were paused without a person, by name. */
export async function stuckSchedules(store: Store): Promise<readonly Schedule[]> {
  const schedules = await store.schedules.list();
  return schedules.map(({ schedule }) => schedule).filter(needsDecision);
}

/** Every daemon that ever registered and has not long stopped, with its honest status. */
export async function daemonStatus(parts: Parts): Promise<readonly DaemonStatus[]> {
  const { store, clock, machine } = parts;
  const now = clock.now();
  const records = await store.shared.daemons();
  return Promise.all(
    records.map(async (record): Promise<DaemonStatus> => {
      const seenAgoMs = Math.max(0, now - record.seenAt);
      if (record.stoppedAt !== null) return { record, status: "stopped", seenAgoMs };
      const dead = record.host === machine.host && !(await machine.isAlive(record.process));
      if (dead) return { record, status: "dead", seenAgoMs };
      return { record, status: seenAgoMs > DAEMON_SILENT_MS ? "no-signal" : "running", seenAgoMs };
    }),
  );
}

async function runningDetails(store: Store): Promise<readonly RunningView[]> {
  const running = await store.tasks.list(
    { states: ["running"] },
    { before: null, limit: OVERVIEW_QUEUED_MAX },
  );
  return Promise.all(
    running.map(async (task) => ({ task, attempts: await store.attempts.ofTask(task.id) })),
  );
}

/** Startable heads first, then the newest of those that wait for a time or another task. */
async function nextTasks(store: Store, now: number): Promise<readonly Task[]> {
  const heads = await store.tasks.heads(now, PER_LANE);
  const chosen = new Map(heads.slice(0, OVERVIEW_QUEUED_MAX).map((task) => [task.id, task]));
  if (chosen.size < OVERVIEW_QUEUED_MAX) {
    const page = { before: null, limit: OVERVIEW_QUEUED_MAX };
    for (const task of await store.tasks.list({ states: ["queued"] }, page)) {
      if (chosen.size < OVERVIEW_QUEUED_MAX) chosen.set(task.id, task);
    }
  }
  return [...chosen.values()];
}
