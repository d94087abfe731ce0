import { spawn, spawnSync } from "node:child_process";
import { closeSync, openSync, unlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { text } from "node:stream/consumers";

/** How a program in a sandbox ended, and what it wrote. */
export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Everything of the host, read-only, in namespaces of its own; what is refused beyond that is the filter's doing. */
const NAMESPACES = `
  --ro-bind / / --dev /dev --proc /proc
  --unshare-user --unshare-pid --unshare-ipc --unshare-net --die-with-parent`
  .trim()
  .split(/\s+/u);

/** As root of the user namespace the kernel itself lets most acts through. */
export const AS_ROOT: readonly string[] = ["--uid", "0", "--gid", "0", "--cap-add", "ALL"];

export const AS_USER: readonly string[] = ["--uid", "1000", "--gid", "1000", "--cap-drop", "ALL"];

const FILTER_FD = 3;

/** Whether this machine lets bubblewrap make such namespaces and has python3. */
export function canSandbox(): boolean {
  if (process.arch !== "x64" && process.arch !== "arm64") return false;
  return spawnSync("bwrap", [...NAMESPACES, ...AS_ROOT, "python3", "--version"]).status === 0;
}

/** Runs a command whose working folder, and only writable one, is this one; under a seccomp program, or under none. */
export async function runInSandbox(
  folder: string,
  who: readonly string[],
  program: Buffer | null,
  command: readonly string[],
): Promise<Ended> {
  const fd = program === null ? null : unnamedFile(folder, program);
  const child = spawn(
    "bwrap",
    [
      ...NAMESPACES,
      ...who,
      "--bind",
      folder,
      folder,
      "--chdir",
      folder,
      ...(fd === null ? [] : ["--seccomp", String(FILTER_FD)]),
      "--",
      ...command,
    ],
    {
      stdio: ["ignore", "pipe", "pipe", fd ?? "ignore"],
      env: {
        PATH: `${dirname(process.execPath)}:${process.env["PATH"] ?? "/usr/bin:/bin"}`,
        HOME: folder,
        TMPDIR: folder,
        LANG: "C.UTF-8",
      },
    },
  );
  if (fd !== null) closeSync(fd);
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  const { stdout, stderr } = child;
  if (stdout === null || stderr === null) throw new Error("no pipes");
  const [code, out, err] = await Promise.all([ended, text(stdout), text(stderr)]);
  return { code, stdout: out, stderr: err };
}

/** A file to be read from its start that has no name any more. */
function unnamedFile(folder: string, content: Buffer): number {
  const path = join(folder, "filter");
  writeFileSync(path, content);
  const fd = openSync(path, "r");
  unlinkSync(path);
  return fd;
}
