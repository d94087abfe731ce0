import { leavesTree } from "../../core/link-target.ts";
import type { OddEntry } from "../../ports/workspaces.ts";
import type { Changes } from "./changes.ts";
import type { Repository, Shelf } from "./repository.ts";

const TARGET_BYTES_MAX = 4096;
/** More links are not looked at one by one; they are told as if they led outside. */
const LINKS_MAX = 200;

/** What among the changes should be known: links that lead out of the tree, submodules that are none any more. */
export async function oddEntries(
  shelf: Shelf,
  { gitDir }: Repository,
  commit: string,
  { links, submodules }: Pick<Changes, "links" | "submodules">,
  signal: AbortSignal,
): Promise<readonly OddEntry[]> {
  const odd: OddEntry[] = submodules.map((path) => ({ path, what: "submodule" }));
  for (const [index, path] of links.entries()) {
    const args = ["cat-file", "blob", `${commit}:${path}`];
    const call = { args, gitDir, cwd: gitDir, maxBytes: TARGET_BYTES_MAX };
    const answer = index < LINKS_MAX ? await shelf.git.run(call, signal) : null;
    const isRead = answer !== null && answer.code === 0 && !answer.isCut;
    const isInside = isRead && !leavesTree(path, answer.stdout.toString());
    if (!isInside) odd.push({ path, what: "link" });
  }
  return odd;
}
