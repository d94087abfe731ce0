import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";
import { homeLayout } from "../../src/adapters/files/home-layout.ts";
import { cleanEnvironment } from "../../src/adapters/process/environment.ts";
import { openSqliteStore } from "../../src/adapters/sqlite/open.ts";
import { attemptMark } from "../../src/engine/steps/work.ts";
import type { Store } from "../../src/ports/store.ts";
import { seededChance } from "../../src/testing/seeded-chance.ts";
import { openTasks } from "../../src/engine/tasks.ts";
import { startGitServer } from "../forge/git-server.ts";
import { type Asker, makeAsker, PROJECT } from "./asker.ts";
import type { DaemonOrder } from "./daemon-under-test.ts";
import { type DaemonProcess, startDaemon } from "./daemons.ts";
import { type History, collectHistory } from "./history.ts";
import { PARALLEL_MAX } from "./night-rules.ts";
import { processesMarked } from "./processes.ts";

/** A fresh home with everything that daemons are set upon; goes with all its files when disposed. */
export interface Stage extends AsyncDisposable {
  readonly store: Store;
  readonly asker: Asker;
  /** Starts a daemon on this home. */
  readonly start: (order: Omit<DaemonOrder, "home" | "den" | "modelUrl">) => DaemonProcess;
  /** SIGKILLs that were sent to agents, by task; whoever sends one counts it here. */
  readonly agentKills: Record<number, number>;
  /** Lets agents that hold (see agent.ts) come to their end. */
  readonly release: () => void;
  /** True while somebody holds the database's lock for writing. */
  readonly isLocked: () => boolean;
  /** Lets a last daemon, which nobody kills, end all that is still to do; answers what is left. */
  readonly finish: () => Promise<History>;
}

/** How long the last daemon has; the checker tells what it left undone. */
const FINISH_MAX_MS = 120_000;
const LOOK_EVERY_MS = 10;
/** A writer that works holds the lock for much less. */
const LOCK_PATIENCE_MS = 300;

/**
 * Builds a stage in the temporary folder; the seed decides what the person asks for. With the
 * address of a scripted model the agents are the real Claude Code.
 */
export async function openStage(seed: number, modelUrl: string | null = null): Promise<Stage> {
  const root = mkdtempSync(join(tmpdir(), "sle-kill-"));
  const home = homeLayout(join(root, "home"));
  const den = join(root, "den");
  const temporary = join(root, "tmp");
  const user = join(root, "user");
  const folders = [home.data, home.tasks, home.results, home.repositories, temporary, user];
  const inDen = ["locks", "sessions", "effects"].map((name) => join(den, name));
  for (const folder of [...folders, ...inDen]) mkdirSync(folder, { recursive: true, mode: 0o700 });
  const store = await openSqliteStore({ path: home.database, mode: "direct" });
  const server = await startGitServer(join(root, "elsewhere"), () => Promise.resolve(true));
  const begin = server.makeRepository(PROJECT);
  await addProject(store, `${server.url}/night/${PROJECT}.git`);
  const asker = makeAsker(store, seededChance(seed));
  const following = asker.follow();
  const env = {
    ...cleanEnvironment(process.env),
    HOME: user,
    TMPDIR: temporary,
    NODE_COMPILE_CACHE: join(root, "compiled"),
  };
  const daemons: DaemonProcess[] = [];
  const start: Stage["start"] = (order) => {
    const daemon = startDaemon({ ...order, modelUrl, home: home.path, den }, env);
    daemons.push(daemon);
    return daemon;
  };
  const agentKills: Record<number, number> = {};
  return {
    store,
    asker,
    start,
    agentKills,
    finish: async () => {
      await workToTheEnd(store, start({ plan: null, wrapper: "bwrap", graceMs: 5000 }));
      const known = {
        asked: asker.asked(),
        agentKills,
        parallelMax: PARALLEL_MAX,
        frozen: false,
      };
      const elsewhere = { repository: server.pathOf(PROJECT), begin, pulls: join(den, "pulls") };
      return await collectHistory(store, { den, temporary, home, ...elsewhere }, known);
    },
    release: () => writeFileSync(join(den, "released"), ""),
    isLocked: () => isLocked(home.database),
    [Symbol.asyncDispose]: async () => {
      await following[Symbol.asyncDispose]();
      for (const daemon of daemons) daemon.signal("SIGKILL");
      await Promise.all(daemons.map((daemon) => daemon.ended));
      await endAgents(store);
      await store[Symbol.asyncDispose]();
      await server.close();
      rmSync(root, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** Waits until `fact` holds, or until `maxMs` have passed; answers which. */
export async function untilTrue(fact: () => Promise<boolean>, maxMs: number): Promise<boolean> {
  const over = AbortSignal.timeout(maxMs);
  while (!(await fact())) {
    if (over.aborted) return false;
    await sleep(LOOK_EVERY_MS);
  }
  return true;
}

function isLocked(path: string): boolean {
  const database = new DatabaseSync(path, { timeout: LOCK_PATIENCE_MS });
  try {
    database.exec("BEGIN IMMEDIATE; ROLLBACK");
    return false;
  } catch {
    return true;
  } finally {
    database.close();
  }
}

/** After a night that broke off; one that was played to its end has left nothing. */
async function endAgents(store: Store): Promise<void> {
  const tasks = await store.tasks.list({}, { before: null, limit: 100_000 });
  const attempts = (await Promise.all(tasks.map((task) => store.attempts.ofTask(task.id)))).flat();
  const marks = new Set(attempts.map(attemptMark));
  for (const { pid } of processesMarked(marks)) process.kill(pid, "SIGKILL");
}

/** A project on a real git server, proven by one check. */
async function addProject(store: Store, location: string): Promise<void> {
  const clock = { now: Date.now, monotonicMs: () => performance.now(), sleep: () => sleep(0) };
  const tasks = openTasks({ store, clock, attemptsMaxDefault: 1 });
  const checks = [{ name: "made", command: "looks for what was made" }];
  const more = { name: PROJECT, parallelMax: PARALLEL_MAX, checks };
  const added = await tasks.addProject({ location, ...more });
  if (!added.ok) throw new Error(added.problem.message);
}

async function workToTheEnd(store: Store, daemon: DaemonProcess): Promise<void> {
  const isDone = async (): Promise<boolean> => {
    const counts = await store.tasks.counts();
    if (counts.queued + counts.running + counts.waiting > 0) return false;
    return (await store.events.cursor("journal")) >= (await store.events.lastSeq());
  };
  await untilTrue(isDone, FINISH_MAX_MS);
  // All may have been done before it came: a signal is heard once it works.
  await daemon.works;
  daemon.signal("SIGTERM");
  const how = await daemon.ended;
  if (how !== 0) throw new Error(`The last daemon ended with ${how} instead of stopping well`);
}
