import { randomUUID } from "node:crypto";
import type { Stats } from "node:fs";
import { chmod, lchown, lstat, readdir, rename, rmdir, unlink } from "node:fs/promises";
import { join } from "node:path";
import type { Confinement, Launcher } from "../../ports/launcher.ts";
import { runShort } from "../process/run-short.ts";
import type { HomeLayout } from "./home-layout.ts";

/** What was cleared away, and what could not be and is tried again the next time. */
export interface Cleared {
  readonly count: number;
  readonly stuck: readonly Stuck[];
}

/** What starts the programs that delete, and whether they are to be in the sandbox. */
export interface Deleting {
  readonly launcher: Launcher;
  readonly isFenced: boolean;
  /** Why what lies under a name must stay, whatever its age; null when it may go. Absent: all may. */
  readonly whyItStays?: (name: string, signal: AbortSignal) => Promise<string | null>;
}

/** One that stays, with why. */
export interface Stuck {
  readonly path: string;
  readonly why: string;
}

/** Begins the name of what is being deleted: it goes whatever its age, also after a restart. */
const DOOMED = "deleting-";
/** A fence costs more than deleting a small folder does: so many share one. */
const TOGETHER_MAX = 50;
const DELETE_TIMEOUT_MS = 3_600_000;
const NAME_MAX = 200;
const WHY_CHARACTERS_MAX = 300;

/**
 * Deletes for good what was moved to the trash before `before` (epoch milliseconds). Agents wrote
 * what lies there, so programs of the system do it in the sandbox where tasks have one, where they can write
 * nothing else. Slow for large folders: call it in the background. Throws only when aborted, or when
 * the trash itself cannot be used.
 */
export async function emptyTrash(
  home: HomeLayout,
  by: Deleting,
  before: number,
  signal: AbortSignal,
): Promise<Cleared> {
  signal.throwIfAborted();
  const stuck: Stuck[] = [...(await doomOlder(home, by, before, signal))];
  const folders: string[] = [];
  const doomed = await doomedThings(home);
  for (const path of doomed) {
    if ((await statOf(path))?.isDirectory() === true) folders.push(path);
    else await unlink(path).catch(stuckAt(path, stuck));
  }
  for (let start = 0; start < folders.length; start += TOGETHER_MAX) {
    const some = folders.slice(start, start + TOGETHER_MAX);
    stuck.push(...(await deleteFolders(by, some, signal)));
  }
  const left = await doomedThings(home);
  return { count: doomed.filter((path) => !left.includes(path)).length, stuck };
}

/** Paths of what is being deleted, or could not be. */
export async function doomedThings(home: HomeLayout): Promise<readonly string[]> {
  const names = await readdir(home.trash);
  return names.filter((name) => name.startsWith(DOOMED)).map((name) => join(home.trash, name));
}

/** Notes an error about a path; given to `catch`. */
export function stuckAt(path: string, stuck: Stuck[]): (error: unknown) => void {
  return (error) => void stuck.push({ path, why: String(error) });
}

/** Moves a folder or file of an agent into the trash, also one that it locked. */
export async function moveIntoTrash(home: HomeLayout, path: string, name: string): Promise<void> {
  const found = await statOf(path);
  // To give a folder another parent takes the right to write it.
  if (found?.isDirectory() === true && (found.mode & OWN) !== OWN) await chmod(path, OWN);
  await rename(path, join(home.trash, name));
}

const OWN = 0o700;

async function doomOlder(
  home: HomeLayout,
  { whyItStays }: Deleting,
  before: number,
  signal: AbortSignal,
): Promise<readonly Stuck[]> {
  const stuck: Stuck[] = [];
  for (const { name, path } of await olderThings(home, before)) {
    const why = (await whyItStays?.(name, signal)) ?? null;
    if (why !== null) {
      stuck.push({ path: path.toString(), why: `It stays, because ${why}` });
      continue;
    }
    const plain = name.replaceAll(/[^\w.-]/gu, "_").slice(0, NAME_MAX);
    const doomed = join(home.trash, `${DOOMED}${randomUUID().slice(0, 8)}-${plain}`);
    await rename(path, doomed).catch(stuckAt(path.toString(), stuck));
  }
  return stuck;
}

/** What has been here since before a time and is not being deleted yet; names are bytes. */
export async function olderThings(
  home: HomeLayout,
  before: number,
): Promise<readonly { readonly name: string; readonly path: Buffer }[]> {
  const older: { name: string; path: Buffer }[] = [];
  for (const bytes of await readdir(home.trash, { encoding: "buffer" })) {
    const name = bytes.toString();
    if (name.startsWith(DOOMED)) continue;
    const path = Buffer.concat([Buffer.from(`${home.trash}/`), bytes]);
    // Moving a folder changes its status time and nothing else does while it lies here.
    const found = await statOf(path);
    if (found !== null && found.ctimeMs < before) older.push({ name, path });
  }
  return older;
}

/** Answers those that are still there: each was tried once more alone, so that none stops another. */
async function deleteFolders(
  by: Deleting,
  paths: readonly string[],
  signal: AbortSignal,
): Promise<readonly Stuck[]> {
  await clear(by, paths, signal);
  const stuck: Stuck[] = [];
  for (const path of paths) {
    if (await isDone(rmdir(path))) continue;
    // The sandbox gives its user all that is below a folder which is not its own.
    if (process.getuid?.() === 0) await lchown(path, 0, 0);
    const said = await clear(by, [path], signal);
    await rmdir(path).catch((error: unknown) => stuck.push({ path, why: said || String(error) }));
  }
  return stuck;
}

/** Deletes what is in these folders; answers the first words of complaint. */
async function clear(by: Deleting, paths: readonly string[], signal: AbortSignal): Promise<string> {
  const spec = {
    command: "/bin/sh",
    args: ["-c", SCRIPT, "sh", ...paths],
    cwd: "/",
    env: { PATH: "/usr/bin:/bin", LC_ALL: "C" },
    ...(by.isFenced ? { confinement: confinementFor(paths) } : {}),
  };
  const { stderr } = await runShort(by.launcher, spec, DELETE_TIMEOUT_MS, signal);
  signal.throwIfAborted();
  // Only what went wrong first says why: the folders above cannot go either.
  return (stderr.trim().split("\n", 1)[0] ?? "").slice(-WHY_CHARACTERS_MAX);
}

/**
 * Find walks by descriptors: no link is followed and no path is too long for it. Rights are given
 * only where it did not go without, and only to folders, since a file may have a second name elsewhere.
 */
const SCRIPT = `
for folder; do
  find "$folder" -xdev -mindepth 1 -delete 2>/dev/null && continue
  find "$folder" -xdev -type d ! -perm -700 -execdir chmod u+rwx {} \\; 2>/dev/null
  find "$folder" -xdev -mindepth 1 -delete
done`;

function confinementFor(writable: readonly string[]): Confinement {
  return {
    level: "sandbox",
    own: [],
    writable,
    readable: [],
    hosts: [],
    virtualHosts: [],
    limits: {
      memoryBytes: 1024 ** 3,
      cpus: null,
      processes: 64,
      fileBytes: null,
      diskBytes: null,
      files: null,
    },
  };
}

async function statOf(path: string | Buffer): Promise<Stats | null> {
  return lstat(path).catch(() => null);
}

async function isDone(action: Promise<void>): Promise<boolean> {
  return action.then(
    () => true,
    () => false,
  );
}
