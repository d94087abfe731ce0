import { lstat, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { privateFolder, type Shelf } from "./repository.ts";

/**
 * What is older was left by a process that was killed. Far longer than anything takes, so that a
 * clock that jumps hours ahead does not make another process's unfinished work look old.
 */
const LEFTOVER_AGE_MS = 86_400_000;
const UNFINISHED_TASK = /^\d+\.(?:making|checking|restoring)-/u;
const UNFINISHED_PRIVATE = /^(?:index|fresh|capture|restore)-/u;

/** Removes half-made folders and private files of processes that were killed. Never throws. */
export async function sweepLeftovers(
  shelf: Pick<Shelf, "repositories">,
  tasks: string,
  now: number,
): Promise<void> {
  await sweep(tasks, UNFINISHED_TASK, now);
  await sweep(privateFolder(shelf), UNFINISHED_PRIVATE, now);
}

async function sweep(folder: string, names: RegExp, now: number): Promise<void> {
  for (const name of await readdir(folder).catch(() => [])) {
    const path = join(folder, name);
    const found = names.test(name) ? await lstat(path).catch(() => null) : null;
    if (found === null || now - found.mtimeMs < LEFTOVER_AGE_MS) continue;
    await rm(path, { recursive: true, force: true }).catch(() => undefined);
  }
}
