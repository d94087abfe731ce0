import { randomUUID } from "node:crypto";
import { lstat, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join, relative, resolve } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { hasPackedRefs, readLooseRef, writeLooseRef } from "./loose-ref.ts";
import { type Git, type GitAnswer, type GitCall, GitFailed } from "./git.ts";

/** A bare repository of ours; agents read its objects and write nothing in it. */
export interface Repository {
  readonly name: string;
  readonly gitDir: string;
}

/** Everything this adapter does with git and where. */
export interface Shelf {
  readonly git: Git;
  /** Folder of the bare repositories. */
  readonly repositories: string;
}

/** The repository of thoughts, which belong to no project. */
export const SCRATCH = "scratch";

/** The whole configuration of every repository here; anything else in it is not ours. */
const CONFIG = "[core]\n\trepositoryformatversion = 0\n\tfilemode = true\n\tbare = true\n";
/** A lock that has not changed for this long belongs to a git that died. */
const STALE_LOCK_MS = 3000;
const LOCK_POLL_MS = 100;
/** Project names as core makes them; checked again because they become file names. */
const PROJECT_NAME = /^[a-z0-9_.][a-z0-9_.-]{0,99}$/u;

/** Where the repository of a project is, or of thoughts for null. */
export function repositoryOf(shelf: Shelf, project: string | null): Repository {
  if (project !== null && (!PROJECT_NAME.test(project) || project.startsWith(".."))) {
    throw new Error(`${JSON.stringify(project)} is not the name of a project`);
  }
  // A project may be named like the scratch repository; @ stands in no project's name.
  const name = project === null ? SCRATCH : project === SCRATCH ? `@${SCRATCH}` : project;
  return { name, gitDir: join(shelf.repositories, `${name}.git`) };
}

/** Whose repository it is; null for that of thoughts. */
export function projectNameOf({ name }: Repository): string | null {
  if (name === SCRATCH) return null;
  return name === `@${SCRATCH}` ? SCRATCH : name;
}

/** Private files that no agent reads: indexes, the empty home of git. */
export function privateFolder(shelf: Pick<Shelf, "repositories">): string {
  return join(shelf.repositories, ".private");
}

/** Makes the repository when it is not there, and its configuration ours when it is not. */
export async function ensureRepository(
  shelf: Shelf,
  repository: Repository,
  signal: AbortSignal,
): Promise<void> {
  const config = join(repository.gitDir, "config");
  const found = await readFile(config, "utf8").catch(() => null);
  if (found === CONFIG) return;
  if (found !== null) return writeFile(config, CONFIG);
  const fresh = join(privateFolder(shelf), `fresh-${randomUUID()}`);
  await mkdir(join(privateFolder(shelf), "home"), { recursive: true, mode: 0o700 });
  await shelf.git.must(
    {
      args: ["init", "--quiet", "--bare", "--template=", "--initial-branch=main", fresh],
      cwd: shelf.repositories,
    },
    signal,
  );
  await writeFile(join(fresh, "config"), CONFIG);
  await rename(fresh, repository.gitDir).catch(async (error: unknown) => {
    // Another process may have been first; otherwise the folder is broken beyond our use.
    await rm(fresh, { recursive: true, force: true });
    if ((await readFile(config, "utf8").catch(() => null)) === null) throw error;
  });
}

/** The commit that a full ref names (refs/…); null when there is none. */
export async function commitAt(
  shelf: Shelf,
  { gitDir }: Repository,
  ref: string,
  signal: AbortSignal,
): Promise<string | null> {
  // Saves starting git for the usual case: a ref of its own file that names a commit.
  const loose = await readLooseRef(gitDir, ref);
  if (loose !== null) return loose;
  return hashOf(shelf, gitDir, `${ref}^{commit}`, signal);
}

/** The object that a ref of ours names, of whatever kind; null when there is none, most often without git. */
export async function objectAt(
  shelf: Shelf,
  { gitDir }: Repository,
  ref: string,
  signal: AbortSignal,
): Promise<string | null> {
  const loose = await readLooseRef(gitDir, ref);
  if (loose !== null || !(await hasPackedRefs(gitDir))) return loose;
  return hashOf(shelf, gitDir, ref, signal);
}

async function hashOf(
  shelf: Shelf,
  gitDir: string,
  name: string,
  signal: AbortSignal,
): Promise<string | null> {
  const args = ["rev-parse", "--quiet", "--verify", name];
  const answer = await shelf.git.run({ args, gitDir, cwd: gitDir }, signal);
  return answer.code === 0 ? answer.stdout.toString("latin1").trim() : null;
}

/** Points a ref at a commit, or removes it for null. */
export async function setRef(
  shelf: Shelf,
  repository: Repository,
  ref: string,
  commit: string | null,
  signal: AbortSignal,
): Promise<void> {
  if (commit !== null && (await wroteLoose(repository, ref, commit, signal))) return;
  const args = commit === null ? ["update-ref", "-d", ref] : ["update-ref", ref, commit];
  await writeRefs(shelf, repository, { args, cwd: repository.gitDir }, signal);
}

/** Points a ref at a commit if it still is at `from`, null for not there; false when it is not. */
export async function moveRef(
  shelf: Shelf,
  repository: Repository,
  { ref, from, to }: { readonly ref: string; readonly from: string | null; readonly to: string },
  signal: AbortSignal,
): Promise<boolean> {
  const args = ["update-ref", ref, to, from ?? "0".repeat(40)];
  try {
    await writeRefs(shelf, repository, { args, cwd: repository.gitDir }, signal);
    return true;
  } catch (error) {
    if (error instanceof GitFailed && OVERTAKEN.test(error.stderr)) return false;
    throw error;
  }
}

/** Saves starting git for the usual case; false when git must see to it. */
async function wroteLoose(
  { gitDir }: Repository,
  ref: string,
  commit: string,
  signal: AbortSignal,
): Promise<boolean> {
  for (;;) {
    const written = await writeLooseRef(gitDir, ref, commit);
    if (written !== "locked") return written === "written";
    await removeWhenStale(join(gitDir, `${ref}.lock`), signal);
  }
}

/**
 * Runs a call that writes refs. A lock left by a git that was killed would stop it for ever: once
 * such a lock has not changed for a while it is removed and the call is made again. So it is when
 * another process, or a git that outlived its daemon, wrote the same refs meanwhile.
 */
export async function writeRefs(
  shelf: Shelf,
  { gitDir }: Repository,
  call: GitCall,
  signal: AbortSignal,
): Promise<Buffer> {
  for (let overtaken = 0; ;) {
    const answer = await shelf.git.run({ ...call, gitDir }, signal);
    if (answer.code === 0) return answer.stdout;
    if (OVERTAKEN.test(answer.stderr) && overtaken < OVERTAKEN_MAX) {
      overtaken += 1;
      continue;
    }
    const lock = lockInTheWay(answer, gitDir);
    if (lock === null) throw new GitFailed(lastLine(answer), answer.stderr);
    await removeWhenStale(lock, signal);
  }
}

/** The commit with no file in it, the same in every repository: where a thought begins. */
export async function emptyCommit(
  shelf: Shelf,
  repository: Repository,
  signal: AbortSignal,
): Promise<string> {
  const { gitDir } = repository;
  const tree = await shelf.git.must(
    { args: ["mktree"], gitDir, cwd: gitDir, input: Buffer.alloc(0) },
    signal,
  );
  return commitTree(
    shelf,
    repository,
    { tree: tree.toString("latin1").trim(), parent: null, message: "Nothing yet", at: 0 },
    signal,
  );
}

/** What a commit is made of; `at` in epoch milliseconds. */
export interface NewCommit {
  readonly tree: string;
  readonly parent: string | null;
  readonly message: string;
  readonly at: number;
}

/** Makes a commit; the same parts make the same commit. */
export async function commitTree(
  shelf: Shelf,
  { gitDir }: Repository,
  { tree, parent, message, at }: NewCommit,
  signal: AbortSignal,
): Promise<string> {
  const args = ["commit-tree", tree, ...(parent === null ? [] : ["-p", parent])];
  const date = `@${Math.floor(at / 1000)} +0000`;
  // A word of a command has an end that a message need not have.
  const input = Buffer.from(message.endsWith("\n") ? message : `${message}\n`);
  const made = await shelf.git.must({ args, gitDir, cwd: gitDir, date, input }, signal);
  return made.toString("latin1").trim();
}

/** What git says when a ref is not what it was when it looked. */
const OVERTAKEN = /cannot lock ref '[^'\n]+': (?:is at \w+ but expected|reference already exists)/u;
const OVERTAKEN_MAX = 5;

function lastLine(answer: GitAnswer): string {
  return answer.stderr.trim().split("\n").at(-1) ?? `git ended with ${answer.code}`;
}

/** The lock file that git names in its complaint, when it is inside the repository. */
function lockInTheWay(answer: GitAnswer, gitDir: string): string | null {
  const named = /'([^'\n]+\.lock)': File exists/u.exec(answer.stderr)?.[1];
  if (named === undefined) return null;
  const lock = resolve(gitDir, named);
  return relative(gitDir, dirname(lock)).startsWith("..") ? null : lock;
}

async function removeWhenStale(lock: string, signal: AbortSignal): Promise<void> {
  const stat = await lstat(lock).catch(() => null);
  if (stat === null) return;
  if (Date.now() - stat.mtimeMs < STALE_LOCK_MS) await pause(LOCK_POLL_MS, undefined, { signal });
  else await rm(lock, { force: true });
}
