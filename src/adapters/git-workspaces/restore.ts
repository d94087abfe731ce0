import { randomUUID } from "node:crypto";
import { mkdir, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { privateFolder, type Repository, type Shelf } from "./repository.ts";

const RESTORE_TIMEOUT_MS = 1_800_000;

/**
 * Writes all files of a commit into a folder that is empty or not there yet; its parent must be.
 * Links are written as links, never through them. Throws for a folder with something in it.
 */
export async function restoreTree(
  shelf: Shelf,
  { gitDir }: Repository,
  commit: string,
  into: string,
  signal: AbortSignal,
): Promise<void> {
  await mkdir(into).catch(ignoreExisting);
  if ((await readdir(into)).length > 0) {
    throw new Error(`${into} is not empty: a kept state is restored into an empty folder only`);
  }
  const indexFile = join(privateFolder(shelf), `index-${randomUUID()}`);
  const call = { gitDir, workTree: into, cwd: into, indexFile, timeoutMs: RESTORE_TIMEOUT_MS };
  try {
    await shelf.git.must({ ...call, args: ["read-tree", commit] }, signal);
    await shelf.git.must({ ...call, args: ["checkout-index", "--all", "--quiet"] }, signal);
  } finally {
    await rm(indexFile, { force: true });
  }
}

function ignoreExisting(error: unknown): void {
  if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
}
