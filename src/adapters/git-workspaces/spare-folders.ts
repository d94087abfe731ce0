import { randomUUID } from "node:crypto";
import { lstat, mkdir, readdir, rename, rm, utimes } from "node:fs/promises";
import { join } from "node:path";
import { moveToTrash } from "./folder.ts";
import type { Place } from "./place.ts";
import { splitRecords } from "./records.ts";
import type { Repository } from "./repository.ts";

/**
 * A folder with the files of a commit and an index of them, which no agent ever had. Its name says all
 * that is believed of it; it gets that name last, by one rename, and loses it first.
 */
export interface SpareFolder {
  readonly path: string;
  /** The name of its repository. */
  readonly repository: string;
  readonly commit: string;
}

const PREFIX = ".spare-";
/** @ stands in no project's name but in front, so the last one ends it. */
const WHOLE = /^\.spare-(.+)@([0-9a-f]{40})$/u;
const CHECKOUT_TIMEOUT_MS = 1_800_000;
/** Nobody waits for it: whoever does something else goes first. */
const AFTER_OTHERS: readonly string[] = ["nice", "-n", "19"];

/** The whole ones; half-made ones have no name that is known here. */
export async function spareFolders(tasks: string): Promise<readonly SpareFolder[]> {
  const names = await readdir(tasks).catch(() => []);
  return names.flatMap((name) => {
    const [, repository, commit] = WHOLE.exec(name) ?? [];
    if (repository === undefined || commit === undefined) return [];
    return [{ path: join(tasks, name), repository, commit }];
  });
}

/** A spare folder that is somebody's now. */
interface Taken extends SpareFolder {
  /** Epoch milliseconds. */
  readonly madeAt: number;
}

/**
 * Moves a spare folder of a repository to `path`; null when there is none. Of many takers one gets it.
 * It counts as begun now: others clear away what lies unfinished for long.
 */
export async function takeSpare(
  { tasks, now }: Pick<Place, "tasks" | "now">,
  { name }: Repository,
  path: string,
): Promise<Taken | null> {
  for (const spare of await spareFolders(tasks)) {
    if (spare.repository !== name) continue;
    const found = await lstat(spare.path).catch(() => null);
    if (found?.isDirectory() !== true || !(await isTouched(spare.path, now()))) continue;
    if (!(await isMoved(spare.path, path))) continue;
    await leaveIndexOnly(join(path, ".git"));
    return { ...spare, path, madeAt: found.mtimeMs };
  }
  return null;
}

/**
 * The same for a commit whose files are to be brought into it. Git writes anew what has other bytes and
 * not what attributes turn into others: where they changed, the folder goes and the answer is null.
 */
export async function takeSpareFor(
  place: Place,
  repository: Repository,
  commit: string,
  path: string,
  signal: AbortSignal,
): Promise<Taken | null> {
  const taken = await takeSpare(place, repository, path);
  if (taken === null || taken.commit === commit) return taken;
  if (await haveSameAttributes(place, repository, [taken.commit, commit], signal)) return taken;
  await dropFolder(place, path);
  return null;
}

/**
 * Makes the one spare folder of a repository, or brings the one that is there forward. Runs no git with
 * a configuration that lies in it: the repository is ours, and the folder holds files and an index.
 */
export async function makeSpare(
  place: Place,
  repository: Repository,
  commit: string,
  signal: AbortSignal,
): Promise<void> {
  const { tasks } = place;
  const fresh = join(tasks, `${PREFIX}${repository.name}${MAKING}${randomUUID()}`);
  try {
    const before = await takeSpareFor(place, repository, commit, fresh, signal);
    const madeAt = before?.madeAt ?? place.now();
    await mkdir(join(fresh, ".git"), { recursive: true });
    await bringTo(place, repository, fresh, commit, signal);
    await utimes(fresh, madeAt / 1000, madeAt / 1000);
    await isMoved(fresh, join(tasks, `${PREFIX}${repository.name}@${commit}`));
  } finally {
    await dropFolder(place, fresh);
  }
}

/** Moves it into the trash, where it is deleted without being kept; nothing there is fine. */
export async function dropFolder({ trash }: Pick<Place, "trash">, path: string): Promise<void> {
  await moveToTrash(path, trash, `deleting-spare-${randomUUID().slice(0, 8)}`);
}

/** What makers that were killed had begun; only for the one process that makes spares here. */
export async function dropHalfMade(place: Pick<Place, "tasks" | "trash">): Promise<void> {
  for (const name of await readdir(place.tasks).catch(() => [])) {
    if (name.startsWith(PREFIX) && name.includes(MAKING)) {
      await dropFolder(place, join(place.tasks, name));
    }
  }
}

const MAKING = "@making-";

async function bringTo(
  { shelf }: Place,
  { gitDir }: Repository,
  workTree: string,
  commit: string,
  signal: AbortSignal,
): Promise<void> {
  await shelf.git.must(
    {
      // Looks at every file that it knows, and writes those that are not as they are to be.
      args: ["read-tree", "--reset", "-u", commit],
      gitDir,
      workTree,
      indexFile: join(workTree, ".git", "index"),
      cwd: workTree,
      before: AFTER_OTHERS,
      timeoutMs: CHECKOUT_TIMEOUT_MS,
    },
    signal,
  );
}

async function haveSameAttributes(
  { shelf }: Place,
  { gitDir }: Repository,
  commits: readonly [string, string],
  signal: AbortSignal,
): Promise<boolean> {
  const args = ["diff-tree", "-r", "-z", "--name-only", "--no-renames", ...commits];
  const call = { args, gitDir, cwd: gitDir, maxBytes: NAMES_BYTES_MAX };
  const { code, isCut, stdout } = await shelf.git.run(call, signal);
  const names = splitRecords(stdout).map(String);
  return code === 0 && !isCut && !names.some((name) => /(?:^|\/)\.gitattributes$/u.test(name));
}

const NAMES_BYTES_MAX = 64 * 1024 * 1024;

/** Git runs with this `.git` once the rest of it is made: nothing that we did not put there stays. */
async function leaveIndexOnly(gitDir: string): Promise<void> {
  for (const name of await readdir(gitDir)) {
    if (name !== "index") await rm(join(gitDir, name), { recursive: true, force: true });
  }
}

/** False when another took it meanwhile. */
async function isTouched(path: string, now: number): Promise<boolean> {
  return utimes(path, now / 1000, now / 1000).then(
    () => true,
    () => false,
  );
}

/** False when it is gone, or something else is there already. */
async function isMoved(from: string, to: string): Promise<boolean> {
  try {
    await rename(from, to);
    return true;
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : null;
    if (code === "ENOENT" || code === "ENOTEMPTY" || code === "EEXIST") return false;
    throw error;
  }
}
