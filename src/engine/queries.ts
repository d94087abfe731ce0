import { type Audit, balance } from "../core/audit/audit.ts";
import type { Event, EventType } from "../core/event.ts";
import type { Project } from "../core/project.ts";
import { publicationOf } from "../core/published.ts";
import type { Schedule } from "../core/schedule.ts";
import type { Instant, Task } from "../core/task.ts";
import type { Clock } from "../ports/clock.ts";
import type { Machine } from "../ports/machine.ts";
import type { SlotOfTask } from "../ports/schedule-store.ts";
import type { Page, Store, TaskFilter } from "../ports/store.ts";
import { readHealth } from "./health.ts";
import { daemonStatus, readOverview, stuckSchedules } from "./overview.ts";
import { readUsage } from "./usage-view.ts";
import { type ChangeRules, readPlan } from "./planning.ts";
import type {
  DaemonStatus,
  DeniedView,
  HealthCheck,
  Overview,
  PlanView,
  TaskDetail,
  UsageView,
  Why,
} from "./views.ts";
import { explainFully, newestOf } from "./why.ts";

/** The one door to read; works with the daemon up or down, writes nothing. */
export interface Queries {
  readonly task: (id: number) => Promise<TaskDetail | null>;
  /** What the task's agents were refused, oldest first. */
  readonly denied: (id: number) => Promise<readonly DeniedView[]>;
  readonly tasks: (filter: TaskFilter, page: Page) => Promise<readonly Task[]>;
  /** Of those of the tasks that a schedule made, for which of its slots. */
  readonly slots: (taskIds: readonly number[]) => Promise<readonly SlotOfTask[]>;
  /** Schedules that were paused without a person, by name. */
  readonly stuck: () => Promise<readonly Schedule[]>;
  readonly why: (id: number) => Promise<Why | null>;
  readonly overview: () => Promise<Overview>;
  /** What is to be expected until then, or until the next night has ended; by other rules where they are given. */
  readonly plan: (until: Instant | null, change?: ChangeRules) => Promise<PlanView>;
  readonly usage: (since: Instant) => Promise<UsageView>;
  readonly daemons: () => Promise<readonly DaemonStatus[]>;
  readonly health: () => Promise<readonly HealthCheck[]>;
  /** The books, balanced. */
  readonly audit: () => Promise<Audit>;
  readonly projects: () => Promise<readonly Project[]>;
  readonly events: (
    after: number,
    limit: number,
    filter?: { readonly taskId?: number; readonly types?: readonly EventType[] },
  ) => Promise<readonly Event[]>;
  readonly lastEvent: () => Promise<number>;
}

/** Opens the door over a store; `machine` tells live daemons of this host from dead ones. */
export function openQueries(parts: {
  readonly store: Store;
  readonly clock: Clock;
  readonly machine: Machine;
}): Queries {
  const { store, clock } = parts;
  return {
    task: async (id) => {
      const task = await store.tasks.get(id);
      if (task === null) return null;
      const attempts = await store.attempts.ofTask(id);
      const publication = publicationOf(await store.effects.ofTask(id));
      return { task, attempts, publication, waitsFor: await store.dependencies.ofTask(id) };
    },
    denied: (id) => deniedOf(store, id),
    tasks: (filter, page) => store.tasks.list(filter, page),
    slots: (taskIds) => store.schedules.ofTasks(taskIds),
    stuck: () => stuckSchedules(store),
    why: async (id) => {
      const task = await store.tasks.get(id);
      return task === null ? null : explainFully(parts, task, await daemonStatus(parts));
    },
    overview: () => readOverview(parts),
    plan: async (until, change) => readPlan(parts, await daemonStatus(parts), { until, change }),
    usage: async (since) => readUsage(parts, since, newestOf(await daemonStatus(parts))),
    daemons: () => daemonStatus(parts),
    health: () => readHealth(parts),
    audit: async () => {
      const books = await store.audit.books();
      const daemons = await daemonStatus(parts);
      const at = clock.now();
      const daemonLives = daemons.some(
        ({ status, record }) => status === "running" && at - record.startedAt > STARTED_MS,
      );
      return balance(books, { at, daemonLives });
    },
    projects: () => store.projects.list(),
    events: (after, limit, filter) => store.events.after(after, limit, filter),
    lastEvent: () => store.events.lastSeq(),
  };
}

/** In which a daemon that starts has surely settled what was due. */
const STARTED_MS = 60_000;

/** Most refusals of a task that are read. */
const DENIED_MAX = 1000;

async function deniedOf(store: Store, taskId: number): Promise<readonly DeniedView[]> {
  const events = await store.events.after(0, DENIED_MAX, { taskId, types: ["attempt.denied"] });
  const seen = new Map<string, DeniedView>();
  for (const { attempt, data } of events) {
    const [tool, detail] = [String(data["tool"]), String(data["detail"])];
    const key = JSON.stringify([attempt, tool, detail]);
    const count = (seen.get(key)?.count ?? 0) + 1;
    seen.set(key, { attempt: attempt ?? 0, tool, detail, count });
  }
  return [...seen.values()];
}
