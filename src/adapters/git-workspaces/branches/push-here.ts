import type { Project } from "../../../core/project.ts";
import type { Pushed, PushSpec } from "../../../ports/branches.ts";
import type { Place } from "../place.ts";
import type { Repository } from "../repository.ts";
import { isGitRepository } from "../source.ts";
import { bringObjects, moveBranch, personBranch, personRepository } from "./person-repository.ts";
import { taken } from "./refused.ts";

/** Makes a branch in a person's own repository on this machine. */
export async function pushHere(
  place: Place,
  repository: Repository,
  { location }: Project,
  { branch, commit, ours }: PushSpec,
  signal: AbortSignal,
): Promise<Pushed> {
  if (!(await isGitRepository(location))) {
    return unwritable(`${location} is a plain folder, which has no branches`);
  }
  const theirs = await personRepository(place, location, signal);
  const { tip, workTree } = await personBranch(place, theirs, branch, signal);
  if (tip === commit) return { type: "there" };
  if (!theirs.isWritable) return unwritable(`${location} belongs to another user`);
  if (workTree !== null) {
    const message = `The branch ${branch} is checked out in ${workTree}; check out another one there.`;
    return { type: "refused", reason: "taken", message };
  }
  if (tip !== null && !ours.includes(tip)) return taken(branch);
  if (commit !== null) await bringObjects(place, repository, theirs, commit, signal);
  const isMoved = await moveBranch(place, theirs, { branch, from: tip, to: commit }, signal);
  return isMoved ? { type: "pushed" } : taken(branch);
}

function unwritable(why: string): Pushed {
  return { type: "refused", reason: "unwritable", message: `${why}; the result stays with us.` };
}
