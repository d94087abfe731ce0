import { randomUUID } from "node:crypto";
import { lstat, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { isFolder, moveToTrash, seedIndexPath } from "./folder.ts";
import { keepState } from "./keep.ts";
import { baseRef, folderOf, type Place } from "./place.ts";
import { commitAt, type Repository, setRef, type Shelf } from "./repository.ts";

/**
 * Moves a task's folder to the trash. What is in it and not yet kept is kept first, under attempt
 * 0: someone may have worked on after the last attempt. Cheap when the folder is gone already.
 */
export async function discardFolder(
  place: Place,
  taskId: number,
  signal: AbortSignal,
): Promise<void> {
  const { shelf } = place;
  const path = folderOf(place, taskId);
  if ((await lstat(path).catch(() => null)) === null) return;
  const holder = await holderOf(shelf, taskId, signal);
  if (holder !== null && (await isFolder(path))) {
    const known = await keptTrees(shelf, holder.repository, taskId, signal);
    await keepState(place, { ...holder, taskId, attempt: 0, known }, signal);
  }
  await moveToTrash(path, place.trash, trashName(taskId, place.now()));
  if (holder === null) return;
  await setRef(shelf, holder.repository, baseRef(taskId), null, signal);
  await rm(seedIndexPath(shelf, holder.repository, taskId), { force: true });
}

/** A name in the trash that tells what and when. */
export function trashName(taskId: number, now: number): string {
  const time = new Date(now).toISOString().replaceAll(/[-:]|\.\d+/gu, "");
  return `${taskId}-${time}-${randomUUID().slice(0, 8)}`;
}

interface Holder {
  readonly repository: Repository;
  readonly base: string;
}

/** The repository that a task's folder was made from; null for a folder that never was whole. */
async function holderOf(shelf: Shelf, taskId: number, signal: AbortSignal): Promise<Holder | null> {
  for (const entry of await readdir(shelf.repositories)) {
    if (!entry.endsWith(".git")) continue;
    const name = entry.slice(0, -".git".length);
    const repository = { name, gitDir: join(shelf.repositories, entry) };
    const base = await commitAt(shelf, repository, baseRef(taskId), signal);
    if (base !== null) return { repository, base };
  }
  return null;
}

async function keptTrees(
  shelf: Shelf,
  { gitDir }: Repository,
  taskId: number,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const args = ["for-each-ref", "--format=%(tree)", `refs/sleepless/keep/${taskId}/`];
  const trees = await shelf.git.must({ args, gitDir, cwd: gitDir }, signal);
  return trees.toString("latin1").trim().split("\n");
}
