import { printableLine } from "../../../core/terminal.ts";
import type { LandedLocally } from "../../../ports/branches.ts";
import type { Place } from "../place.ts";
import type { Repository } from "../repository.ts";
import {
  bringObjects,
  moveBranch,
  personBranch,
  type PersonRepository,
  personRepository,
} from "./person-repository.ts";

/** Where a base branch is moved to, and from where. */
export interface LocalMove {
  readonly branch: string;
  readonly expected: string;
  readonly commit: string;
}

const PATHS_SHOWN_MAX = 200;

/**
 * Moves the base branch of a person's repository forward. Where it is checked out, its files are
 * brought along, and nothing is done when the person changed one of them.
 */
export async function landLocally(
  place: Place,
  repository: Repository,
  location: string,
  { branch, expected, commit }: LocalMove,
  signal: AbortSignal,
): Promise<LandedLocally> {
  const theirs = await personRepository(place, location, signal);
  const { tip, workTree } = await personBranch(place, theirs, branch, signal);
  if (tip === null) return refused(`${location} has no branch ${branch}.`);
  if (tip === commit) return { type: "there", commit };
  if (tip !== expected) return refused(`The branch ${branch} moved meanwhile; land it again.`);
  if (!theirs.isWritable) {
    const advice = `run as that user, or there: git fetch ${repository.gitDir} ${commit} && git merge FETCH_HEAD`;
    return refused(`${location} belongs to another user; ${advice}.`);
  }
  await bringObjects(place, repository, theirs, commit, signal);
  // Files first: should we die in between, the same is simply done again.
  if (workTree !== null) {
    const problem = await moveFiles(place, workTree, { from: expected, to: commit }, signal);
    if (problem !== null) return refused(problem);
  }
  const isMoved = await moveBranch(place, theirs, { branch, from: expected, to: commit }, signal);
  if (isMoved) return { type: "landed", commit };
  return refused(
    `The branch ${branch} of ${location} could not be written; is a git at work there?`,
  );
}

function refused(message: string): LandedLocally {
  return { type: "refused", message };
}

/** What a fast-forward does to the files; a sentence for why it was not done. */
async function moveFiles(
  { shelf }: Place,
  workTree: string,
  { from, to }: { from: string; to: string },
  signal: AbortSignal,
): Promise<string | null> {
  const gitDir = await gitDirOf({ shelf }, workTree, signal);
  const call = { gitDir, workTree, cwd: workTree };
  await shelf.git.run({ ...call, args: ["update-index", "-q", "--refresh"] }, signal);
  const args = ["read-tree", "-m", "-u", from, to];
  const answer = await shelf.git.run({ ...call, args }, signal);
  if (answer.code === 0) return null;
  const said = printableLine(answer.stderr.replaceAll(/^error: /gmu, ""), PATHS_SHOWN_MAX);
  return `The files in ${workTree} were changed by hand where the result changes them (${said}); commit or stash that, and land it again.`;
}

async function gitDirOf(
  { shelf }: Pick<Place, "shelf">,
  workTree: string,
  signal: AbortSignal,
): Promise<PersonRepository["gitDir"]> {
  const args = ["rev-parse", "--absolute-git-dir"];
  return (await shelf.git.must({ args, cwd: workTree }, signal)).toString().trim();
}
