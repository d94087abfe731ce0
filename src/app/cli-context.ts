import { resolve } from "node:path";
import { systemClock, systemTimeZone } from "../adapters/system/clock.ts";
import type { DaemonStatus } from "../engine/views.ts";
import type { Machine } from "../ports/machine.ts";
import type { Store } from "../ports/store.ts";
import type { CliContext, DaemonControl, Doors, GlobalOptions } from "../surfaces/cli/context.ts";
import { beginStore, existingStore, openTasksDoor } from "./doors.ts";
import { homePath, userName } from "./person.ts";
import { inputStream, linePrompt, outputStream } from "./streams.ts";

/** What the command line gets of this process; everything heavy is loaded when it is asked for. */
export function makeCliContext(globals: GlobalOptions, version: string): CliContext {
  const { env } = process;
  const home = homePath(globals.home, env);
  const stores: Store[] = [];
  const interrupt = lazyInterrupt();
  const keep = <T extends Store | null>(store: T): T => {
    if (store !== null) stores.push(store);
    return store;
  };
  const open = async (): Promise<Doors | null> => {
    const store = keep(await existingStore(home));
    return store === null ? null : openDoors(store, home);
  };
  const context: Omit<CliContext, "interrupted"> = {
    version,
    home,
    env,
    stdout: outputStream(process.stdout),
    stderr: outputStream(process.stderr),
    stdin: inputStream(() => process.stdin),
    clock: systemClock(),
    timeZone: systemTimeZone,
    by: userName(env),
    resolvePath: (path) => resolve(path),
    isFolder: (path) => Promise.resolve(isFolder(path)),
    begin: async () => openTasksDoor(keep(await beginStore(home))),
    open,
    daemonLives: () => daemonLives(stores[0] ?? null),
    daemon: () => openDaemonControl(home, version, open),
    templates: async () => (await import("./templates.ts")).templatesOf(home),
    landings: async () => {
      const { openLandingDoor } = await import("./landing.ts");
      const [store] = stores;
      if (store === undefined) throw new Error("The database is opened before its results");
      return openLandingDoor(store, home, env);
    },
    schedules: async () => {
      const { openSchedulesDoor } = await import("./schedules.ts");
      const [store] = stores;
      if (store === undefined) throw new Error("The database is opened before its schedules");
      return openSchedulesDoor(store);
    },
    settings: async () => {
      const { openSettingsDoor } = await import("./settings-door.ts");
      const { homeLayout } = await import("../adapters/files/home-layout.ts");
      return openSettingsDoor(homeLayout(home), env);
    },
    doctor: async (signal) => (await import("./doctor.ts")).examine(home, env, signal),
    restoring: async () => {
      const store = keep(await existingStore(home));
      if (store === null) return null;
      const { openRestoringDoor } = await import("./restoring.ts");
      const { homeLayout } = await import("../adapters/files/home-layout.ts");
      return openRestoringDoor(homeLayout(home), env, store);
    },
    setup: async () => (await import("./setup.ts")).openSetup(home, env),
    readResult: async (folder, name, range) =>
      (await import("./files-for-cli.ts")).readResult(home, folder, name, range),
    readInput: async (path, maxBytes) =>
      (await import("./files-for-cli.ts")).readInput(process.cwd(), path, maxBytes),
    prompt: () => linePrompt(interrupt()),
    [Symbol.asyncDispose]: async () => {
      for (const store of stores.splice(0)) await store[Symbol.asyncDispose]();
    },
  };
  return Object.defineProperty(context, "interrupted", { get: interrupt }) as CliContext;
}

function isFolder(path: string): boolean {
  const { statSync } = process.getBuiltinModule("node:fs");
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

/** Ctrl-C is listened for only once somebody asks: until then it ends the program as usual. */
function lazyInterrupt(): () => AbortSignal {
  let controller: AbortController | null = null;
  return () => {
    if (controller !== null) return controller.signal;
    const made = new AbortController();
    controller = made;
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => made.abort());
    return made.signal;
  };
}

async function openDoors(store: Store, home: string): Promise<Doors> {
  const { openQueries } = await import("../engine/queries.ts");
  const machine = await machineOf(home);
  const queries = openQueries({ store, clock: systemClock(), machine });
  return { tasks: await openTasksDoor(store), queries, care: store.care };
}

async function machineOf(home: string): Promise<Machine> {
  const { createMachine } = await import("../adapters/machine/machine.ts");
  return createMachine(home);
}

/** A sign of life in the last three heartbeats; who needs to know for certain asks `sle daemon status`. */
const LIVES_MS = 45_000;

async function daemonLives(store: Store | null): Promise<boolean> {
  if (store === null) return false;
  const now = systemClock().now();
  const daemons = await store.shared.daemons();
  return daemons.some((each) => each.stoppedAt === null && now - each.seenAt < LIVES_MS);
}

async function openDaemonControl(
  home: string,
  version: string,
  open: () => Promise<Doors | null>,
): Promise<DaemonControl> {
  const { homeLayout } = await import("../adapters/files/home-layout.ts");
  const { daemonLogPath, startDetached, stopDetached } = await import("./daemon-control.ts");
  const { readSettings } = await import("./settings.ts");
  const { makeHome } = await import("./doors.ts");
  const layout = homeLayout(home);
  let doors: Doors | null = null;
  const daemons = async (): Promise<readonly DaemonStatus[]> => {
    doors ??= await open();
    return doors === null ? [] : doors.queries.daemons();
  };
  const parts = async (): Promise<Parameters<typeof startDetached>[0]> => ({
    home: layout,
    self: [process.execPath, process.argv[1] ?? ""],
    env: process.env,
    clock: systemClock(),
    host: (await machineOf(home)).host,
    daemons,
  });
  return {
    logPath: daemonLogPath(layout),
    run: async () => {
      const { runDaemon } = await import("./run-daemon.ts");
      return runDaemon({ home, version, env: process.env, stderr: process.stderr });
    },
    start: async () => {
      await makeHome(home);
      return startDetached(await parts());
    },
    stop: async ({ now }) => {
      const read = readSettings(layout, process.env);
      const graceMs = read.ok ? read.settings.attempts.graceMs : 0;
      return stopDetached(await parts(), { now, graceMs });
    },
  };
}
