import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
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
