import { constants, type Stats } from "node:fs";
import { access, chmod, lstat, readdir } from "node:fs/promises";

/** Larger files are left out: they are downloads and build products, and git keeps them for ever. */
export const FILE_BYTES_MAX: number = 100 * 1024 * 1024;
/** How many files are looked at side by side. */
const LOOKS_AT_ONCE = 32;

/** Paths by what is to be done with them; those that are gone or folders are in none. */
export interface LookedAt {
  readonly plain: readonly Buffer[];
  readonly tooLarge: readonly Buffer[];
  readonly unreadable: readonly Buffer[];
  /** Pipes, sockets and devices: never opened. */
  readonly special: readonly Buffer[];
}

/** Looks at files without following a link or opening anything. Paths are relative to `folder`. */
export async function lookAt(folder: string, paths: readonly Buffer[]): Promise<LookedAt> {
  const found = {
    plain: [] as Buffer[],
    tooLarge: [] as Buffer[],
    unreadable: [] as Buffer[],
    special: [] as Buffer[],
  };
  for (let start = 0; start < paths.length; start += LOOKS_AT_ONCE) {
    const some = paths.slice(start, start + LOOKS_AT_ONCE);
    const looks = await Promise.all(some.map((path) => look(within(folder, path))));
    for (const [index, path] of some.entries()) {
      const sort = looks[index] ?? null;
      if (sort !== null) found[sort].push(path);
    }
  }
  return found;
}

/** What is at a folder's place. A link to a folder, there or above, is `other`, and so is a file above. */
export async function isEmptyOrGone(
  folder: string,
  path: Buffer,
): Promise<"empty" | "gone" | "other"> {
  for (let at = path.indexOf(SLASH); at !== -1; at = path.indexOf(SLASH, at + 1)) {
    const above = await lstatOrNull(within(folder, path.subarray(0, at)));
    if (above === null) return "gone";
    if (!above.isDirectory()) return "other";
  }
  const full = within(folder, path);
  const stat = await lstatOrNull(full);
  if (stat === null) return "gone";
  if (!stat.isDirectory()) return "other";
  return (await readdir(full)).length === 0 ? "empty" : "other";
}

/** Gives the owner every right to a folder itself, unless a link stands in its place. */
export async function unlockFolder(folder: string): Promise<void> {
  const found = await lstat(folder);
  if (!found.isDirectory() || (found.mode & OWN) === OWN) return;
  await chmod(folder, (found.mode & 0o7777) | OWN);
}

/**
 * Gives the owner the right to read every file and to enter every folder below `folder`, as far as
 * that is allowed to us. Follows no link.
 */
export async function makeReadable(folder: string): Promise<void> {
  const ahead: Buffer[] = [Buffer.from(folder)];
  for (let path = ahead.pop(); path !== undefined; path = ahead.pop()) {
    const stat = await lstatOrNull(path);
    if (stat === null) continue;
    const rights = stat.isDirectory() ? 0o500 : stat.isFile() ? 0o400 : 0;
    if ((stat.mode & rights) !== rights) {
      await chmod(path, (stat.mode & 0o7777) | rights).catch(() => undefined);
    }
    if (!stat.isDirectory()) continue;
    const names = await readdir(path, { encoding: "buffer" }).catch(() => []);
    for (const name of names) ahead.push(joined(path, name));
  }
}

async function look(path: Buffer): Promise<keyof LookedAt | null> {
  const stat = await lstat(path).catch(isGone);
  if (stat === true) return null;
  // It is there, but its path is too long or leads through a locked folder.
  if (stat === false) return "unreadable";
  if (stat.isDirectory()) return null;
  if (stat.isSymbolicLink()) return "plain";
  if (!stat.isFile()) return "special";
  if (stat.size > FILE_BYTES_MAX) return "tooLarge";
  return (await isReadable(path)) ? "plain" : "unreadable";
}

function isGone(error: unknown): boolean {
  const code = error instanceof Error && "code" in error ? error.code : null;
  return code === "ENOENT" || code === "ENOTDIR";
}

async function isReadable(path: Buffer): Promise<boolean> {
  try {
    await access(path, constants.R_OK);
    return true;
  } catch {
    return false;
  }
}

async function lstatOrNull(path: Buffer): Promise<Stats | null> {
  try {
    return await lstat(path);
  } catch {
    return null;
  }
}

function within(folder: string, path: Buffer): Buffer {
  return joined(Buffer.from(folder), path);
}

function joined(folder: Buffer, name: Buffer): Buffer {
  return Buffer.concat([folder, SEPARATOR, name]);
}

const OWN = 0o700;
const SLASH = 0x2f;
const SEPARATOR = Buffer.from([SLASH]);
