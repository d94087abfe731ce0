import { readFile, statfs } from "node:fs/promises";
import { freemem, hostname } from "node:os";
import type { Machine } from "../../ports/machine.ts";
import { isSameProcess, type ProcessTable, processTable } from "../process/process-table.ts";

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
  };
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
