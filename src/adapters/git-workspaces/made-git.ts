import { createHash, type Hash } from "node:crypto";
import { constants } from "node:fs";
import { lstat, mkdir, open, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { privateFolder, type Repository, type Shelf } from "./repository.ts";

/** What a `.git` held when we made it. */
interface Made {
  readonly digest: string;
  readonly entries: number;
  readonly bytes: number;
}

const READ_BYTES = 256 * 1024;

/** Notes what a `.git` holds that only we have touched, where no agent reads or writes. */
export async function noteMade(
  shelf: Shelf,
  repository: Repository,
  taskId: number,
  gitDir: string,
): Promise<void> {
  const path = madePath(shelf, repository, taskId);
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const made = await digestOf(gitDir, { entries: Infinity, bytes: Infinity });
  await writeFile(path, JSON.stringify(made));
}

/** Forgets it. */
export async function forgetMade(
  shelf: Shelf,
  repository: Repository,
  taskId: number,
): Promise<void> {
  await rm(madePath(shelf, repository, taskId), { force: true });
}

/**
 * True when a `.git` holds, byte for byte, what was noted. An agent may have put anything in its
 * place: no link is followed, nothing is waited for, and no more is read than was noted.
 */
export async function isAsMade(
  shelf: Shelf,
  repository: Repository,
  taskId: number,
  gitDir: string,
): Promise<boolean> {
  const text = await readFile(madePath(shelf, repository, taskId), "utf8").catch(() => null);
  if (text === null) return false;
  try {
    const made = JSON.parse(text) as Made;
    return (await digestOf(gitDir, made))?.digest === made.digest;
  } catch {
    return false;
  }
}

function madePath(shelf: Shelf, { name }: Repository, taskId: number): string {
  return join(privateFolder(shelf), "seeds", `${name}-${taskId}.made`);
}

/** Null as soon as there is more than `most`, or anything but folders and files. */
async function digestOf(gitDir: string, most: Omit<Made, "digest">): Promise<Made | null> {
  const hash = createHash("sha256");
  const ahead = [""];
  let [entries, bytes] = [0, 0];
  for (let folder = ahead.pop(); folder !== undefined; folder = ahead.pop()) {
    const at = join(gitDir, folder);
    if (!(await lstat(at)).isDirectory()) return null;
    for (const name of (await readdir(at, { encoding: "latin1" })).toSorted()) {
      const path = `${folder}/${name}`;
      const found = await lstat(join(gitDir, path));
      entries += 1;
      bytes += found.isFile() ? found.size : 0;
      if (entries > most.entries || bytes > most.bytes) return null;
      hash.update(JSON.stringify([path, found.mode & 0o777, found.isFile() ? found.size : -1]));
      if (found.isDirectory()) ahead.push(path);
      else if (!found.isFile() || !(await addFile(hash, join(gitDir, path), found.size)))
        return null;
    }
  }
  return { digest: hash.digest("hex"), entries, bytes };
}

async function addFile(hash: Hash, path: string, size: number): Promise<boolean> {
  const { O_NOFOLLOW, O_NONBLOCK, O_RDONLY } = constants;
  await using file = await open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  const buffer = Buffer.allocUnsafe(Math.min(READ_BYTES, size + 1));
  let left = size;
  for (;;) {
    const { bytesRead } = await file.read(buffer, 0, buffer.length, null);
    if (bytesRead === 0) return left === 0;
    left -= bytesRead;
    if (left < 0) return false;
    hash.update(buffer.subarray(0, bytesRead));
  }
}
