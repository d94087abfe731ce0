import { rm } from "node:fs/promises";
import type { Cone } from "../../../core/cone.ts";
import { coneWith } from "../cone.ts";
import { hashesOf } from "../check-out.ts";
import { discardFolder } from "../discard.ts";
import { makeFolder, seedIndexPath } from "../folder.ts";
import { baseRef, conflictRef, folderOf, type Place } from "../place.ts";
import { recordCone, recordedCone } from "../recorded-cone.ts";
import { splitRecords } from "../records.ts";
import { commitTree, type Repository, setRef } from "../repository.ts";
import { mergeTrees } from "./fit.ts";
import { conflictMessage } from "./opened-conflict.ts";

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
  const made = {
    tree: merged.tree,
    parent: base,
    message: conflictMessage(merged.paths),
    at: now(),
  };
  const unresolved = await commitTree(shelf, repository, made, signal);
  await lock(repository.name, () =>
    setRef(shelf, repository, conflictRef(taskId), unresolved, signal),
  );
  await discardFolder(place, taskId, signal, true);
  await makeConflictFolder(place, repository, { taskId, unresolved }, signal);
}

/** Makes the folder of a merge that was noted; also when whoever noted it was killed before it was made. */
export async function makeConflictFolder(
  place: Place,
  repository: Repository,
  { taskId, unresolved }: { readonly taskId: number; readonly unresolved: string },
  signal: AbortSignal,
): Promise<void> {
  const { shelf, lock } = place;
  const { base } = await hashesOf(place, repository, unresolved, signal);
  const had = await recordedCone(shelf, repository, taskId, signal);
  const cone =
    had === null ? null : await withChanges(place, repository, had, { base, unresolved }, signal);
  const folder = { taskId, repository, commit: unresolved, cone };
  await makeFolder(shelf, folderOf(place, taskId), folder, signal);
  // That index tells the merge and not the base: what is compared with the base must not begin with it.
  await rm(seedIndexPath(shelf, repository, taskId), { force: true });
  await lock(repository.name, async () => {
    await recordCone(shelf, repository, taskId, cone, signal);
    await setRef(shelf, repository, baseRef(taskId), base, signal);
  });
}

/**
 * Files outside count as those of the base while they are not there: so all that the merge changed is
 * checked out.
 */
async function withChanges(
  { shelf }: Place,
  { gitDir }: Repository,
  cone: Cone,
  { base, unresolved }: { readonly base: string; readonly unresolved: string },
  signal: AbortSignal,
): Promise<Cone | null> {
  const args = ["diff-tree", "-r", "-z", "--name-only", "--no-renames", base, unresolved];
  const call = { args, gitDir, cwd: gitDir, maxBytes: NAMES_BYTES_MAX };
  const names = splitRecords(await shelf.git.must(call, signal));
  return coneWith(
    cone,
    names.map((name) => name.toString("latin1")),
  );
}

const NAMES_BYTES_MAX = 256 * 1024 * 1024;
