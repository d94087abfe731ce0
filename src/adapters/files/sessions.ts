import { randomUUID } from "node:crypto";
import { lstat, readdir, rename } from "node:fs/promises";
import { join } from "node:path";
import type { HomeLayout } from "./home-layout.ts";

/** Moves to the trash what agents remembered of tasks whose folder is gone; answers how many went. */
export async function trashSessions(home: HomeLayout): Promise<number> {
  let moved = 0;
  for (const name of await readdir(home.sessions)) {
    if ((await lstat(join(home.tasks, name)).catch(() => null)) !== null) continue;
    await rename(join(home.sessions, name), join(home.trash, `session-${name}-${randomUUID()}`));
    moved += 1;
  }
  return moved;
}
