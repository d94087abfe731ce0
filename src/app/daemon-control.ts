import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { join } from "node:path";
import type { HomeLayout } from "../adapters/files/home-layout.ts";
import type { DaemonStatus } from "../engine/views.ts";
import type { Clock } from "../ports/clock.ts";
import type { DaemonStart, DaemonStop } from "../surfaces/cli/context.ts";

/** How long a new daemon may take until its first sign of life. */
const START_WAIT_MS = 15_000;
/** How long `stop` waits beyond the grace that agents have. */
const STOP_WAIT_MS = 15_000;
const LOOK_EVERY_MS = 50;

/** What starting and stopping needs. */
export interface ControlParts {
  readonly home: HomeLayout;
  /** Program and first arguments that run this very program again. */
  readonly self: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  readonly host: string;
  readonly daemons: () => Promise<readonly DaemonStatus[]>;
}

/** The newest log file of the daemons of a home. */
export function daemonLogPath(home: HomeLayout): string {
  return join(home.logs, "daemon.log");
}

/** The file that takes what a detached daemon prints. */
function consoleLogPath(home: HomeLayout): string {
  return join(home.logs, "console.log");
}

/** Starts a daemon in a session of its own and waits for its first sign of life. */
export async function startDetached(parts: ControlParts): Promise<DaemonStart> {
  const already = await localDaemon(parts);
  if (already !== null) return { type: "already-running", pid: already.record.process.pid };
  const { self, home, env, clock } = parts;
  const console = openSync(consoleLogPath(home), "a", 0o600);
  const [program = process.execPath, ...args] = self;
  const child = spawn(program, [...args, "--home", home.path, "daemon", "run"], {
    detached: true,
    stdio: ["ignore", console, console],
    env,
    cwd: home.path,
  });
  closeSync(console);
  // Without a listener a program that cannot be started would be thrown; it has no pid then.
  child.on("error", () => {});
  const until = clock.monotonicMs() + START_WAIT_MS;
  while (lives(child) && clock.monotonicMs() < until) {
    const found = await localDaemon(parts);
    if (found !== null && found.record.process.pid === child.pid) {
      child.unref();
      return { type: "started", pid: child.pid };
    }
    await clock.sleep(LOOK_EVERY_MS);
  }
  child.unref();
  const why = lives(child) ? "it gave no sign of life" : "it ended at once";
  return {
    type: "failed",
    message: `The daemon did not start: ${why}; see ${consoleLogPath(home)}.`,
  };
}

/** Asks the daemon of this machine to end and waits until it is gone; `now` interrupts its agents. */
export async function stopDetached(
  parts: ControlParts,
  options: { readonly now: boolean; readonly graceMs: number },
): Promise<DaemonStop> {
  const found = await localDaemon(parts);
  if (found === null) return { type: "not-running" };
  const { pid } = found.record.process;
  askToEnd(pid);
  if (options.now) {
    await parts.clock.sleep(LOOK_EVERY_MS);
    askToEnd(pid);
  }
  const waitMs = (options.now ? 0 : options.graceMs) + STOP_WAIT_MS;
  const until = parts.clock.monotonicMs() + waitMs;
  while (parts.clock.monotonicMs() < until) {
    const daemons = await parts.daemons();
    const same = daemons.find((each) => each.record.owner === found.record.owner);
    if (same === undefined || same.status === "dead") return { type: "stopped", pid };
    // The last thing a daemon writes is that it stopped; then it needs a moment to leave.
    if (same.status === "stopped" && !exists(pid)) return { type: "stopped", pid };
    await parts.clock.sleep(LOOK_EVERY_MS);
  }
  return { type: "ending", pid };
}

async function localDaemon(parts: ControlParts): Promise<DaemonStatus | null> {
  const daemons = await parts.daemons();
  const here = daemons.filter((each) => each.record.host === parts.host);
  return here.find((each) => each.status === "running" || each.status === "no-signal") ?? null;
}

function lives(child: ChildProcess): boolean {
  return child.pid !== undefined && child.exitCode === null && child.signalCode === null;
}

function askToEnd(pid: number): void {
  try {
    process.kill(pid, "SIGTERM");
  } catch {
    // Gone already: that is what was wanted.
  }
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
