import type { Pushed } from "../../../ports/branches.ts";

/** The refusal of the default branch, here as there. */
export function refusedAsDefault(branch: string): Pushed {
  const message = `${branch} is the default branch, which is never pushed to.`;
  return { type: "refused", reason: "protected", message };
}

/** The refusal of what others did. */
export function taken(branch: string): Extract<Pushed, { type: "refused" }> {
  const message = `The branch ${branch} holds commits of somebody else there; they stay. Remove or rename it, or set \`git.branch\`.`;
  return { type: "refused", reason: "taken", message };
}
