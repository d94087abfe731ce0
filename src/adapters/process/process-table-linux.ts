import { readdirSync, readFileSync } from "node:fs";
import { open } from "node:fs/promises";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { ProcessRow, ProcessTable } from "./process-table.ts";

/** So many processes are looked at before others get a turn, about a millisecond. */
const LOOKS_AT_ONCE = 64;

/** Reads /proc; a process that ends while it is read is simply not listed. */
export function linuxProcessTable(bootId: string): ProcessTable {
  return {
    bootId,
    areStartsOrdered: true,
    identify: (pid) => {
      const row = parseStat(readNow(`/proc/${pid}/stat`));
      return row === null ? null : { pid, startTicks: row.startTicks, bootId };
    },
    rows: async () => {
      const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
      const rows: ProcessRow[] = [];
      for (const [index, pid] of pids.entries()) {
        // Read at once, not by the thread pool: that costs ten times what the kernel needs.
        const row = parseStat(readNow(`/proc/${pid}/stat`));
        if (row !== null) rows.push(row);
        if (index % LOOKS_AT_ONCE === LOOKS_AT_ONCE - 1) await nextTurn();
      }
      return rows;
    },
    carrying: async (pids, name, value) => {
      const wanted = `\0${name}=${value}\0`;
      const found: boolean[] = [];
      for (let from = 0; from < pids.length; from += LOOKS_AT_ONCE) {
        const some = pids.slice(from, from + LOOKS_AT_ONCE);
        const texts = await Promise.all(some.map((pid) => beginningOf(`/proc/${pid}/environ`)));
        found.push(...texts.map((text) => `\0${text}\0`.includes(wanted)));
      }
      return pids.filter((_, index) => found[index]);
    },
  };
}

/** Reads one line of /proc/<pid>/stat; null for none, for a zombie and for a dead process. */
export function parseStat(text: string): ProcessRow | null {
  // The name in parentheses may itself hold blanks and parentheses.
  const nameEnd = text.lastIndexOf(")");
  if (nameEnd < 0) return null;
  const fields = text.slice(nameEnd + 2).split(" ");
  const state = fields[0];
  if (state === "Z" || state === "X") return null;
  return {
    pid: Number.parseInt(text, 10),
    parentPid: Number(fields[1]),
    groupId: Number(fields[2]),
    startTicks: Number(fields[19]),
  };
}

function readNow(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

/** Of an environment: a process may make its own as long as its memory, so that we run out of ours. */
const BEGINNING_BYTES = 128 * 1024;
const CHUNK_BYTES = 16 * 1024;

async function beginningOf(path: string): Promise<string> {
  const chunks: Buffer[] = [];
  try {
    await using file = await open(path);
    for (let bytes = 0; bytes < BEGINNING_BYTES;) {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(CHUNK_BYTES));
      if (bytesRead === 0) break;
      chunks.push(buffer.subarray(0, bytesRead));
      bytes += bytesRead;
    }
  } catch {
    // It ended, or belongs to someone else: what was read before says enough.
  }
  return Buffer.concat(chunks).toString("utf8");
}
