import { readdirSync, readFileSync, type Stats, statfsSync, statSync } from "node:fs";
import { setImmediate as nextTurn } from "node:timers/promises";

/** What processes hold in files that stand in no folder, and in sockets. */
export interface HeldOpen {
  /** Of files on the disk that was asked about. */
  readonly diskBytes: number;
  /** Of files in memory, and at most of the buffers of sockets. */
  readonly memoryBytes: number;
}

const BLOCK_BYTES = 512;
const PAGE_BYTES = 4096;
/** What the kernel buffers for a socket at most, unless an administrator raised it. */
const SOCKET_BYTES = 212_992;
/** So many processes are looked at before others get a turn. */
const LOOKS_AT_ONCE = 16;

/** Looks at what these processes have open; `device` is that of the disk in question. */
export async function heldOpen(device: number, pids: readonly number[]): Promise<HeldOpen> {
  const files = new Map<string, { readonly isDisk: boolean; readonly bytes: number }>();
  for (const [index, pid] of pids.entries()) {
    const place = `/proc/${pid}/fd`;
    for (const name of namesIn(place)) {
      const stats = statOf(`${place}/${name}`);
      if (stats === null) continue;
      const key = `${stats.dev}:${stats.ino}`;
      if (stats.isSocket()) files.set(key, { isDisk: false, bytes: SOCKET_BYTES });
      if (!stats.isFile() || stats.nlink > 0) continue;
      files.set(key, { isDisk: stats.dev === device, bytes: stats.blocks * BLOCK_BYTES });
    }
    if (index % LOOKS_AT_ONCE === LOOKS_AT_ONCE - 1) await nextTurn();
  }
  const bytesOf = (isDisk: boolean): number =>
    [...files.values()].reduce((all, file) => all + (file.isDisk === isDisk ? file.bytes : 0), 0);
  return { diskBytes: bytesOf(true), memoryBytes: bytesOf(false) };
}

/**
 * Memory of these processes together with their folders in memory: a little too much where pages are
 * shared, unless that would be over `limitBytes`; then each page is counted once.
 */
export function memoryOf(pids: readonly number[], limitBytes: number): number {
  const folders = foldersInMemory(pids);
  const roughly = sum(pids, residentBytes) + folders;
  return roughly <= limitBytes ? roughly : sum(pids, shareBytes) + folders;
}

/** Every process of a fence sees the same ones; a process that is about to end sees none. */
function foldersInMemory(pids: readonly number[]): number {
  return Math.max(0, ...pids.map((pid) => usedAt(`/proc/${pid}/root/tmp`)));
}

const TMPFS_MAGIC = 0x0102_1994;

function usedAt(path: string): number {
  try {
    const { type, blocks, bfree, bsize } = statfsSync(path);
    return type === TMPFS_MAGIC ? (blocks - bfree) * bsize : 0;
  } catch {
    return 0;
  }
}

function residentBytes(pid: number): number {
  return Number(textOf(`/proc/${pid}/statm`).split(" ")[1] ?? 0) * PAGE_BYTES;
}

function shareBytes(pid: number): number {
  const found = /^Pss:\s+(\d+) kB$/mu.exec(textOf(`/proc/${pid}/smaps_rollup`));
  // A process may forbid this look, and not the rougher one.
  return found === null ? residentBytes(pid) : Number(found[1]) * 1024;
}

function sum(pids: readonly number[], bytesOf: (pid: number) => number): number {
  return pids.reduce((all, pid) => all + bytesOf(pid), 0);
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** What an open descriptor leads to; nothing is opened, and one that is gone by now holds nothing. */
function statOf(path: string): Stats | null {
  try {
    return statSync(path);
  } catch {
    return null;
  }
}

function textOf(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
