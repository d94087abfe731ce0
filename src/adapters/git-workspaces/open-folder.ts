import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { type Cone, coneOf } from "../../core/cone.ts";
import type { Project } from "../../core/project.ts";
import { type Workspace, WorkspaceUnavailable } from "../../ports/workspaces.ts";
import { makeConflictFolder } from "./branches/open-conflict.ts";
import { pathsInConflict } from "./branches/opened-conflict.ts";
import { discardFolder } from "./discard.ts";
import { type FolderSpec, isFolder, makeFolder } from "./folder.ts";
import { baseRef, conflictRef, folderOf, type Place } from "./place.ts";
import { recordCone, recordedCone } from "./recorded-cone.ts";
import { splitRecords } from "./records.ts";
import {
  commitAt,
  emptyCommit,
  ensureRepository,
  objectAt,
  privateFolder,
  type Repository,
  repositoryOf,
  setRef,
} from "./repository.ts";
import { bringIn } from "./source.ts";
import { takeSpareFor } from "./spare-folders.ts";
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
  const reused = (await isFolder(path)) && (await isMade(place, repository, taskId, signal));
  if (!reused) {
    const done = spares?.waiting();
    try {
      await openFresh({ place, spares, taskId, project, repository }, signal);
    } finally {
      done?.();
    }
  }
  const told = await howMade(place, repository, taskId, signal);
  return { path, reused, ...needs(project, repository), ...told };
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

async function howMade(
  { shelf }: Place,
  repository: Repository,
  taskId: number,
  signal: AbortSignal,
): Promise<Pick<Workspace, "folders" | "unresolved">> {
  const cone = await recordedCone(shelf, repository, taskId, signal);
  const unresolved = await pathsInConflict(shelf, repository, taskId, signal);
  return {
    ...(cone === null ? {} : { folders: cone }),
    ...(unresolved.length === 0 ? {} : { unresolved }),
  };
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
  const unresolved = await objectAt(shelf, repository, conflictRef(taskId), signal);
  // Whoever was to make the folder of a conflict was killed: it is made now.
  if (unresolved !== null) {
    return makeConflictFolder(place, repository, { taskId, unresolved }, signal);
  }
  const commit = await lock(repository.name, async () => {
    if (project !== null) return bringIn(place, repository, project, signal);
    await ensureRepository(shelf, repository, signal);
    return nothingYet(place, repository, signal);
  });
  const startedMs = performance.now();
  const cone = await coneFor(opening, commit, signal);
  const spec = specOf(opening, commit, cone, signal);
  const made = await makeFolder(shelf, folderOf(place, taskId), spec, signal);
  const ms = performance.now() - startedMs;
  await lock(repository.name, () => recordCone(shelf, repository, taskId, cone, signal));
  // The mark that the folder is whole, outside of it: only now may it be used again.
  await lock(repository.name, () => setRef(shelf, repository, baseRef(taskId), commit, signal));
  if (project !== null && cone === null) spares?.made(repository, commit, { ...made, ms });
}

function specOf(
  { place, spares, taskId, project, repository }: Opening,
  commit: string,
  cone: Cone | null,
  signal: AbortSignal,
): FolderSpec {
  if (project === null) return { taskId, repository, commit: null };
  const owner = place.agentOf?.(project.name) ?? null;
  const spec = { taskId, repository, commit, cone, owner };
  // A part of a repository is soon checked out.
  if (spares === null || cone !== null) return spec;
  const spare = async (at: string): Promise<boolean> =>
    (await takeSpareFor(place, repository, commit, at, signal)) !== null;
  return { ...spec, spare };
}

/** The folders that the settings name; null for all. Refuses one that is not there. */
async function coneFor(
  { place, project, repository }: Opening,
  commit: string,
  signal: AbortSignal,
): Promise<Cone | null> {
  const folders = project === null ? [] : (place.foldersOf?.(project.name) ?? []);
  if (project === null || folders.length === 0) return null;
  const { gitDir } = repository;
  const args = ["ls-tree", "-d", "-z", "--name-only", "--full-tree", commit, "--", ...folders];
  const call = { args, gitDir, cwd: gitDir };
  const found = new Set(splitRecords(await place.shelf.git.must(call, signal)).map(String));
  const missing = folders.find((folder) => !found.has(folder));
  if (missing === undefined) return coneOf(folders);
  throw new WorkspaceUnavailable(
    "config",
    `The repository of project ${project.name} has no folder ${missing} where its work begins; see projects.${project.name}.folders in the settings.`,
  );
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
