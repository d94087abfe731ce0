import { createHash, randomUUID } from "node:crypto";
import { constants } from "node:fs";
import { type FileHandle, mkdir, open, readdir, rename, rm, stat, utimes } from "node:fs/promises";
import { join } from "node:path";

/** A folder of whole downloads that only this process writes; the oldest used go first when it is full. */
export interface FileCache {
  /** Open for reading; the caller closes it. Null when it is not there. */
  readonly find: (
    name: string,
  ) => Promise<{ readonly handle: FileHandle; readonly bytes: number } | null>;
  /** Begins a file that nobody sees until it is kept; null when that cannot be, or it is too large. */
  readonly begin: (name: string, bytesAnnounced: number) => Promise<Draft | null>;
}

/** A file on its way into the cache. A failure of the disk ends the draft, never the download. */
export interface Draft {
  readonly write: (chunk: Uint8Array) => Promise<void>;
  /** Makes it whole and seen; false when something failed before. */
  readonly keep: () => Promise<boolean>;
  /** Drops it; does nothing once it is kept. */
  readonly drop: () => Promise<void>;
}

/** How full a cache is. */
export interface CacheUsage {
  readonly files: number;
  readonly bytes: number;
}

const WHOLE = /^[0-9a-f]{64}$/u;
const DRAFT = /^[0-9a-f]{64}\.[0-9a-f-]{36}$/u;
/** So much is left after the oldest were removed. */
const KEPT_SHARE = 0.9;
/** No single file may push out more than this share of the others. */
const FILE_SHARE = 0.25;

/** Opens the cache of one daemon; nothing is touched before the first file is begun. */
export function openFileCache(folder: string, bytesMax: number): FileCache {
  const pathOf = (name: string): string =>
    join(folder, createHash("sha256").update(name).digest("hex"));
  let total: Promise<number> | null = null;
  const added = async (bytes: number): Promise<void> => {
    const now = Promise.resolve(total).then(async (before) => {
      const sum = (before ?? 0) + bytes;
      return sum <= bytesMax ? sum : await removeOldest(folder, bytesMax * KEPT_SHARE);
    });
    total = now.catch(() => 0);
    await total;
  };
  return {
    find: async (name) => await openWhole(pathOf(name)),
    begin: async (name, bytesAnnounced) => {
      const fileBytesMax = bytesMax * FILE_SHARE;
      if (bytesAnnounced > fileBytesMax) return null;
      total ??= prepare(folder).catch(() => 0);
      await total;
      return await beginDraft(pathOf(name), fileBytesMax, added);
    },
  };
}

/** How much lies in the folder of a cache. */
export async function cacheUsage(folder: string): Promise<CacheUsage> {
  const files = await wholeFiles(folder);
  return { files: files.length, bytes: files.reduce((sum, { bytes }) => sum + bytes, 0) };
}

/** Makes the folder, and removes what an earlier life began and did not end. */
async function prepare(folder: string): Promise<number> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  for (const name of await readdir(folder)) {
    if (DRAFT.test(name)) await rm(join(folder, name), { force: true });
  }
  return (await cacheUsage(folder)).bytes;
}

async function openWhole(
  path: string,
): Promise<{ readonly handle: FileHandle; readonly bytes: number } | null> {
  try {
    const handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW);
    const { size } = await handle.stat();
    const now = new Date();
    // Tells when it was used last; a failure only makes it seem older.
    await utimes(path, now, now).catch(() => {});
    return { handle, bytes: size };
  } catch {
    return null;
  }
}

async function beginDraft(
  path: string,
  bytesMax: number,
  added: (bytes: number) => Promise<void>,
): Promise<Draft | null> {
  const draftPath = `${path}.${randomUUID()}`;
  const handle = await open(draftPath, "wx", 0o600).catch(() => null);
  if (handle === null) return null;
  let bytes = 0;
  let state: "open" | "failed" | "ended" = "open";
  const drop = async (): Promise<void> => {
    if (state === "ended") return;
    state = "ended";
    await handle.close().catch(() => {});
    await rm(draftPath, { force: true }).catch(() => {});
  };
  return {
    write: async (chunk) => {
      if (state !== "open") return;
      bytes += chunk.byteLength;
      const written = bytes <= bytesMax && (await handle.writeFile(chunk).then(yes, no));
      if (!written) state = "failed";
    },
    keep: async () => {
      // On the disk before it has its name: a power cut must not leave an empty file with it.
      const isKept =
        state === "open" &&
        (await handle.sync().then(yes, no)) &&
        (await rename(draftPath, path).then(yes, no));
      await drop();
      if (isKept) await added(bytes);
      return isKept;
    },
    drop,
  };
}

const yes = (): boolean => true;
const no = (): boolean => false;

/** Removes those that were not used for longest until at most `bytesMax` are left, and tells how many are. */
async function removeOldest(folder: string, bytesMax: number): Promise<number> {
  const files = (await wholeFiles(folder)).toSorted((a, b) => b.usedAt - a.usedAt);
  let kept = 0;
  for (const { path, bytes } of files) {
    if (kept + bytes <= bytesMax) kept += bytes;
    else await rm(path, { force: true });
  }
  return kept;
}

async function wholeFiles(
  folder: string,
): Promise<readonly { readonly path: string; readonly bytes: number; readonly usedAt: number }[]> {
  const names = (await readdir(folder).catch(() => [])).filter((name) => WHOLE.test(name));
  const found = names.map(async (name) => {
    const path = join(folder, name);
    const stats = await stat(path).catch(() => null);
    return stats === null ? [] : [{ path, bytes: stats.size, usedAt: stats.mtimeMs }];
  });
  return (await Promise.all(found)).flat();
}
