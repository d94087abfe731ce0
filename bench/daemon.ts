import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { openHome } from "../src/adapters/files/open-home.ts";
import type { HomeLayout } from "../src/adapters/files/home-layout.ts";
import { openSqliteStore } from "../src/adapters/sqlite/open.ts";
import { systemClock } from "../src/adapters/system/clock.ts";
import { type Tasks, openTasks } from "../src/engine/tasks.ts";
import type { Store } from "../src/ports/store.ts";

/** A daemon as it ships, in a process of its own and a fresh home. */
export interface BenchDaemon extends AsyncDisposable {
  readonly home: HomeLayout;
  readonly pid: number;
  /** The database, opened by this process as the command line opens it. */
  readonly store: Store;
  readonly tasks: Tasks;
}

const BIN = join(import.meta.dirname, "..", "dist", "bin.js");
const STOP_WAIT_MS = 20_000;

/** Starts the built daemon; `config` is the text of its configuration, `prepare` runs before it. */
export async function startDaemon(parts: {
  readonly config: string;
  readonly prepare?: (store: Store) => Promise<void>;
}): Promise<BenchDaemon> {
  const path = await mkdtemp(join(tmpdir(), "sle-bench-daemon-"));
  const opened = openHome(path);
  if (!opened.ok) throw new Error(opened.problem.message);
  const { home } = opened;
  await writeFile(home.config, parts.config);
  const store = await openSqliteStore({ path: home.database, mode: "direct" });
  await parts.prepare?.(store);
  const child = spawn(process.execPath, [BIN, "--home", path, "daemon", "run"], {
    stdio: ["ignore", "ignore", "pipe"],
    env: { PATH: process.env["PATH"] ?? "", HOME: path },
  });
  await works(child);
  const tasks = openTasks({ store, clock: systemClock(), attemptsMaxDefault: 1 });
  return {
    home,
    pid: child.pid ?? 0,
    store,
    tasks,
    [Symbol.asyncDispose]: async () => {
      await stop(child);
      await store[Symbol.asyncDispose]();
      await rm(path, { recursive: true, force: true });
    },
  };
}

/** Resolves at the line by which a daemon says that it works. */
async function works(child: ChildProcess): Promise<void> {
  if (child.stderr === null) throw new Error("the daemon's standard error is not there");
  const said: string[] = [];
  for await (const line of createInterface({ input: child.stderr })) {
    said.push(line);
    if (line.startsWith("The daemon works")) {
      child.stderr.resume();
      return;
    }
  }
  throw new Error(`the daemon did not start: ${said.join(" ")}`);
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, "exit");
  child.kill("SIGTERM");
  const killer = setTimeout(() => child.kill("SIGKILL"), STOP_WAIT_MS);
  await exited;
  clearTimeout(killer);
}
