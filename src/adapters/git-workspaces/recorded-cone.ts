import type { Cone } from "../../core/cone.ts";
import { coneIn } from "./cone.ts";
import { coneRef } from "./place.ts";
import { objectAt, type Repository, setRef, type Shelf } from "./repository.ts";

/**
 * Notes which folders a task's folder was made with, where no agent writes; null for all. Without it
 * what was not checked out would look removed, so it is noted before the folder counts as made.
 */
export async function recordCone(
  shelf: Shelf,
  repository: Repository,
  taskId: number,
  cone: Cone | null,
  signal: AbortSignal,
): Promise<void> {
  const ref = coneRef(taskId);
  if (cone === null) {
    if ((await objectAt(shelf, repository, ref, signal)) === null) return;
    return setRef(shelf, repository, ref, null, signal);
  }
  const { gitDir } = repository;
  const input = Buffer.from(JSON.stringify(cone));
  const args = ["hash-object", "-w", "--no-filters", "--stdin"];
  const blob = await shelf.git.must({ args, gitDir, cwd: gitDir, input }, signal);
  await setRef(shelf, repository, ref, blob.toString("latin1").trim(), signal);
}

/** The same again. */
export async function recordedCone(
  shelf: Shelf,
  repository: Repository,
  taskId: number,
  signal: AbortSignal,
): Promise<Cone | null> {
  const blob = await objectAt(shelf, repository, coneRef(taskId), signal);
  if (blob === null) return null;
  const { gitDir } = repository;
  const call = { args: ["cat-file", "blob", blob], gitDir, cwd: gitDir };
  const cone = coneIn((await shelf.git.must(call, signal)).toString());
  if (cone === null) throw new Error(`${coneRef(taskId)} in ${gitDir} names no list of folders`);
  return cone;
}
