import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { isFolder } from "./folder.ts";
import type { KeptCommit } from "./kept-states.ts";
import { type Place, trashRef } from "./place.ts";

/** The name of the folder in the trash that is just this state, the newest; null when there is none. */
export async function trashedAs(
  { shelf, trash }: Place,
  { repository, taskId, commit }: KeptCommit,
  signal: AbortSignal,
): Promise<string | null> {
  const lying = (await readdir(trash).catch(() => [])).filter((name) =>
    name.startsWith(`${taskId}-`),
  );
  if (lying.length === 0) return null;
  const { gitDir } = repository;
  const prefix = trashRef("");
  const args = ["for-each-ref", `--points-at=${commit}`, "--format=%(refname)", prefix];
  const said = await shelf.git.must({ args, gitDir, cwd: gitDir }, signal);
  const names = said
    .toString()
    .split("\n")
    .map((ref) => ref.slice(prefix.length))
    .filter((name) => lying.includes(name));
  for (const name of names.toSorted().toReversed()) {
    if (await isFolder(join(trash, name))) return name;
  }
  return null;
}
