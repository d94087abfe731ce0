import { randomUUID } from "node:crypto";
import { join } from "node:path";
import type { CheckedOut, StateHashes } from "../../ports/workspaces.ts";
import { moveToTrash } from "./folder.ts";
import type { Place } from "./place.ts";
import type { Repository } from "./repository.ts";
import { restoreTree } from "./restore.ts";

/** The name by which the trash knows what nobody will ever want back. */
const DOOMED = "deleting-check-";

/**
 * Writes the files of a commit into a folder of its own among the tasks; only the commit's own files
 * are there, and no repository.
 */
export async function checkOutCommit(
  place: Place,
  repository: Repository,
  taskId: number,
  commit: string,
  signal: AbortSignal,
): Promise<CheckedOut> {
  const name = `${taskId}.checking-${randomUUID().slice(0, 8)}`;
  const path = join(place.tasks, name);
  const discard = (): Promise<void> =>
    moveToTrash(path, place.trash, `${DOOMED}${randomUUID().slice(0, 8)}`);
  try {
    await restoreTree(place.shelf, repository, commit, path, signal);
  } catch (error) {
    await discard().catch(() => {});
    throw error;
  }
  return { path, discard };
}

/** What a commit is, and what it stands on. */
export async function hashesOf(
  { shelf }: Place,
  { gitDir }: Repository,
  commit: string,
  signal: AbortSignal,
): Promise<StateHashes> {
  const args = ["show", "-s", "--format=%T %P", "--end-of-options", commit];
  const said = await shelf.git.must({ args, gitDir, cwd: gitDir }, signal);
  const [tree = "", base = ""] = said.toString("latin1").trim().split(" ");
  return { commit, tree, base };
}
