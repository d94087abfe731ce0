import type { Kept } from "../../ports/workspaces.ts";
import { isFolder } from "./folder.ts";
import { keptChanges } from "./kept-changes.ts";
import { keepRef, type Place } from "./place.ts";
import { commitAt, type Repository, setRef } from "./repository.ts";

/** Points the ref of an attempt at what an earlier attempt of the task kept; null when that is gone. */
export async function takeUp(
  { shelf, lock }: Place,
  repository: Repository,
  taskId: number,
  { from, to }: { readonly from: number; readonly to: number },
): Promise<Kept | null> {
  const { signal } = new AbortController();
  if (!(await isFolder(repository.gitDir))) return null;
  const commit = await commitAt(shelf, repository, keepRef(taskId, from), signal);
  if (commit === null) return null;
  const ref = keepRef(taskId, to);
  await lock(repository.name, () => setRef(shelf, repository, ref, commit, signal));
  return keptChanges(shelf, repository, `${commit}^`, { commit, ref }, signal);
}
