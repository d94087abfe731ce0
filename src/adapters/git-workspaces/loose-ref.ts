import { constants } from "node:fs";
import { type FileHandle, lstat, mkdir, open, readFile, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";

/** The hash that a ref (refs/…) names by a file of its own; null when only git can tell. */
export async function readLooseRef(gitDir: string, ref: string): Promise<string | null> {
  const text = await readFile(join(gitDir, ref), "latin1").catch(() => "");
  return /^[0-9a-f]{40}\n$/u.test(text) ? text.trim() : null;
}

/** False when every ref has a file of its own, so that nothing but that file need be looked for. */
export async function hasPackedRefs(gitDir: string): Promise<boolean> {
  return (await lstat(join(gitDir, "packed-refs")).catch(() => null)) !== null;
}

/**
 * Points a ref at a commit that is there, as git does it: into a lock file that then takes the
 * ref's place, on the disk before it is seen. `locked`: another writes it, or died while it did.
 */
export async function writeLooseRef(
  gitDir: string,
  ref: string,
  commit: string,
): Promise<"written" | "locked" | "in-the-way"> {
  const path = join(gitDir, ref);
  const lock = `${path}.lock`;
  const file = await openLock(lock);
  if (file === "locked") return file;
  try {
    await writeSynced(file, `${commit}\n`);
    await rename(lock, path);
    return "written";
  } catch (error) {
    await rm(lock, { force: true });
    // A folder of refs that are all gone: git clears it away.
    if (codeOf(error) === "EISDIR" || codeOf(error) === "ENOTEMPTY") return "in-the-way";
    throw error;
  }
}

/** Git removes folders that hold no ref any more, so the folder may go again before it is used. */
async function openLock(lock: string): Promise<FileHandle | "locked"> {
  const { O_CREAT, O_EXCL, O_WRONLY } = constants;
  for (;;) {
    await mkdir(dirname(lock), { recursive: true });
    try {
      return await open(lock, O_WRONLY | O_CREAT | O_EXCL, 0o644);
    } catch (error) {
      if (codeOf(error) === "EEXIST") return "locked";
      if (codeOf(error) !== "ENOENT") throw error;
    }
  }
}

async function writeSynced(opened: FileHandle, text: string): Promise<void> {
  await using file = opened;
  await file.writeFile(text);
  await file.sync();
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : null;
}
