import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import type { ProcessIdentity } from "../../core/attempt.ts";
import { linuxProcessTable } from "./process-table-linux.ts";
import { psProcessTable } from "./process-table-ps.ts";

/** One living process; zombies are not listed, for they can do nothing any more. */
export interface ProcessRow {
  readonly pid: number;
  readonly parentPid: number;
  readonly groupId: number;
  /** Start time in the unit of this table (clock ticks since boot, or seconds since the epoch). */
  readonly startTicks: number;
}

/** Reads the processes of this machine. */
export interface ProcessTable {
  /** The boot that all identities of this table belong to. */
  readonly bootId: string;
  /** True when whatever started later never has the smaller start time. */
  readonly areStartsOrdered: boolean;
  /** Who has this pid now; null when nobody does. */
  readonly identify: (pid: number) => ProcessIdentity | null;
  readonly rows: () => Promise<readonly ProcessRow[]>;
  /** Those of `pids` that carry `name=value` in the environment they were started with. */
  readonly carrying: (
    pids: readonly number[],
    name: string,
    value: string,
  ) => Promise<readonly number[]>;
}

/** The process table of this machine: /proc where it exists, else `ps` (reduced: one-second start times). */
export function processTable(source?: "proc" | "ps"): ProcessTable {
  const chosen = source ?? (process.platform === "linux" ? "proc" : "ps");
  return chosen === "proc" ? linuxProcessTable(linuxBootId()) : psProcessTable(psBootId());
}

/** True while exactly that process lives: same pid, same start, same boot. */
export function isSameProcess(table: ProcessTable, identity: ProcessIdentity): boolean {
  const now = table.identify(identity.pid);
  return now !== null && now.startTicks === identity.startTicks && now.bootId === identity.bootId;
}

function linuxBootId(): string {
  return readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
}

function psBootId(): string {
  const answer = spawnSync("sysctl", ["-n", "kern.bootsessionuuid"], { encoding: "utf8" });
  return answer.status === 0 ? answer.stdout.trim() : "unknown";
}
