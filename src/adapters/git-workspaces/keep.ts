import type { LeftOut } from "../../ports/workspaces.ts";
import { captureFenced } from "./fenced-capture.ts";
import { seedIndexPath } from "./folder.ts";
import { folderOf, keepRef, type Place } from "./place.ts";
import { commitTree, type Repository, SCRATCH, setRef } from "./repository.ts";

/** Whose state is kept, and where. */
export interface KeepSpec {
  readonly taskId: number;
  readonly attempt: number;
  readonly repository: Repository;
  /** The commit that the work began from. */
  readonly base: string;
  /** Trees that need no ref of their own because they have one. */
  readonly known: readonly string[];
}

/** A state under its ref; `commit` is null when its tree was known already. */
export interface KeptState {
  readonly ref: string;
  readonly commit: string | null;
  /** True when nothing is surely other than in the base. */
  readonly isBase: boolean;
  readonly leftOut: readonly LeftOut[];
}

/** Stores the state of a task's folder as a commit on its base, under a private ref. */
export async function keepState(
  place: Place,
  { taskId, attempt, repository, base, known }: KeepSpec,
  signal: AbortSignal,
): Promise<KeptState> {
  const { shelf } = place;
  const ref = keepRef(taskId, attempt);
  const workTree = folderOf(place, taskId);
  const seedIndex = seedIndexPath(shelf, repository, taskId);
  // What thoughts begin from has no file in it.
  const filesFrom = repository.name === SCRATCH ? null : base;
  const target = { repository, workTree, base: filesFrom, seedIndex, isOurs: true };
  const { tree, isBase, leftOut } = await captureFenced(place, target, signal);
  if (known.includes(tree)) return { ref, commit: null, isBase, leftOut };
  const message = `Task ${taskId}, attempt ${attempt}`;
  const made = { tree, parent: base, message, at: place.now() };
  const commit = await commitTree(shelf, repository, made, signal);
  await place.lock(repository.name, () => setRef(shelf, repository, ref, commit, signal));
  return { ref, commit, isBase, leftOut };
}
