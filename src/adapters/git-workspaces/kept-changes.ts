import type { Kept } from "../../ports/workspaces.ts";
import { changesBetween } from "./changes.ts";
import { oddEntries } from "./odd-entries.ts";
import type { Repository, Shelf } from "./repository.ts";

/** A kept state as it is told: what it changes on its base, and what is odd about that. */
export async function keptChanges(
  shelf: Shelf,
  repository: Repository,
  base: string,
  { commit, ref }: Pick<Kept, "commit" | "ref">,
  signal: AbortSignal,
): Promise<Kept> {
  const found = await changesBetween(shelf, repository, base, commit, signal);
  const { links, submodules, ...changes } = found;
  const odd = await oddEntries(shelf, repository, commit, { links, submodules }, signal);
  return { ...changes, ...(odd.length > 0 ? { odd } : {}), commit, ref };
}
