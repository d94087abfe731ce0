import type { HomeLayout } from "../adapters/files/home-layout.ts";
import { gitWorkspaces } from "../adapters/git-workspaces/git-workspaces.ts";
import { cleanEnvironment } from "../adapters/process/environment.ts";
import { systemClock } from "../adapters/system/clock.ts";
import { type Result, ok, problem } from "../core/problem.ts";
import { openRestoring, type Restoring } from "../engine/restoring.ts";
import type { Store } from "../ports/store.ts";
import { openIsolation } from "./isolation.ts";
import { readSettings } from "./settings.ts";

/** The door to what was kept, for a process that is no daemon; a problem when settings are not sound. */
export async function openRestoringDoor(
  home: HomeLayout,
  env: Readonly<Record<string, string | undefined>>,
  store: Store,
): Promise<Result<Restoring>> {
  const read = readSettings(home, env);
  if (!read.ok) return problem("invalid", read.problems.join("; "));
  const isolation = await openIsolation(read.settings, env, home);
  const clock = systemClock();
  const workspaces = gitWorkspaces({
    ...home,
    program: "git",
    searchPath: cleanEnvironment(env)["PATH"] ?? "",
    now: clock.now,
    fence: (project) => (isolation.fencesFilesOf(project) ? isolation.launcher : null),
  });
  return ok(openRestoring({ store, clock, workspaces }));
}
