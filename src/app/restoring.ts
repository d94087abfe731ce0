import type { HomeLayout } from "../adapters/files/home-layout.ts";
import { systemClock } from "../adapters/system/clock.ts";
import { type Result, ok, problem } from "../core/problem.ts";
import { openRestoring, type Restoring } from "../engine/restoring.ts";
import type { Store } from "../ports/store.ts";
import { QUIET } from "./quiet-log.ts";
import { readSettings } from "./settings.ts";
import { openWorkbench } from "./workbench.ts";

/** The door to what was kept, for a process that is no daemon; a problem when settings are not sound. */
export async function openRestoringDoor(
  home: HomeLayout,
  env: Readonly<Record<string, string | undefined>>,
  store: Store,
): Promise<Result<Restoring>> {
  const read = readSettings(home, env);
  if (!read.ok) return problem("invalid", read.problems.join("; "));
  const clock = systemClock();
  const { settings } = read;
  const { workspaces } = await openWorkbench({ home, settings, env, log: QUIET, now: clock.now });
  return ok(openRestoring({ store, clock, workspaces }));
}
