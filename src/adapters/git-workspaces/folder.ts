import { randomUUID } from "node:crypto";
import {
  copyFile,
  lstat,
  mkdir,
  readdir,
  rename,
  rm,
  stat,
  utimes,
  writeFile,
} from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { Cone } from "../../core/cone.ts";
import { PATTERNS_FILE, patternsOf } from "./cone.ts";
import { filesIn, giveFiles } from "./give-files.ts";
import { unlockFolder } from "./look.ts";
import { noteMade } from "./made-git.ts";
import type { Owner } from "./owner.ts";
import { privateFolder, type Repository, type Shelf } from "./repository.ts";

/** What a fresh folder is made of. */
export interface FolderSpec {
  readonly taskId: number;
  readonly repository: Repository;
  /** Commit that the files come from; null for an empty folder. */
  readonly commit: string | null;
  /** Which of its folders; null and absent: all. */
  readonly cone?: Cone | null;
  /** To whom the files are given; null and absent: to nobody. */
  readonly owner?: Owner | null;
  /** Moves a folder of ours that has files and an index of another commit to a path, if there is one. */
  readonly spare?: (path: string) => Promise<boolean>;
}

/** How a folder was made. */
export interface MadeFolder {
  readonly files: number;
  readonly isFromSpare: boolean;
}

/** A fresh repository, with the name by which an agent's commits go unless it sets another. */
const CONFIG = `[core]
	repositoryformatversion = 0
	filemode = true
	bare = false
	logallrefupdates = true
[user]
	name = Sleepless Agent
	email = agent@sleepless.local
`;
const SPARSE = `[core]
	sparseCheckout = true
	sparseCheckoutCone = true
`;
const CHECKOUT_TIMEOUT_MS = 1_800_000;

/**
 * Makes a task's folder at `path`, whole or not at all: it is built beside it and moved there. It
 * has a `.git` of its own that borrows our objects, so the agent may do with it as it likes; there
 * is no remote it could push to. Leaves an index of the fresh files in private.
 */
export async function makeFolder(
  shelf: Shelf,
  path: string,
  spec: FolderSpec,
  signal: AbortSignal,
): Promise<MadeFolder> {
  await removeUnfinished(path);
  const fresh = `${path}${MAKING}${randomUUID()}`;
  let isFromSpare = false;
  try {
    const gitDir = join(fresh, ".git");
    isFromSpare = (await spec.spare?.(fresh)) ?? false;
    const { commit, cone = null } = spec;
    await makeGitDir(gitDir, spec.taskId, cone);
    const files = commit === null ? 0 : await checkOut(shelf, fresh, { ...spec, commit }, signal);
    await noteMade(shelf, spec.repository, spec.taskId, gitDir);
    await rename(fresh, path);
    return { files, isFromSpare };
  } catch (error) {
    await rm(fresh, { recursive: true, force: true });
    if (!isFromSpare || signal.aborted) throw error;
    const { spare: _spare, ...others } = spec;
    return makeFolder(shelf, path, others, signal);
  }
}

/** What a maker that was killed had begun; only one at a time makes the folder of a task. */
async function removeUnfinished(path: string): Promise<void> {
  const begun = `${basename(path)}${MAKING}`;
  for (const name of await readdir(dirname(path))) {
    if (!name.startsWith(begun)) continue;
    await rm(join(dirname(path), name), { recursive: true, force: true });
  }
}

const MAKING = ".making-";

/** Where the index of a task's fresh folder is kept for the capture. */
export function seedIndexPath(shelf: Shelf, { name }: Repository, taskId: number): string {
  return join(privateFolder(shelf), "seeds", `${name}-${taskId}`);
}

/** True for a real folder; a link in its place is none. */
export async function isFolder(path: string): Promise<boolean> {
  const found = await lstat(path).catch(() => null);
  return found?.isDirectory() ?? false;
}

/** Moves whatever is at `path` into the trash, at once however large it is; nothing there is fine. */
export async function moveToTrash(path: string, trash: string, name: string): Promise<void> {
  if ((await lstat(path).catch(() => null)) === null) return;
  await mkdir(trash, { recursive: true });
  // To give a folder another parent takes the right to write it, which its agent may have taken away.
  await unlockFolder(path);
  await rename(path, join(trash, name));
}

/** What `git init` would make, without starting it: this is on the way of every task. */
async function makeGitDir(gitDir: string, taskId: number, cone: Cone | null): Promise<void> {
  for (const folder of ["objects/info", "objects/pack", "refs/heads", "refs/tags"]) {
    await mkdir(join(gitDir, folder), { recursive: true });
  }
  await writeFile(join(gitDir, "HEAD"), `ref: refs/heads/sleepless/${taskId}\n`);
  await writeFile(join(gitDir, "config"), cone === null ? CONFIG : `${CONFIG}${SPARSE}`);
  if (cone === null) return;
  await mkdir(join(gitDir, dirname(PATTERNS_FILE)));
  await writeFile(join(gitDir, PATTERNS_FILE), patternsOf(cone));
}

async function checkOut(
  shelf: Shelf,
  folder: string,
  { taskId, repository, commit, owner }: FolderSpec & { readonly commit: string },
  signal: AbortSignal,
): Promise<number> {
  const gitDir = join(folder, ".git");
  const alternates = join(gitDir, "objects", "info", "alternates");
  await writeFile(alternates, `${join(repository.gitDir, "objects")}\n`);
  await copyFile(join(repository.gitDir, "shallow"), join(gitDir, "shallow")).catch(ignoreMissing);
  await writeFile(join(gitDir, "packed-refs"), await branchesOf(shelf, repository, signal));
  const args = [
    "checkout",
    "--quiet",
    "--force",
    "--no-track",
    "-B",
    `sleepless/${taskId}`,
    commit,
  ];
  const call = { args, gitDir, workTree: folder, cwd: folder, timeoutMs: CHECKOUT_TIMEOUT_MS };
  await shelf.git.must(call, signal);
  const index = join(gitDir, "index");
  if (owner != null) await giveFiles(folder, index, owner);
  await saveIndex(index, seedIndexPath(shelf, repository, taskId));
  return filesIn(index);
}

/** The project's branches as the agent sees them: `origin/main` and so on. */
async function branchesOf(
  shelf: Shelf,
  { gitDir }: Repository,
  signal: AbortSignal,
): Promise<Buffer> {
  const format = "--format=%(objectname) refs/remotes/origin/%(refname:lstrip=2)";
  const args = ["for-each-ref", format, "refs/heads/"];
  return shelf.git.must({ args, gitDir, cwd: gitDir, maxBytes: REFS_BYTES_MAX }, signal);
}

const REFS_BYTES_MAX = 64 * 1024 * 1024;

async function saveIndex(from: string, to: string): Promise<void> {
  await mkdir(join(to, ".."), { recursive: true, mode: 0o700 });
  const times = await stat(from);
  await copyFile(from, to);
  await utimes(to, times.atime, times.mtime);
}

function ignoreMissing(error: unknown): void {
  if (!(error instanceof Error && "code" in error && error.code === "ENOENT")) throw error;
}
