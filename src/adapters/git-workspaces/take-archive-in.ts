import { constants } from "node:fs";
import { open } from "node:fs/promises";
import { GitFailed } from "./git.ts";
import type { Repository, Shelf } from "./repository.ts";
import { ASIDE_BYTES_MAX } from "./set-aside.ts";

/** Ends and paddings of an archive come on top of what it holds. */
const ARCHIVE_BYTES_MAX = ASIDE_BYTES_MAX + 16 * 1024 ** 2;
const TAKE_IN_TIMEOUT_MS = 1_800_000;
/** What agents set aside is compressed for the most part already. */
const QUICKLY: readonly string[] = ["core.compression=1"];

/**
 * Stores an archive that may be anyone's work as a blob in our repository and answers its hash. Its
 * bytes are read and nothing is made of them.
 */
export async function takeArchiveIn(
  shelf: Shelf,
  { gitDir }: Repository,
  path: string,
  signal: AbortSignal,
): Promise<string> {
  const { O_NOFOLLOW, O_NONBLOCK, O_RDONLY } = constants;
  await using file = await open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  const found = await file.stat();
  if (!found.isFile() || found.size > ARCHIVE_BYTES_MAX) {
    throw new GitFailed("What was set aside in the sandbox is no archive, or too large a one", "");
  }
  const args = ["hash-object", "-w", "--stdin"];
  const call = { args, gitDir, cwd: gitDir, settings: QUICKLY, timeoutMs: TAKE_IN_TIMEOUT_MS };
  const said = await shelf.git.must({ ...call, inputFile: file.fd }, signal);
  return said.toString("latin1").trim();
}
