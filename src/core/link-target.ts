/**
 * True for a link in a tree that leads out of it, by its text alone: an absolute one, or one that goes
 * up further than it is deep.
 */
export function leavesTree(path: string, target: string): boolean {
  if (target.startsWith("/")) return true;
  let depth = path.split("/").length - 1;
  for (const name of target.split("/")) {
    if (name === "..") depth -= 1;
    else if (name !== "" && name !== ".") depth += 1;
    if (depth < 0) return true;
  }
  return false;
}
