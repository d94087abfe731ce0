import { mkdtempSync, rmSync, existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openCron } from "../../src/adapters/cron/cron.ts";
import { openMemoryStore } from "../../src/adapters/memory/open.ts";
import { openSqliteStore } from "../../src/adapters/sqlite/open.ts";
import { type Engine, openEngine } from "../../src/engine/engine.ts";
import type { ProcessIdentity } from "../../src/core/attempt.ts";
import type { Clock } from "../../src/ports/clock.ts";
import type { Log } from "../../src/ports/log.ts";
import type { Machine } from "../../src/ports/machine.ts";
import type { Store } from "../../src/ports/store.ts";
import { fakeProving } from "../../src/testing/fake-proving.ts";
import { fakePublishing } from "../../src/testing/fake-publishing.ts";
import { fakeWorkspaces } from "../../src/testing/fake-workspaces.ts";
import { memoryArtifacts } from "../../src/testing/memory-artifacts.ts";
import { seededChance } from "../../src/testing/seeded-chance.ts";
import { type Agents, openAgents } from "./agents.ts";
import { type Draw, drawFrom } from "./draw.ts";
import {
  type Around,
  type FaultyStore,
  faultyStore,
  isRead,
  type KillAt,
  makeHints,
} from "./faults.ts";
import type { NightPlan } from "./plan-of-night.ts";
import { openProvider, type Provider } from "./provider.ts";
import { type NightTime, nightTime, type ProcessClock } from "./time.ts";

/** Where a night is played. */
export interface Stage extends AsyncDisposable {
  readonly plan: NightPlan;
  readonly time: NightTime;
  /** Of nobody in particular: for people, and for the audience. */
  readonly store: Store;
  readonly clock: Clock;
  readonly machine: Machine;
  readonly provider: Provider;
  readonly agents: Agents;
  readonly cron: ReturnType<typeof openCron>;
  readonly daemons: readonly Place[];
  /** What may never be and was seen. */
  readonly problems: readonly string[];
  readonly tell: (problem: string) => void;
  readonly lock: (ms: number) => void;
  readonly isLocked: () => boolean;
  /** Resolves when all that can happen now has happened. */
  readonly quiet: () => Promise<void>;
  /** Counts calls that wrote something besides signs of life. */
  readonly writes: () => number;
  /** Counts up with every call. */
  readonly steps: () => number;
  readonly relent: () => void;
}

/** A place in which one daemon follows the other. */
export interface Place {
  readonly isAlive: () => boolean;
  readonly start: () => void;
  readonly kill: (at: KillAt, onKilled: () => void) => void;
  readonly freeze: () => void;
  readonly thaw: () => void;
  /** What was to befall it does not. */
  readonly spare: () => void;
  /** Ends it without a word. */
  readonly end: () => void;
}

/** Looks at every call of a daemon. */
export type Watch = (stage: Stage) => Around;

/** Signs of life, which come however quiet it is. */
const IDLE_WRITES: ReadonlySet<string> = new Set(["shared.putDaemon", "attempts.renew"]);

export async function openStage(plan: NightPlan, watch: Watch): Promise<Stage> {
  const draw = drawFrom(plan.seed ^ 0x5eed);
  const time = nightTime(plan.startsAt);
  const opened = await openStore(plan.store);
  const problems: string[] = [];
  const shared: Shared = {
    store: opened.store,
    underWay: { count: 0 },
    writes: 0,
    steps: 0,
    lockedUntilMs: 0,
    thawedAtMs: -Infinity,
    alive: new Set(),
    lastPid: 1000,
    relented: false,
    draw,
    hints: makeHints(() => !shared.relented && draw.chance(0.05)),
    chance: seededChance(draw.seed()),
    workspaces: fakeWorkspaces(),
    artifacts: memoryArtifacts(),
  };
  const provider = openProvider(time, draw.fork(), plan.manner);
  const tell = (problem: string): void => void problems.push(problem);
  const isExcused = (): boolean => time.elapsedMs() - shared.thawedAtMs < 1000;
  const agents = openAgents({ time, draw: draw.fork(), provider, tell, isExcused });
  const stage: Stage = {
    plan,
    time,
    store: withHints(opened.store, shared),
    clock: time.open().clock,
    machine: machineOf(shared, 1),
    provider,
    agents,
    cron: CRON,
    daemons: Array.from({ length: plan.daemons }, () => makePlace(() => stage, shared, watch)),
    problems,
    tell,
    lock: (ms) => {
      shared.lockedUntilMs = time.elapsedMs() + ms;
    },
    isLocked: () => time.elapsedMs() < shared.lockedUntilMs,
    quiet: () => quiet(shared),
    writes: () => shared.writes,
    steps: () => (shared.steps += 1),
    relent: () => {
      shared.relented = true;
      shared.lockedUntilMs = 0;
      provider.relent();
      agents.relent();
    },
    [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose](),
  };
  return stage;
}

/** What was read of a cron is kept over nights. */
const CRON = openCron();

interface Shared {
  readonly store: Store;
  readonly underWay: { count: number };
  writes: number;
  steps: number;
  lockedUntilMs: number;
  thawedAtMs: number;
  readonly alive: Set<number>;
  lastPid: number;
  relented: boolean;
  readonly draw: Draw;
  readonly hints: ReturnType<typeof makeHints>;
  readonly chance: ReturnType<typeof seededChance>;
  readonly workspaces: ReturnType<typeof fakeWorkspaces>;
  readonly artifacts: ReturnType<typeof memoryArtifacts>;
}

async function openStore(kind: NightPlan["store"]): Promise<AsyncDisposable & { store: Store }> {
  if (kind === "memory") {
    const store = openMemoryStore();
    return { store, [Symbol.asyncDispose]: () => store[Symbol.asyncDispose]() };
  }
  const memory = "/dev/shm";
  const folder = mkdtempSync(join(existsSync(memory) ? memory : tmpdir(), "sle-night-"));
  const store = await openSqliteStore({ path: join(folder, "tasks.db"), mode: "direct" });
  return {
    store,
    [Symbol.asyncDispose]: async () => {
      await store[Symbol.asyncDispose]();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** What people write is hinted at like all else. */
function withHints(store: Store, shared: Shared): Store {
  return faultyStore({
    store,
    isLocked: () => false,
    onKilled: () => {},
    around: (_name, _args, call) => call(),
    hints: shared.hints,
    underWay: shared.underWay,
  }).store;
}

function identity(pid: number): ProcessIdentity {
  return { pid, startTicks: pid, bootId: "boot" };
}

function machineOf(shared: Shared, pid: number): Machine {
  return {
    host: "night",
    self: identity(pid),
    isAlive: async (other) => shared.alive.has(other.pid),
    memoryFreeBytes: async () => 8 * 1024 ** 3,
    diskFreeBytes: async () => 100 * 1024 ** 3,
    loadPerProcessor: async () => 0.1,
    battery: async () => null,
    treeMemoryBytes: async () => null,
  };
}

/** A daemon as it lives in its place. */
interface Daemon {
  readonly engine: Engine;
  readonly pid: number;
  readonly process: ProcessClock;
  readonly faulty: FaultyStore;
}

function makePlace(stageOf: () => Stage, shared: Shared, watch: Watch): Place {
  let daemon: Daemon | null = null;
  let onKilled = (): void => {};
  const die = (dead: Daemon | null): void => {
    if (dead === null) return;
    shared.alive.delete(dead.pid);
    dead.faulty.die();
    dead.process.die();
    if (daemon === dead) daemon = null;
  };
  return {
    isAlive: () => daemon !== null,
    start: () => {
      if (daemon !== null) return;
      const started = makeDaemon(stageOf(), shared, watch(stageOf()), () => {
        die(started);
        onKilled();
      });
      daemon = started;
      // One that cannot start ends, and is started again by what watches over it.
      started.engine.start().catch(() => die(started));
    },
    kill: (at, killed) => {
      onKilled = killed;
      daemon?.faulty.killAt(at);
    },
    freeze: () => {
      daemon?.faulty.freeze();
      daemon?.process.freeze();
    },
    thaw: () => {
      shared.thawedAtMs = stageOf().time.elapsedMs();
      daemon?.process.thaw();
      daemon?.faulty.thaw();
    },
    spare: () => {
      daemon?.faulty.killAt({ calls: Infinity, moment: "before" });
      daemon?.process.thaw();
      daemon?.faulty.thaw();
    },
    end: () => die(daemon),
  };
}

function makeDaemon(stage: Stage, shared: Shared, around: Around, onKilled: () => void): Daemon {
  const { plan, time, agents } = stage;
  shared.lastPid += 1;
  const pid = shared.lastPid;
  shared.alive.add(pid);
  const process = time.open();
  const faulty = faultyStore({
    store: shared.store,
    isLocked: stage.isLocked,
    onKilled,
    around: (name, args, call) => {
      if (!isRead(name) && !IDLE_WRITES.has(name)) shared.writes += 1;
      return around(name, args, call);
    },
    hints: shared.hints,
    underWay: shared.underWay,
  });
  const { store } = faulty;
  const engine = openEngine({
    ...PARTS,
    store,
    clock: process.clock,
    chance: shared.chance,
    machine: machineOf(shared, pid),
    launcher: {
      spawn: () => {
        throw new Error("Nothing is started here.");
      },
      endLeftovers: async (mark) => agents.end(mark),
      describe: () => ({ pidNamespace: false, detail: "night" }),
    },
    workspaces: shared.workspaces,
    artifacts: shared.artifacts,
    proving: fakeProving(() => ({
      exitCode: !shared.relented && shared.draw.chance(0.15) ? 1 : 0,
    })),
    publishing: fakePublishing(),
    executors: agents.executors(() => shared.alive.has(pid)),
    rules: plan.rules,
  });
  return { engine, pid, process, faulty };
}

const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;
const QUIET_LOG: Log = {
  debug: () => {},
  info: () => {},
  warn: () => {},
  error: () => {},
  with: () => QUIET_LOG,
};

/** What all daemons of all nights have in common. */
const PARTS = {
  cron: CRON,
  log: QUIET_LOG,
  notifiers: [{ name: "night", notify: () => Promise.resolve() }],
  version: "0.0.0",
  limits: {
    timeoutMs: HOUR_MS,
    projectTimeoutMs: (): null => null,
    stallMs: HOUR_MS,
    retryRules: { backoffBaseMs: 30_000, backoffMaxMs: HOUR_MS },
  },
  schedulePauseAfter: 3,
  readable: [],
  workspaceKeepMs: DAY_MS,
  trashKeepMs: 30 * DAY_MS,
  sweep: (): Promise<void> => Promise.resolve(),
} as const;

async function quiet({ underWay }: Shared): Promise<void> {
  do {
    await new Promise<void>((resolve) => {
      setImmediate(resolve);
    });
  } while (underWay.count > 0);
}
