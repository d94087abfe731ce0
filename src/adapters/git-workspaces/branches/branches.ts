import type { Project } from "../../../core/project.ts";
import type { Branches } from "../../../ports/branches.ts";
import { diffText } from "../changes.ts";
import type { Place } from "../place.ts";
import { repositoryOf } from "../repository.ts";
import { withWords } from "../with-words.ts";
import { baseBranch } from "./base-branch.ts";
import { fitOnto, mergeCommits } from "./fit.ts";
import { landLocally } from "./land-locally.ts";
import { openConflict } from "./open-conflict.ts";
import { settleConflict } from "./opened-conflict.ts";
import { pushBranch } from "./push.ts";
import { type CommitIdentity, commitResult } from "./result-commit.ts";
import { addThought } from "./thoughts.ts";

/** Branches over the repositories in which workspaces are kept. */
export function gitBranches(place: Place, identity: CommitIdentity): Branches {
  const { shelf } = place;
  const of = ({ name }: { readonly name: string }): ReturnType<typeof repositoryOf> =>
    repositoryOf(shelf, name);
  const { signal: never } = new AbortController();
  return {
    base: (project, signal) => withWords(() => baseBranch(place, project, signal)),
    fileAt: (...asked) => withWords(() => fileAt(place, ...asked)),
    fit: (project, state, onto, signal) =>
      withWords(() => fitOnto(place, of(project), state, onto, signal)),
    openConflict: (project, state, base, signal) =>
      withWords(() => openConflict(place, of(project), state, base, signal)),
    settleConflict: (project, state, signal) =>
      withWords(() => settleConflict(shelf, of(project), state, signal)),
    merge: (project, into, other, signal) =>
      withWords(() => mergeCommits(place, of(project), into, other, signal)),
    isIn: (project, commit, tip) =>
      withWords(async () => {
        const { gitDir } = of(project);
        const args = ["merge-base", "--is-ancestor", commit, tip];
        return (await shelf.git.run({ args, gitDir, cwd: gitDir }, never)).code === 0;
      }),
    commit: (project, spec, signal) =>
      withWords(() => commitResult(place, of(project), identity, spec, signal)),
    difference: (project, from, to, maxBytes) =>
      withWords(() => diffText(shelf, of(project), from, to, maxBytes, never)),
    push: (project, spec, signal) =>
      withWords(() => pushBranch(place, of(project), project, spec, signal)),
    landLocally: (project, move, signal) =>
      withWords(() => landLocally(place, of(project), project.location, move, signal)),
    addThought: (spec, signal) => withWords(() => addThought(place, identity, spec, signal)),
  };
}

/** Nothing for a folder, a file that is too large, and a name that is not there. */
async function fileAt(
  { shelf }: Place,
  { name }: Project,
  commit: string,
  path: string,
  maxBytes: number,
): Promise<Uint8Array | null> {
  const { gitDir } = repositoryOf(shelf, name);
  const args = ["cat-file", "blob", `${commit}:${path}`];
  const { signal } = new AbortController();
  const answer = await shelf.git.run({ args, gitDir, cwd: gitDir, maxBytes }, signal);
  return answer.code === 0 && !answer.isCut ? answer.stdout : null;
}
