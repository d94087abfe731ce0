import { randomUUID } from "node:crypto";
import { mkdir, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { ensureRaw } from "./capture-index.ts";
import type { GitCall } from "./git.ts";
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
  await writeTree(shelf, { gitDir, workTree: into }, commit, signal);
}

/** The same with every byte as it is stored, whatever attributes say, and by the rights of `umask`. */
export async function restoreBytes(
  shelf: Shelf,
  { gitDir }: Repository,
  { commit, umask }: { readonly commit: string; readonly umask: number },
  into: string,
  signal: AbortSignal,
): Promise<void> {
  const rawDir = await ensureRaw(shelf, signal);
  const script = `umask ${umask.toString(8)} && exec "$@"`;
  const place = {
    gitDir: rawDir,
    objectDirectory: join(gitDir, "objects"),
    workTree: into,
    before: ["/bin/sh", "-c", script, "sh"],
  };
  await writeTree(shelf, place, commit, signal);
}

async function writeTree(
  shelf: Shelf,
  place: Pick<GitCall, "gitDir" | "objectDirectory" | "before"> & { readonly workTree: string },
  commit: string,
  signal: AbortSignal,
): Promise<void> {
  const indexFile = join(privateFolder(shelf), `index-${randomUUID()}`);
  const call = { ...place, cwd: place.workTree, indexFile, timeoutMs: RESTORE_TIMEOUT_MS };
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
