import { appendFileSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { openCron } from "../../src/adapters/cron/cron.ts";
import { fileArtifacts } from "../../src/adapters/files/artifacts.ts";
import { homeLayout } from "../../src/adapters/files/home-layout.ts";
import { receiptChain } from "../../src/adapters/files/receipts.ts";
import { gitWorkspaces } from "../../src/adapters/git-workspaces/git-workspaces.ts";
import { createMachine } from "../../src/adapters/machine/machine.ts";
import { cleanEnvironment } from "../../src/adapters/process/environment.ts";
import { createLauncher } from "../../src/adapters/process/launcher.ts";
import { openSqliteStore } from "../../src/adapters/sqlite/open.ts";
import { systemChance } from "../../src/adapters/system/chance.ts";
import { systemClock } from "../../src/adapters/system/clock.ts";
import { runUntilSignal } from "../../src/app/daemon.ts";
import { openEngine } from "../../src/engine/engine.ts";
import type { Executor } from "../../src/ports/executor.ts";
import type { Launcher } from "../../src/ports/launcher.ts";
import type { Log, LogFacts } from "../../src/ports/log.ts";
import type { Notifier } from "../../src/ports/notifier.ts";
import type { CheckSpec } from "../../src/ports/proof.ts";
import { fakePublishing } from "../../src/testing/fake-publishing.ts";
import { fakeProving } from "../../src/testing/fake-proving.ts";
import { folderForge, GIT_AUTHORIZATION } from "./folder-forge.ts";
import type { KillPlan } from "./kill-points.ts";
import { killingOutside, killingStore, makeKiller } from "./killing.ts";
import { NIGHT_LIMITS, NIGHT_RULES } from "./night-rules.ts";
import { scriptedExecutor } from "./scripted-executor.ts";

/** What the harness orders a daemon to be, as JSON in its first argument. */
export interface DaemonOrder {
  readonly home: string;
  /** Folder of the agents (see agent.ts). */
  readonly den: string;
  readonly plan: KillPlan | null;
  /** How the trees of agents are kept together. */
  readonly wrapper: "bwrap" | "setpriv" | "plain";
  readonly graceMs: number;
  /** Address of the scripted model when the real Claude Code does the work; null for agent.ts. */
  readonly modelUrl: string | null;
}

/** A whole daemon over the real parts, which dies where it is told to. */
async function main(order: DaemonOrder): Promise<void> {
  const home = homeLayout(order.home);
  const killer = makeKiller(order.plan);
  const clock = systemClock();
  await using store = await openSqliteStore({ path: home.database, mode: "thread" });
  const workspaces = gitWorkspaces({
    tasks: home.tasks,
    trash: home.trash,
    repositories: home.repositories,
    program: "git",
    searchPath: process.env["PATH"] ?? "/usr/bin:/bin",
    now: clock.now,
    access: () => Promise.resolve({ authorization: GIT_AUTHORIZATION, environment: {} }),
  });
  const publishing = fakePublishing();
  publishing.set({ forge: folderForge(join(order.den, "pulls")) });
  const outside = killingOutside(
    {
      workspaces,
      publishing: { ...publishing, branches: workspaces.branches },
      proving: { ...fakeProving(checkOf), seal: receiptChain(home) },
      artifacts: fileArtifacts(home),
      launcher: await createLauncher({
        bwrap: order.wrapper === "bwrap" ? "auto" : "off",
        setpriv: order.wrapper === "plain" ? "off" : "auto",
      }),
      notifier: journalNotifier(join(order.den, "notified")),
    },
    killer,
  );
  const log = fileLog(join(order.den, "log"), { pid: process.pid });
  const { launcher, notifier, ...rest } = outside;
  const executor = await executorOf(order, launcher);
  const engine = openEngine({
    ...rest,
    store: killingStore(store, killer),
    clock,
    chance: systemChance(),
    cron: openCron(),
    schedulePauseAfter: null,
    log,
    machine: createMachine(home.path),
    launcher,
    executors: [executor],
    notifiers: [notifier],
    version: "0.0.0",
    rules: { ...NIGHT_RULES, executorDefault: executor.name },
    limits: NIGHT_LIMITS,
    readable: [],
    workspaceKeepMs: 86_400_000,
    trashKeepMs: 86_400_000,
    sweep: () => Promise.resolve(),
  });
  await runUntilSignal({
    engine,
    log,
    graceMs: order.graceMs,
    signals: process,
    onStarted: () => void process.stdout.write("works\n"),
    onStopping: () => {},
  });
}

/** The check of these nights reads what agents made; it starts no program. */
function checkOf({ folder }: CheckSpec): { readonly exitCode: number } {
  try {
    return { exitCode: readFileSync(join(folder, "result.txt"), "utf8").includes("done") ? 0 : 1 };
  } catch {
    return { exitCode: 1 };
  }
}

/** Loads the real agent's part only where it is used: daemons start quickly. */
async function executorOf(order: DaemonOrder, launcher: Launcher): Promise<Executor> {
  const { modelUrl, den } = order;
  if (modelUrl === null) {
    const env = cleanEnvironment(process.env, ["NODE_COMPILE_CACHE"]);
    return scriptedExecutor({ launcher, den, env });
  }
  const { claudeCodeExecutor } = await import("../../src/adapters/claude-code/executor.ts");
  const env = {
    ...cleanEnvironment(process.env),
    // Without the person's own program, which may be any version.
    PATH: "/usr/local/bin:/usr/bin:/bin",
    ANTHROPIC_BASE_URL: modelUrl,
    ANTHROPIC_API_KEY: "scripted-key",
  };
  return claudeCodeExecutor({ launcher, env, now: Date.now });
}

/** Writes the numbers of the events it is told of, one line each. */
function journalNotifier(path: string): Notifier {
  return {
    name: "journal",
    notify: (events) => {
      appendFileSync(path, events.map((event) => `${event.seq}\n`).join(""));
      return Promise.resolve();
    },
  };
}

/** One JSON line for everything that is logged, in one write. */
function fileLog(path: string, facts: LogFacts): Log {
  const line = (level: string) => (message: string, more?: LogFacts) => {
    const error = more?.["error"];
    const shown = error instanceof Error ? { error: error.stack } : {};
    appendFileSync(
      path,
      `${JSON.stringify({ at: Date.now(), level, message, ...facts, ...more, ...shown })}\n`,
    );
  };
  return {
    debug: line("debug"),
    info: line("info"),
    warn: line("warn"),
    error: line("error"),
    with: (more) => fileLog(path, { ...facts, ...more }),
  };
}

await main(JSON.parse(process.argv[2] ?? "{}") as DaemonOrder);
