import { randomUUID } from "node:crypto";
import { lstat, rm } from "node:fs/promises";
import { isFolder, moveToTrash, seedIndexPath } from "./folder.ts";
import { DISCARDED, keepState } from "./keep.ts";
import { findRef, keptStates } from "./kept-states.ts";
import { forgetMade } from "./made-git.ts";
import { baseRef, conflictRef, folderOf, type Place, trashRef } from "./place.ts";
import { recordCone } from "./recorded-cone.ts";
import { objectAt, type Repository, setRef, type Shelf } from "./repository.ts";

/**
 * Moves a task's folder to the trash. What is in it and not yet kept is kept first, under attempt
 * 0: someone may have worked on after the last attempt. A ref tells which state lies in the trash.
 * Cheap when the folder is gone already. What the next folder is to be made from is forgotten, unless
 * it is the merge of a conflict and `isForConflict`.
 */
export async function discardFolder(
  place: Place,
  taskId: number,
  signal: AbortSignal,
  isForConflict = false,
): Promise<void> {
  const { shelf } = place;
  const path = folderOf(place, taskId);
  if ((await lstat(path).catch(() => null)) === null) return;
  // None for a folder that never was whole.
  const holder = await findRef(shelf, baseRef(taskId), signal);
  const name = trashName(taskId, place.now());
  if (holder !== null && (await isFolder(path))) {
    const { repository } = holder;
    const known = await keptStates(shelf, repository, taskId, signal);
    const spec = { repository, base: holder.commit, taskId, attempt: DISCARDED, known };
    const { commit } = await keepState(place, spec, signal);
    await place.lock(repository.name, () =>
      setRef(shelf, repository, trashRef(name), commit, signal),
    );
  }
  await moveToTrash(path, place.trash, name);
  if (holder !== null) await forget(shelf, holder.repository, taskId, isForConflict, signal);
}

async function forget(
  shelf: Shelf,
  repository: Repository,
  taskId: number,
  isForConflict: boolean,
  signal: AbortSignal,
): Promise<void> {
  await setRef(shelf, repository, baseRef(taskId), null, signal);
  await rm(seedIndexPath(shelf, repository, taskId), { force: true });
  await forgetMade(shelf, repository, taskId);
  if (isForConflict) return;
  await recordCone(shelf, repository, taskId, null, signal);
  if ((await objectAt(shelf, repository, conflictRef(taskId), signal)) === null) return;
  await setRef(shelf, repository, conflictRef(taskId), null, signal);
}

/** A name in the trash that tells what and when. */
export function trashName(taskId: number, now: number): string {
  const time = new Date(now).toISOString().replaceAll(/[-:]|\.\d+/gu, "");
  return `${taskId}-${time}-${randomUUID().slice(0, 8)}`;
}
