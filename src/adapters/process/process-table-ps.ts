import { execFile, spawnSync } from "node:child_process";
import { promisify } from "node:util";
import type { ProcessRow, ProcessTable } from "./process-table.ts";

const COLUMNS = "pid=,ppid=,pgid=,stat=,lstart=";
/** Enough for the environments of several thousand processes. */
const PS_OUTPUT_MAX_BYTES = 256 * 1024 * 1024;

const run = promisify(execFile);

/** Reads processes with `ps`, for systems without /proc; sees only whole seconds of start times. */
export function psProcessTable(bootId: string): ProcessTable {
  return {
    bootId,
    // Wall time in whole seconds, and that may be set back.
    areStartsOrdered: false,
    identify: (pid) => {
      const answer = spawnSync("ps", ["-p", String(pid), "-o", COLUMNS], {
        encoding: "utf8",
        env: psEnvironment(),
      });
      const row = parsePsLine(answer.stdout ?? "");
      return row === null ? null : { pid, startTicks: row.startTicks, bootId };
    },
    rows: async () => {
      const lines = await ps(["-axo", COLUMNS]);
      return lines.map(parsePsLine).filter((row) => row !== null);
    },
    carrying: async (pids, name, value) => {
      const wanted = new Set(pids);
      const lines = await ps(["axeww", "-o", "pid=,command="]);
      return lines
        .filter((line) => line.split(" ").includes(`${name}=${value}`))
        .map((line) => Number.parseInt(line, 10))
        .filter((pid) => wanted.has(pid));
    },
  };
}

/** Reads one line of `ps -o pid=,ppid=,pgid=,stat=,lstart=`; null for none and for a zombie. */
export function parsePsLine(line: string): ProcessRow | null {
  const match = /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(\S+)\s+(.+?)\s*$/.exec(line);
  if (match === null) return null;
  const [, pid, parentPid, groupId, state, started] = match;
  if (state === undefined || started === undefined || state.startsWith("Z")) return null;
  return {
    pid: Number(pid),
    parentPid: Number(parentPid),
    groupId: Number(groupId),
    startTicks: Date.parse(started) / 1000,
  };
}

async function ps(args: readonly string[]): Promise<readonly string[]> {
  const { stdout } = await run("ps", args, {
    encoding: "utf8",
    env: psEnvironment(),
    maxBuffer: PS_OUTPUT_MAX_BYTES,
  });
  return stdout.split("\n");
}

function psEnvironment(): Record<string, string> {
  // Dates must be readable whatever the user's language is.
  return { PATH: process.env["PATH"] ?? "/usr/bin:/bin", LC_ALL: "C" };
}
