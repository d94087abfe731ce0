import { openRules, quotaOf } from "../../src/testing/admission-rules.ts";
import { openCron } from "../../src/adapters/cron/cron.ts";
import { openMemoryStore } from "../../src/adapters/memory/open.ts";
import type { AdmissionRules } from "../../src/core/hold.ts";
import type { Task } from "../../src/core/task.ts";
import { type Engine, type EngineParts, openEngine } from "../../src/engine/engine.ts";
import { type Queries, openQueries } from "../../src/engine/queries.ts";
import { type Tasks, openTasks } from "../../src/engine/tasks.ts";
import type { Store } from "../../src/ports/store.ts";
import { type FakeExecutor, createFakeExecutor } from "../../src/testing/fake-executor.ts";
import { type FakeLauncher, fakeLauncher } from "../../src/testing/fake-machine.ts";
import { type FakeMachine, fakeMachine } from "../../src/testing/fake-machine.ts";
import { type FakePublishing, fakePublishing } from "../../src/testing/fake-publishing.ts";
import { fakeProving } from "../../src/testing/fake-proving.ts";
import { type FakeWorkspaces, fakeWorkspaces } from "../../src/testing/fake-workspaces.ts";
import { type ManualClock, manualClock } from "../../src/testing/manual-clock.ts";
import { type MemoryArtifacts, memoryArtifacts } from "../../src/testing/memory-artifacts.ts";
import { seededChance } from "../../src/testing/seeded-chance.ts";
import { type SilentLog, silentLog } from "../../src/testing/silent-log.ts";

export const RULES: AdmissionRules = openRules({
  parallelMax: 2,
  executorDefault: "fake",
  quota: quotaOf(0.2, 0.8),
});

export const DAY_MS = 86_400_000;
const FROM = { by: "ada", source: "cli" } as const;

/** A whole engine over fakes and the memory store, on a clock that stands still. */
export interface Night {
  readonly clock: ManualClock;
  readonly store: Store;
  readonly executor: FakeExecutor;
  readonly workspaces: FakeWorkspaces;
  readonly publishing: FakePublishing;
  readonly artifacts: MemoryArtifacts;
  readonly machine: FakeMachine;
  readonly launcher: FakeLauncher;
  readonly log: SilentLog;
  readonly tasks: Tasks;
  readonly queries: Queries;
  readonly engine: Engine;
  /** Another engine, as another daemon would have, over the same store and executor. */
  readonly another: (patch?: Partial<EngineParts>) => Engine;
  /** Queues a thought and answers its id. */
  readonly think: (text: string, more?: object) => Promise<number>;
  readonly get: (id: number) => Promise<Task>;
  /** Lets everything that is due happen until `fact` holds; fails after many turns without it. */
  readonly until: (fact: () => boolean | Promise<boolean>, stepMs?: number) => Promise<void>;
  /** Resolves when the task is in this state. */
  readonly reaches: (id: number, state: Task["state"], stepMs?: number) => Promise<Task>;
  readonly eventTypes: (id: number) => Promise<readonly string[]>;
}

/** A fresh night; nothing has started. */
export function setup(patch: Partial<EngineParts> = {}): Night {
  const clock = manualClock();
  const store = openMemoryStore();
  const executor = createFakeExecutor({ clock, provider: "claude" });
  const workspaces = fakeWorkspaces();
  const publishing = fakePublishing();
  const artifacts = memoryArtifacts();
  const machine = fakeMachine();
  const launcher = fakeLauncher();
  const log = silentLog();
  const parts: EngineParts = {
    store,
    clock,
    chance: seededChance(),
    cron: openCron(),
    schedulePauseAfter: 3,
    log,
    machine,
    launcher,
    workspaces,
    artifacts,
    proving: fakeProving(() => ({})),
    publishing,
    executors: [executor],
    notifiers: [],
    version: "0.0.0",
    rules: RULES,
    limits: {
      timeoutMs: 3_600_000,
      projectTimeoutMs: () => null,
      stallMs: 900_000,
      retryRules: { backoffBaseMs: 30_000, backoffMaxMs: 3_600_000 },
    },
    readable: [],
    workspaceKeepMs: DAY_MS,
    trashKeepMs: 30 * DAY_MS,
    sweep: () => Promise.resolve(),
    ...patch,
  };
  const tasks = openTasks({ store, clock, attemptsMaxDefault: 3 });
  const get = async (id: number): Promise<Task> => {
    const task = await store.tasks.get(id);
    if (task === null) throw new Error(`no task ${id}`);
    return task;
  };
  const until: Night["until"] = async (fact, stepMs = 0) => {
    for (let turn = 0; turn < 500; turn += 1) {
      if (await fact()) return;
      await clock.advance(stepMs);
    }
    throw new Error("it never happened");
  };
  return {
    clock,
    store,
    executor,
    workspaces,
    publishing,
    artifacts,
    machine,
    launcher,
    log,
    tasks,
    queries: openQueries({ store, clock, machine }),
    engine: openEngine(parts),
    another: (more) => openEngine({ ...parts, machine: fakeMachine(2000), ...more }),
    get,
    until,
    think: async (text, more = {}) => {
      const submitted = await tasks.submit({ text, ...more }, FROM);
      if (!submitted.ok) throw new Error(submitted.problem.message);
      return submitted.value.task.id;
    },
    reaches: async (id, state, stepMs) => {
      await until(async () => (await get(id)).state === state, stepMs);
      return get(id);
    },
    eventTypes: async (id) =>
      (await store.events.after(0, 1000, { taskId: id })).map((event) => event.type),
  };
}
