import { rm } from "node:fs/promises";
import { discardFolder } from "../discard.ts";
import { makeFolder, seedIndexPath } from "../folder.ts";
import { baseRef, folderOf, type Place } from "../place.ts";
import { commitTree, type Repository, setRef } from "../repository.ts";
import { mergeTrees } from "./fit.ts";

/**
 * Gives a task a fresh folder on another base, with its state merged in and conflicts marked in the
 * files. We merge, and the agent only resolves: so what it leaves is surely on that base, and no word
 * of it is needed for that. The old folder is kept and goes to the trash.
 */
export async function openConflict(
  place: Place,
  repository: Repository,
  { taskId, commit }: { readonly taskId: number; readonly commit: string },
  base: string,
  signal: AbortSignal,
): Promise<void> {
  const { shelf, lock, now } = place;
  const merged = await mergeTrees(place, repository, base, commit, signal);
  if (merged === null) throw new Error("A base without a common history cannot be merged");
  const made = { tree: merged.tree, parent: base, message: "To be resolved", at: now() };
  const unresolved = await commitTree(shelf, repository, made, signal);
  await discardFolder(place, taskId, signal);
  const folder = { taskId, repository, commit: unresolved };
  await makeFolder(shelf, folderOf(place, taskId), folder, signal);
  // That index tells the merge and not the base: what is compared with the base must not begin with it.
  await rm(seedIndexPath(shelf, repository, taskId), { force: true });
  await lock(repository.name, () => setRef(shelf, repository, baseRef(taskId), base, signal));
}
