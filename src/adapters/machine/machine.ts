import { readFileSync } from "node:fs";
import { readFile, statfs } from "node:fs/promises";
import { availableParallelism, freemem, hostname, loadavg } from "node:os";
import type { Machine } from "../../ports/machine.ts";
import { isSameProcess, type ProcessTable, processTable } from "../process/process-table.ts";
import { descendantsOf } from "../process/tree.ts";
import { POWER_SUPPLIES, readBattery } from "./battery.ts";

/** Facts of this machine; disk space is that of the file system that holds `home`. */
export function createMachine(home: string, table: ProcessTable = processTable()): Machine {
  const self = table.identify(process.pid);
  if (self === null) throw new Error("this process cannot find itself in the process table");
  return {
    host: hostname(),
    self,
    isAlive: async (identity) => isSameProcess(table, identity),
    memoryFreeBytes: async () => parseMemAvailable(await readMeminfo()) ?? macFreeBytes(),
    diskFreeBytes: async () => {
      try {
        const { bavail, bsize } = await statfs(home);
        return bavail * bsize;
      } catch {
        return null;
      }
    },
    loadPerProcessor: async () => loadPerProcessor(),
    battery: () => readBattery(POWER_SUPPLIES),
    treeMemoryBytes: async (identity) => {
      if (process.platform !== "linux" || !isSameProcess(table, identity)) return null;
      const pids = await descendantsOf(table, identity.pid);
      return pids.reduce((all, pid) => all + residentBytes(pid), 0);
    },
  };
}

/** Always zero on Windows, which knows no such number. */
function loadPerProcessor(): number | null {
  const [load = 0] = loadavg();
  return process.platform === "win32" ? null : load / availableParallelism();
}

const PAGE_BYTES = 4096;

function residentBytes(pid: number): number {
  try {
    const [, pages = "0"] = readFileSync(`/proc/${pid}/statm`, "utf8").split(" ");
    return Number(pages) * PAGE_BYTES;
  } catch {
    // It ended in the meantime.
    return 0;
  }
}

/** Bytes of `MemAvailable` in the text of /proc/meminfo; null when it is not there. */
export function parseMemAvailable(meminfo: string): number | null {
  const match = /^MemAvailable:\s+(\d+) kB$/m.exec(meminfo);
  return match === null ? null : Number(match[1]) * 1024;
}

function macFreeBytes(): number | null {
  return process.platform === "darwin" ? freemem() : null;
}

async function readMeminfo(): Promise<string> {
  try {
    return await readFile("/proc/meminfo", "utf8");
  } catch {
    return "";
  }
}
