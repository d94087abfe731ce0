import { randomUUID } from "node:crypto";
import { lstat, readdir } from "node:fs/promises";
import { join } from "node:path";
import type { HomeLayout } from "./home-layout.ts";
import { type Cleared, moveIntoTrash, type Stuck, stuckAt } from "./trash.ts";

/** Moves to the trash what agents remembered of tasks whose folder is gone. */
export async function trashSessions(home: HomeLayout): Promise<Cleared> {
  const stuck: Stuck[] = [];
  let count = 0;
  for (const name of await readdir(home.sessions)) {
    if ((await lstat(join(home.tasks, name)).catch(() => null)) !== null) continue;
    const path = join(home.sessions, name);
    const moved = moveIntoTrash(home, path, `session-${name}-${randomUUID()}`);
    await moved.then(() => (count += 1), stuckAt(path, stuck));
  }
  return { count, stuck };
}
