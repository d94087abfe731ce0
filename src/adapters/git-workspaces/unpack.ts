import { runShort } from "../process/run-short.ts";
import { GitFailed } from "./git.ts";
import type { Place } from "./place.ts";
import { projectNameOf, type Repository } from "./repository.ts";
import { runTar, unpackWords } from "./tar.ts";

const UNPACK_TIMEOUT_MS = 1_800_000;
const MEMORY_BYTES = 1024 ** 3;

/** What is unpacked, and where to. */
export interface Unpacking {
  readonly archive: string;
  readonly into: string;
  /** Names that are left out, with all below them; null for none. */
  readonly without: string | null;
}

/**
 * Writes what was set aside over what is in a folder. An agent may have written every byte of the
 * archive: it is read behind the fence, where there is one, and nothing but that folder can be written.
 */
export async function unpack(
  { fence }: Place,
  repository: Repository,
  { archive, into, without }: Unpacking,
  signal: AbortSignal,
): Promise<void> {
  const launcher = fence?.(projectNameOf(repository)) ?? null;
  const words = unpackWords(archive, into, without);
  if (launcher === null) {
    const { code, said } = await runTar(words, signal);
    if (code !== 0) throw failed(said);
    return;
  }
  const spec = {
    command: "/bin/sh",
    args: ["-c", 'exec tar "$@"', "sh", ...words],
    cwd: "/",
    env: { PATH: "/usr/bin:/bin", LC_ALL: "C" },
    confinement: {
      level: "sandbox",
      own: [],
      writable: [into],
      readable: [archive],
      hosts: [],
      virtualHosts: [],
      limits: {
        memoryBytes: MEMORY_BYTES,
        cpus: null,
        processes: 64,
        fileBytes: null,
        diskBytes: null,
        files: null,
      },
    },
  } as const;
  const { code, stderr } = await runShort(launcher, spec, UNPACK_TIMEOUT_MS, signal);
  signal.throwIfAborted();
  if (code !== 0 && !areOnlyRights(stderr)) throw failed(stderr);
}

/** Nothing in the fence may give a file another's rights (setuid, setgid): it comes without them. */
function areOnlyRights(said: string): boolean {
  const lines = said.trim().split("\n");
  return lines.every((line) =>
    /Cannot change mode to \S+: Operation not permitted$|Exiting with failure/u.test(line),
  );
}

function failed(said: string): GitFailed {
  const [why = ""] = said.trim().split("\n", 1);
  return new GitFailed(`What was set aside could not be unpacked: ${why}`, said);
}
