import { lstat, realpath, stat } from "node:fs/promises";
import { join, relative } from "node:path";
import { isElsewhere, type Project } from "../../core/project.ts";
import { WorkspaceUnavailable } from "../../ports/workspaces.ts";
import { fetchElsewhereFailed, reaching, reachingAnew, type Way } from "./access.ts";
import { captureTree } from "./capture.ts";
import { GitFailed } from "./git.ts";
import type { Place } from "./place.ts";
import {
  commitAt,
  commitTree,
  ensureRepository,
  type Repository,
  setRef,
  type Shelf,
  writeRefs,
} from "./repository.ts";

/** The state that a project has now. */
const HEAD_REF = "refs/sleepless/head";
const FETCH_TIMEOUT_MS = 1_800_000;

/**
 * Brings our repository up to what the project is now and answers the commit that work begins
 * from: the checked-out commit of a git repository (what is not committed there is not part of
 * it), or the files of a plain folder as they are.
 */
export async function bringIn(
  place: Place,
  repository: Repository,
  project: Project,
  signal: AbortSignal,
): Promise<string> {
  const { shelf, now } = place;
  if (!isElsewhere(project)) await refuseUnusable(shelf, project);
  await ensureRepository(shelf, repository, signal);
  if (isElsewhere(project) || (await isGitRepository(project.location))) {
    const head = await fetchProject(place, repository, project, signal);
    if (head !== null) return head;
  }
  if (isElsewhere(project) || project.base !== null) throw noCommit(project);
  return captureFolder(shelf, repository, project, now(), signal);
}

function noCommit({ name, location, base }: Project): WorkspaceUnavailable {
  const what = base === null ? "commit" : `branch ${base}`;
  return new WorkspaceUnavailable(
    "config",
    `The repository of project ${name}, ${location}, has no ${what} yet; make one first.`,
  );
}

async function refuseUnusable(shelf: Shelf, { name, location: path }: Project): Promise<void> {
  const found = await stat(path).catch(() => null);
  if (found === null || !found.isDirectory()) {
    throw new WorkspaceUnavailable(
      "config",
      `The folder of project ${name}, ${path}, is not there; bring it back or run \`sle project remove ${name}\`.`,
    );
  }
  const inside = relative(await realpath(path), await realpath(shelf.repositories));
  if (inside === "" || !inside.startsWith("..")) {
    throw new WorkspaceUnavailable(
      "config",
      `The folder of project ${name}, ${path}, contains the home of Sleepless Agent; make the project of a folder below it.`,
    );
  }
}

/** A work tree (with `.git` as a folder or a file) or a bare repository; never searched for above. */
export async function isGitRepository(path: string): Promise<boolean> {
  const exists = async (name: string): Promise<boolean> =>
    (await lstat(join(path, name)).catch(() => null)) !== null;
  if (await exists(".git")) return true;
  return (await exists("HEAD")) && (await exists("objects")) && (await exists("refs"));
}

const TO_BARE: readonly string[] = [
  "--update-shallow",
  "--update-head-ok",
  "--no-auto-maintenance",
];

/** Null when the project has no commit yet. Runs nothing that the project's configuration names. */
async function fetchProject(
  { shelf, access }: Place,
  repository: Repository,
  project: Project,
  signal: AbortSignal,
): Promise<string | null> {
  const { location, base } = project;
  const args = ["fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--prune", "--force"];
  const refs = [`+HEAD:${HEAD_REF}`, "+refs/heads/*:refs/heads/*"];
  const call = {
    args: [...args, ...TO_BARE, location, ...(base === null ? refs : refs.slice(1))],
    cwd: repository.gitDir,
    timeoutMs: FETCH_TIMEOUT_MS,
  };
  const fetchBy = async (way: Way, isLast: boolean): Promise<void> => {
    try {
      await writeRefs(shelf, repository, { ...call, ...way }, signal);
    } catch (error) {
      if (isLast || !(error instanceof GitFailed)) throw error;
      const other = await reachingAnew(access, project, { way, stderr: error.stderr }, signal);
      if (other === null) throw error;
      await fetchBy(other, true);
    }
  };
  try {
    await fetchBy(await reaching(access, project, signal), false);
  } catch (error) {
    if (!(error instanceof GitFailed)) throw error;
    if (error.stderr.includes("couldn't find remote ref HEAD")) return null;
    throw fetchFailed(project, error);
  }
  return commitAt(shelf, repository, base === null ? HEAD_REF : `refs/heads/${base}`, signal);
}

/** Complaints of git that a person can do something about. */
const FETCH_COMPLAINTS: readonly (readonly [string, (path: string) => string])[] = [
  [
    "dubious ownership",
    (path) => `${path}, belongs to another user; run the daemon as that user or change its owner.`,
  ],
  [
    "does not appear to be a git repository",
    (path) => `${path}, is broken; see what \`git -C ${path} status\` says.`,
  ],
  [
    "mismatched algorithms",
    (path) => `${path}, uses SHA-256 names, which are not supported; use one with SHA-1 names.`,
  ],
];

function fetchFailed(project: Project, error: GitFailed): Error {
  const { name, location: path } = project;
  const away = isElsewhere(project) ? fetchElsewhereFailed(project, error) : null;
  if (away !== null) return away;
  const known = FETCH_COMPLAINTS.find(([complaint]) => error.stderr.includes(complaint));
  if (known === undefined) return error;
  const message = `The repository of project ${name}, ${known[1](path)}`;
  return new WorkspaceUnavailable("config", message, { cause: error });
}

/** A new commit only when something changed since the last one. */
async function captureFolder(
  shelf: Shelf,
  repository: Repository,
  { location: path, name }: Project,
  now: number,
  signal: AbortSignal,
): Promise<string> {
  const last = await commitAt(shelf, repository, HEAD_REF, signal);
  const target = {
    repository,
    workTree: path,
    base: last,
    seedIndex: null,
    cone: null,
    isOurs: false,
  };
  const { tree } = await captureTree(shelf, target, signal);
  if (last !== null && (await treeOf(shelf, repository, last, signal)) === tree) return last;
  const message = `The files of ${name}`;
  const commit = await commitTree(
    shelf,
    repository,
    { tree, parent: last, message, at: now },
    signal,
  );
  await setRef(shelf, repository, HEAD_REF, commit, signal);
  await setRef(shelf, repository, "refs/heads/main", commit, signal);
  return commit;
}

async function treeOf(
  shelf: Shelf,
  { gitDir }: Repository,
  commit: string,
  signal: AbortSignal,
): Promise<string> {
  const args = ["rev-parse", "--verify", `${commit}^{tree}`];
  const tree = await shelf.git.must({ args, gitDir, cwd: gitDir }, signal);
  return tree.toString("latin1").trim();
}
