import { claudeCodeExecutor } from "../adapters/claude-code/executor.ts";
import { openCron } from "../adapters/cron/cron.ts";
import { commandExecutor } from "../adapters/command/executor.ts";
import { pruneResults } from "../adapters/files/artifacts.ts";
import type { HomeLayout } from "../adapters/files/home-layout.ts";
import { trashSessions } from "../adapters/files/sessions.ts";
import { emptyTrash } from "../adapters/files/trash.ts";
import { SPARE_RULES } from "../adapters/git-workspaces/spares.ts";
import { createMachine } from "../adapters/machine/machine.ts";
import { cleanEnvironment } from "../adapters/process/environment.ts";
import { openSqliteStore } from "../adapters/sqlite/open.ts";
import { systemChance } from "../adapters/system/chance.ts";
import { systemClock } from "../adapters/system/clock.ts";
import { admissionRules } from "../config/settings.ts";
import type { CommandSettings, Settings } from "../config/settings.ts";
import { type Engine, type EngineParts, openEngine } from "../engine/engine.ts";
import type { Executor } from "../ports/executor.ts";
import type { Log } from "../ports/log.ts";
import type { Store } from "../ports/store.ts";
import { type Isolation, onlyFenced, stateFolderOf } from "./isolation.ts";
import { openWorkbench } from "./workbench.ts";

/** What a daemon is built from. Any part may be given instead: the seam for tests and embedding. */
export interface ComposeOptions {
  readonly home: HomeLayout;
  readonly settings: Settings;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly log: Log;
  readonly version: string;
  readonly parts?: Partial<EngineParts>;
}

/** A daemon's engine with the store it works on; dispose after the engine has stopped. */
export interface Composed extends AsyncDisposable {
  readonly engine: Engine;
  readonly store: Store;
}

/** Builds everything a daemon needs from checked settings. */
export async function composeDaemon(options: ComposeOptions): Promise<Composed> {
  const { home, settings, log } = options;
  const given = options.parts ?? {};
  const store = given.store ?? (await openSqliteStore({ path: home.database, mode: "thread" }));
  const clock = given.clock ?? systemClock();
  const spares = {
    ...SPARE_RULES,
    diskFreeMinBytes: settings.resources.diskFreeMinBytes ?? SPARE_RULES.diskFreeMinBytes,
  };
  const parts = { now: clock.now, launcher: given.launcher };
  const bench = await openWorkbench({ ...options, ...parts, spares });
  const { isolation, launcher, limits, workspaces } = bench;
  const engine = openEngine({
    ...bench,
    store,
    clock,
    log,
    chance: systemChance(),
    cron: openCron(),
    machine: createMachine(home.path),
    executors: makeExecutors(options, { ...isolation, launcher }),
    notifiers: [],
    version: options.version,
    rules: admissionRules(settings),
    limits,
    schedulePauseAfter: settings.schedules.pauseAfter,
    queueLimits: settings.queue,
    readable: [home.shared],
    workspaceKeepMs: settings.workspaces.keepMs,
    trashKeepMs: settings.trash.keepMs,
    sweep: async (signal) => {
      await workspaces.spares?.tidy(await projectNames(store));
      await pruneResults(home, clock.now() - settings.results.keepMs);
      const sessions = await trashSessions(home);
      const before = clock.now() - settings.trash.keepMs;
      const by = {
        launcher: isolation.launcher,
        isFenced: isolation.fencesFilesOf(null),
        whyItStays: workspaces.whyItStays,
      };
      const trash = await emptyTrash(home, by, before, signal);
      for (const stuck of [...sessions.stuck, ...trash.stuck]) {
        log.warn("Something of an agent cannot be cleared away", { ...stuck });
      }
    },
    ...given,
  });
  const dispose = async (): Promise<void> => {
    await workspaces.spares?.stop();
    await store[Symbol.asyncDispose]();
  };
  return { engine, store, [Symbol.asyncDispose]: dispose };
}

async function projectNames(store: Store): Promise<ReadonlySet<string>> {
  return new Set((await store.projects.list()).map(({ name }) => name));
}

/** The executors that the settings name: Claude Code always, and every configured command. */
export function makeExecutors(
  options: Pick<ComposeOptions, "home" | "settings" | "env">,
  isolation: Isolation,
): readonly Executor[] {
  const { env, settings, home } = options;
  const { launcher, confine } = isolation;
  const { claudeCode, commands } = settings.executors;
  const commandOf = ([name, each]: [string, CommandSettings]): Executor => {
    const [command = "", ...args] = each.command;
    return commandExecutor({
      name,
      command,
      args,
      env: { ...cleanEnvironment(env, each.env), CI: "1" },
      launcher,
      confine,
    });
  };
  const claude = claudeCodeExecutor({
    launcher,
    now: Date.now,
    env: { ...cleanEnvironment(env, [...LOGIN_VARIABLES, ...claudeCode.env]), CI: "1" },
    ...(claudeCode.path === null ? {} : { executable: claudeCode.path }),
    allowedTools: claudeCode.allowedTools,
    fence: { confine, stateFolder: (taskId) => stateFolderOf(home, taskId) },
  });
  const executors = [
    withModel(claude, claudeCode.model),
    ...Object.entries(commands).map(commandOf),
  ];
  return executors.map((executor) => onlyFenced(executor, isolation));
}

/** The configured model for tasks that name none. */
function withModel(executor: Executor, model: string | null): Executor {
  return { ...executor, start: (spec) => executor.start({ ...spec, model: spec.model ?? model }) };
}

/** How a person may have logged Claude Code in; passed on to it and to nothing else. */
const LOGIN_VARIABLES = [
  "ANTHROPIC_API_KEY",
  "ANTHROPIC_AUTH_TOKEN",
  "ANTHROPIC_BASE_URL",
  "CLAUDE_CODE_OAUTH_TOKEN",
  "CLAUDE_CONFIG_DIR",
];
