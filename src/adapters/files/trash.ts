import { lstat, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { HomeLayout } from "./home-layout.ts";

/**
 * Deletes for good what was moved to the trash before `before` (epoch milliseconds); answers how
 * many things went. Slow for large folders: call it in the background.
 */
export async function emptyTrash(
  home: HomeLayout,
  before: number,
  signal: AbortSignal,
): Promise<number> {
  let removed = 0;
  for (const name of await readdir(home.trash)) {
    signal.throwIfAborted();
    const path = join(home.trash, name);
    // Moving a folder changes its status time and nothing else does while it lies here.
    const found = await lstat(path).catch(() => null);
    if (found === null || found.ctimeMs >= before) continue;
    await rm(path, { recursive: true, force: true });
    removed += 1;
  }
  return removed;
}
