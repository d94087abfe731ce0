import { execFile } from "node:child_process";
import { existsSync, type Stats } from "node:fs";
import { lstat, readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

/** What folders hold on the disk, and how many files and folders that is. */
export interface Measured {
  readonly bytes: number;
  readonly files: number;
}

/** Measures folders that an agent writes; null when it could not be told. */
export type Measure = (folders: readonly string[], signal: AbortSignal) => Promise<Measured | null>;

const run = promisify(execFile);

/** Each link to a file counts once, and what is mounted below counts not at all. */
const SCRIPT = `
du -sxc -B1 -- "$@" 2>/dev/null | tail -n 1
du -sxc --inodes -- "$@" 2>/dev/null | tail -n 1
`;

/**
 * Measures with the system's own program, which follows no link and knows no longest path. With
 * bubblewrap it sees nothing else and reads folders that their owner has closed; else as we are.
 */
export function makeMeasure(bwrap: string | null, isRoot: boolean): Measure {
  return async (folders, signal) => {
    const words = bwrap === null ? null : fence(isRoot, folders);
    const [command, args] =
      bwrap === null || words === null
        ? ["/bin/sh", ["-c", SCRIPT, "sh", ...folders]]
        : [bwrap, [...words, "/bin/sh", "-c", SCRIPT, "sh", ...folders.map(placeOf)]];
    try {
      const env = { PATH: "/usr/bin:/bin", LC_ALL: "C" };
      const { stdout } = await run(command, args, { env, cwd: "/", signal });
      return measuredOf(stdout);
    } catch {
      return null;
    }
  };
}

function measuredOf(output: string): Measured | null {
  const [bytes = Number.NaN, files = Number.NaN] = output
    .split("\n")
    .map((line) => Number.parseInt(line, 10));
  return Number.isNaN(bytes) || Number.isNaN(files) ? null : { bytes, files };
}

function placeOf(_: string, index: number): string {
  return `/own/${index}`;
}

/** Root has the right to read anyway; anybody else has it over their own files in a namespace of users. */
function fence(isRoot: boolean, folders: readonly string[]): readonly string[] {
  return [
    isRoot ? [] : ["--unshare-user"],
    ["--unshare-pid", "--unshare-net", "--unshare-ipc", "--die-with-parent", "--new-session"],
    ["--cap-drop", "ALL", "--cap-add", "CAP_DAC_READ_SEARCH"],
    ["--dev", "/dev"],
    SYSTEM.flatMap((path) => (existsSync(path) ? ["--ro-bind", path, path] : [])),
    folders.flatMap((folder, index) => ["--ro-bind", folder, placeOf(folder, index)]),
    ["--"],
  ].flat();
}

const SYSTEM = ["/usr", "/bin", "/lib", "/lib64"] as const;

/**
 * Bytes of files without a name that these processes hold open on the disk of `folder`: they take
 * space and stand in no folder.
 */
export async function heldOpen(folder: string, pids: readonly number[]): Promise<number> {
  const { dev } = await lstat(folder);
  const found = new Map<number, number>();
  for (const pid of pids) {
    const place = `/proc/${pid}/fd`;
    for (const name of await readdir(place).catch(() => [])) {
      const stats = await statThrough(join(place, name));
      if (stats === null || stats.dev !== dev || stats.nlink > 0 || !stats.isFile()) continue;
      found.set(stats.ino, stats.blocks * BLOCK_BYTES);
    }
  }
  return [...found.values()].reduce((sum, bytes) => sum + bytes, 0);
}

const BLOCK_BYTES = 512;

/** What an open descriptor leads to; nothing is opened, and one that is gone by now holds nothing. */
async function statThrough(path: string): Promise<Stats | null> {
  return await stat(path).catch(() => null);
}
