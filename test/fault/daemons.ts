import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync } from "node:fs";
import { join } from "node:path";
import type { Readable } from "node:stream";
import type { DaemonOrder } from "./daemon-under-test.ts";

/** A daemon that runs as a process of its own. */
export interface DaemonProcess {
  readonly pid: number;
  /** Resolves when it works, or is gone before it did. */
  readonly works: Promise<void>;
  /** Resolves when it is gone, with the signal that ended it or its exit code. */
  readonly ended: Promise<NodeJS.Signals | number>;
  /** False when it is gone already. */
  readonly signal: (signal: NodeJS.Signals) => boolean;
}

/** Starts a daemon under test; its standard error goes to `stderr` in the den. */
export function startDaemon(
  order: DaemonOrder,
  env: Readonly<Record<string, string>>,
): DaemonProcess {
  const program = join(import.meta.dirname, "daemon-under-test.ts");
  const errors = openSync(join(order.den, "stderr"), "a");
  const child = spawn(
    process.execPath,
    ["--disable-warning=ExperimentalWarning", program, JSON.stringify(order)],
    { stdio: ["ignore", "pipe", errors], env },
  );
  closeSync(errors);
  const ended = endOf(child);
  return {
    pid: child.pid ?? 0,
    works: firstWord(child.stdout, ended),
    ended,
    signal: (signal) => child.kill(signal),
  };
}

function endOf(child: ChildProcess): Promise<NodeJS.Signals | number> {
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code, signal) => resolve(signal ?? code ?? -1));
  });
}

async function firstWord(stdout: Readable | null, ended: Promise<unknown>): Promise<void> {
  await Promise.race([stdout === null ? ended : once(stdout, "data"), ended]);
}
