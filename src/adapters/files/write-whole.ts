import { randomUUID } from "node:crypto";
import { open, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

/**
 * Replaces a file whole or not at all, also across a power cut. Keeps the mode of the file that
 * was there; a fresh one is readable by its owner only. Throws what the system says.
 */
export async function writeWhole(path: string, content: string): Promise<void> {
  const mode = (await stat(path).catch(() => null))?.mode ?? 0o600;
  const folder = dirname(path);
  const temporary = join(folder, `.${basename(path).slice(0, 200)}.${randomUUID()}`);
  try {
    await writeSynced(temporary, content, mode & 0o777);
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  await using handle = await open(folder, "r");
  await handle.sync();
}

async function writeSynced(path: string, content: string, mode: number): Promise<void> {
  await using file = await open(path, "wx", mode);
  await file.writeFile(content);
  await file.sync();
}
