import { homeLayout } from "../adapters/files/home-layout.ts";
import { systemChance } from "../adapters/system/chance.ts";
import { systemClock } from "../adapters/system/clock.ts";
import { ok, problem, type Result } from "../core/problem.ts";
import { type Landings, openLandings } from "../engine/landing/landings.ts";
import type { Store } from "../ports/store.ts";
import { withEnvFile } from "./env-file.ts";
import { QUIET } from "./quiet-log.ts";
import { readSettings } from "./settings.ts";
import { openWorkbench } from "./workbench.ts";

/** Opens the decisions about results for a command; refused where the settings are not sound. */
export async function openLandingDoor(
  store: Store,
  path: string,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<Result<Landings>> {
  const home = homeLayout(path);
  const { env } = withEnvFile(environment, path);
  const read = readSettings(home, env);
  if (!read.ok) return problem("invalid", read.problems.join("; "));
  const clock = systemClock();
  const { settings } = read;
  const bench = await openWorkbench({ home, settings, env, log: QUIET, now: clock.now });
  return ok(openLandings({ ...bench, store, clock, chance: systemChance(), log: QUIET }));
}
