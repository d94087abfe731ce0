import { readdir } from "node:fs/promises";
import { join } from "node:path";
import type { Project } from "../../core/project.ts";
import type { Branches } from "../../ports/branches.ts";
import {
  type CheckedOut,
  type Kept,
  type Workspaces,
  WorkspaceUnavailable,
} from "../../ports/workspaces.ts";
import type { AccessTo } from "./access.ts";
import { gitBranches } from "./branches/branches.ts";
import { BOT, type CommitIdentity } from "./branches/result-commit.ts";
import { checkOutCommit, hashesOf } from "./check-out.ts";
import { diffText } from "./changes.ts";
import { discardFolder } from "./discard.ts";
import { isFolder } from "./folder.ts";
import { hardenedGit } from "./git.ts";
import { keepState } from "./keep.ts";
import { keptChanges } from "./kept-changes.ts";
import { keyedLock } from "./keyed-lock.ts";
import { isMade, openFolder } from "./open-folder.ts";
import { baseRef, type Fence, folderOf, type Place } from "./place.ts";
import { whyItStays } from "./proof.ts";
import { commitAt, privateFolder, type Repository, repositoryOf } from "./repository.ts";
import { restoreTree } from "./restore.ts";
import type { Owner } from "./owner.ts";
import { openSpares, type SpareRules, type Spares } from "./spares.ts";
import { restoreWorkspace } from "./restore-workspace.ts";
import { statesOf } from "./states-of.ts";
import { sweepLeftovers } from "./sweep.ts";
import { takeUp } from "./take-up.ts";
import { withWords } from "./with-words.ts";

/** Where workspaces are and what they are made with. */
export interface GitWorkspacesOptions {
  /** Folder with one folder for each task. */
  readonly tasks: string;
  readonly trash: string;
  /** Folder for bare repositories; agents may read it and must not be able to write it. */
  readonly repositories: string;
  /** The git program, 2.34 or newer; a name is looked up in `searchPath`. */
  readonly program: string;
  /** The value of PATH for git. */
  readonly searchPath: string;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** Behind whose fence the folders of a project's agents are read; absent and null: behind none. */
  readonly fence?: Fence;
  /** How git gets into repositories elsewhere; absent: as it is. */
  readonly access?: AccessTo;
  /** The user that a project's agents are when that is another than this process; null: the same. */
  readonly agentOf?: (project: string) => Owner | null;
  /** Which folders of a project's repository its tasks get, none for all; absent: all. */
  readonly foldersOf?: (project: string) => readonly string[];
  /** When folders are made before a task asks for one; absent: never. One process of a home only. */
  readonly spares?: SpareRules;
  /** By whom commits that leave are; absent: by this program, unsigned. */
  readonly identity?: CommitIdentity;
}

/** Workspaces with a way back. */
export interface GitWorkspaces extends Workspaces {
  /** The same repositories, as branches that leave. */
  readonly branches: Branches;
  /** The folders that are kept ready; null where none are. */
  readonly spares: Spares | null;
  /** Why what is in the trash under this name must not be deleted; null when it may be. */
  readonly whyItStays: (name: string, signal: AbortSignal) => Promise<string | null>;
  /** Writes the files of a kept state into a folder that is empty or not there yet. */
  readonly restoreKept: (
    ref: string,
    project: Project | null,
    into: string,
    signal: AbortSignal,
  ) => Promise<void>;
}

const KEEP_REF = /^refs\/sleepless\/keep\/\d+\/\d+$/u;

/**
 * Workspaces as clones of bare repositories of ours. After an agent has had a folder no git runs
 * with that folder's `.git`: states are read with our own repository, index and configuration.
 */
export function gitWorkspaces(options: GitWorkspacesOptions): GitWorkspaces {
  const { repositories } = options;
  const home = join(privateFolder({ repositories }), "home");
  const git = hardenedGit({ ...options, home });
  const { tasks, trash, now, program, fence, access, agentOf, foldersOf } = options;
  const place: Place = {
    tasks,
    trash,
    now,
    program,
    shelf: { git, repositories },
    lock: keyedLock(),
    ...(fence === undefined ? {} : { fence }),
    ...(access === undefined ? {} : { access }),
    ...(agentOf === undefined ? {} : { agentOf }),
    ...(foldersOf === undefined ? {} : { foldersOf }),
  };
  const spares = options.spares === undefined ? null : openSpares(place, options.spares);
  void sweepLeftovers(place.shelf, tasks, now());
  return {
    branches: withSpares(place, gitBranches(place, options.identity ?? BOT), spares),
    spares,
    open: (taskId, project, signal) =>
      withWords(() => openFolder(place, spares, taskId, project, signal)),
    keep: (taskId, attempt, project, signal) =>
      withWords(() => keep(place, taskId, attempt, project, signal)),
    takeUp: (taskId, attempts, project) =>
      withWords(() =>
        takeUp(place, repositoryOf(place.shelf, project?.name ?? null), taskId, attempts),
      ),
    checkOut: (taskId, project, commit, signal) =>
      withWords(() => checkOut(place, taskId, project, commit, signal)),
    hashesOf: (project, commit) =>
      withWords(() => {
        const repository = repositoryOf(place.shelf, project.name);
        return hashesOf(place, repository, commit, new AbortController().signal);
      }),
    list: () => withWords(() => listFolders(place)),
    discard: (taskId) =>
      withWords(() => discardFolder(place, taskId, new AbortController().signal)),
    diff: (ref, project, maxBytes) => withWords(() => diff(place, ref, project, maxBytes)),
    states: (taskId) => withWords(() => statesOf(place, taskId, new AbortController().signal)),
    restore: (taskId, request, signal) =>
      withWords(() => restoreWorkspace(place, taskId, request, signal)),
    whyItStays: (name, signal) => withWords(() => whyItStays(place, name, signal)),
    restoreKept: (ref, project, into, signal) =>
      withWords(() => restore(place, ref, project, into, signal)),
  };
}

/** Whoever learns that a base moved makes the spare folder follow. */
function withSpares({ shelf }: Place, branches: Branches, spares: Spares | null): Branches {
  if (spares === null) return branches;
  const base: Branches["base"] = async (project, signal) => {
    const found = await branches.base(project, signal);
    await spares.moved(repositoryOf(shelf, project.name), found.commit);
    return found;
  };
  return { ...branches, base };
}

async function keep(
  place: Place,
  taskId: number,
  attempt: number,
  project: Project | null,
  signal: AbortSignal,
): Promise<Kept> {
  const { shelf } = place;
  const path = folderOf(place, taskId);
  const repository = repositoryOf(shelf, project?.name ?? null);
  const base = (await isFolder(path)) ? await baseOf(place, repository, taskId, signal) : null;
  if (base === null) throw gone(taskId, path);
  const spec = { taskId, attempt, repository, base, known: null };
  const { ref, commit, isBase, leftOut } = await keepState(place, spec, signal);
  const kept = isBase
    ? { ...NO_CHANGES, commit, ref }
    : await keptChanges(shelf, repository, base, { commit, ref }, signal);
  return { ...kept, ...(leftOut.length > 0 ? { leftOut } : {}) };
}

const NO_CHANGES = { changed: [], insertions: 0, deletions: 0 } as const;

async function baseOf(
  place: Place,
  repository: Repository,
  taskId: number,
  signal: AbortSignal,
): Promise<string | null> {
  const isThere = await isMade(place, repository, taskId, signal);
  return isThere ? commitAt(place.shelf, repository, baseRef(taskId), signal) : null;
}

function checkOut(
  place: Place,
  taskId: number,
  project: Project,
  commit: string,
  signal: AbortSignal,
): Promise<CheckedOut> {
  const repository = repositoryOf(place.shelf, project.name);
  return checkOutCommit(place, repository, taskId, commit, signal);
}

async function listFolders({ tasks }: Place): Promise<readonly number[]> {
  const names = await readdir(tasks).catch(() => []);
  return names.filter((name) => /^[1-9]\d{0,14}$/u.test(name)).map(Number);
}

async function diff(
  place: Place,
  ref: string,
  project: Project | null,
  maxBytes: number,
): Promise<string> {
  const { signal } = new AbortController();
  const { repository, commit } = await findKept(place, ref, project, signal);
  return diffText(place.shelf, repository, `${commit}^`, commit, maxBytes, signal);
}

async function restore(
  place: Place,
  ref: string,
  project: Project | null,
  into: string,
  signal: AbortSignal,
): Promise<void> {
  const { repository, commit } = await findKept(place, ref, project, signal);
  await restoreTree(place.shelf, repository, commit, into, signal);
}

async function findKept(
  { shelf }: Place,
  ref: string,
  project: Project | null,
  signal: AbortSignal,
): Promise<{ repository: Repository; commit: string }> {
  if (!KEEP_REF.test(ref)) throw new Error(`${JSON.stringify(ref)} is not the ref of a kept state`);
  const repository = repositoryOf(shelf, project?.name ?? null);
  const isThere = await isFolder(repository.gitDir);
  const commit = isThere ? await commitAt(shelf, repository, ref, signal) : null;
  if (commit !== null) return { repository, commit };
  throw new WorkspaceUnavailable(
    "config",
    `There is no kept state ${ref}; it may have been removed by age.`,
  );
}

function gone(taskId: number, path: string): WorkspaceUnavailable {
  return new WorkspaceUnavailable(
    "crash",
    `The workspace of task ${taskId}, ${path}, is gone; the next attempt begins in a fresh one.`,
  );
}
