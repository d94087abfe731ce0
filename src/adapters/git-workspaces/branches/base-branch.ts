import type { Project } from "../../../core/project.ts";
import { isElsewhere } from "../../../core/project.ts";
import type { BaseBranch } from "../../../ports/branches.ts";
import { reaching } from "../access.ts";
import type { Place } from "../place.ts";
import { type Repository, repositoryOf } from "../repository.ts";
import { bringIn, isGitRepository } from "../source.ts";

/** Brings our repository up to what the project is now; its base branch and where that is. */
export async function baseBranch(
  place: Place,
  project: Project,
  signal: AbortSignal,
): Promise<BaseBranch> {
  const repository = repositoryOf(place.shelf, project.name);
  const commit = await place.lock(repository.name, () =>
    bringIn(place, repository, project, signal),
  );
  const name = project.base ?? (await checkedOutBranch(place, repository, project, signal));
  return { name, commit };
}

/** Null for a plain folder, and where no branch is checked out. */
async function checkedOutBranch(
  { shelf, access }: Place,
  { gitDir }: Repository,
  project: Project,
  signal: AbortSignal,
): Promise<string | null> {
  const { location } = project;
  if (!isElsewhere(project) && !(await isGitRepository(location))) return null;
  const args = ["ls-remote", "--symref", location, "HEAD"];
  const way = await reaching(access, project, signal);
  const said = await shelf.git.must({ args, gitDir, cwd: gitDir, ...way }, signal);
  return /^ref: refs\/heads\/(\S+)\tHEAD$/mu.exec(said.toString())?.[1] ?? null;
}
