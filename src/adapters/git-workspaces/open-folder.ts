import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Project } from "../../core/project.ts";
import type { Workspace } from "../../ports/workspaces.ts";
import { discardFolder } from "./discard.ts";
import { isFolder, makeFolder } from "./folder.ts";
import { baseRef, folderOf, type Place } from "./place.ts";
import {
  commitAt,
  emptyCommit,
  ensureRepository,
  privateFolder,
  type Repository,
  repositoryOf,
  setRef,
} from "./repository.ts";
import { bringIn } from "./source.ts";
import { takeSpare } from "./spare-folders.ts";
import type { Spares } from "./spares.ts";

/** Answers a task's folder: the one that it has, or a fresh one. */
export async function openFolder(
  place: Place,
  spares: Spares | null,
  taskId: number,
  project: Project | null,
  signal: AbortSignal,
): Promise<Workspace> {
  const { shelf } = place;
  const path = folderOf(place, taskId);
  const repository = repositoryOf(shelf, project?.name ?? null);
  await mkdir(join(privateFolder(shelf), "home"), { recursive: true, mode: 0o700 });
  if ((await isFolder(path)) && (await isMade(place, repository, taskId, signal))) {
    return { path, reused: true, ...needs(project, repository) };
  }
  const done = spares?.waiting();
  try {
    await openFresh({ place, spares, taskId, project, repository }, signal);
  } finally {
    done?.();
  }
  return { path, reused: false, ...needs(project, repository) };
}

/** True when a task's folder was made whole. */
export async function isMade(
  { shelf }: Place,
  repository: Repository,
  taskId: number,
  signal: AbortSignal,
): Promise<boolean> {
  if (!(await isFolder(repository.gitDir))) return false;
  await ensureRepository(shelf, repository, signal);
  return (await commitAt(shelf, repository, baseRef(taskId), signal)) !== null;
}

/** A project's folder borrows the objects of our repository; a thought's stands alone. */
function needs(project: Project | null, { gitDir }: Repository): Pick<Workspace, "needs"> {
  return project === null ? {} : { needs: [gitDir] };
}

interface Opening {
  readonly place: Place;
  readonly spares: Spares | null;
  readonly taskId: number;
  readonly project: Project | null;
  readonly repository: Repository;
}

async function openFresh(opening: Opening, signal: AbortSignal): Promise<void> {
  const { place, spares, taskId, project, repository } = opening;
  const { shelf, lock } = place;
  await discardFolder(place, taskId, signal);
  const commit = await lock(repository.name, async () => {
    if (project !== null) return bringIn(place, repository, project, signal);
    await ensureRepository(shelf, repository, signal);
    return nothingYet(place, repository, signal);
  });
  const startedMs = performance.now();
  const made = await makeFolder(shelf, folderOf(place, taskId), specOf(opening, commit), signal);
  const ms = performance.now() - startedMs;
  // The mark that the folder is whole, outside of it: only now may it be used again.
  await lock(repository.name, () => setRef(shelf, repository, baseRef(taskId), commit, signal));
  if (project !== null) spares?.made(repository, commit, { ...made, ms });
}

function specOf(
  { place, spares, taskId, project, repository }: Opening,
  commit: string,
): Parameters<typeof makeFolder>[2] {
  if (project === null) return { taskId, repository, commit: null };
  const spec = { taskId, repository, commit, owner: place.agentOf?.(project.name) ?? null };
  if (spares === null) return spec;
  return { ...spec, spare: async (at) => (await takeSpare(place, repository, at)) !== null };
}

/** The commit that thoughts begin from; made once, its ref never changes. */
async function nothingYet(
  { shelf }: Place,
  repository: Repository,
  signal: AbortSignal,
): Promise<string> {
  const ref = "refs/sleepless/nothing";
  const found = await commitAt(shelf, repository, ref, signal);
  if (found !== null) return found;
  const commit = await emptyCommit(shelf, repository, signal);
  await setRef(shelf, repository, ref, commit, signal);
  return commit;
}
