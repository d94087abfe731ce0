import { fileArtifacts } from "../../src/adapters/files/artifacts.ts";
import { homeLayout } from "../../src/adapters/files/home-layout.ts";
import { receiptChain } from "../../src/adapters/files/receipts.ts";
import { gitWorkspaces } from "../../src/adapters/git-workspaces/git-workspaces.ts";
import { openSqliteStore } from "../../src/adapters/sqlite/open.ts";
import { systemChance } from "../../src/adapters/system/chance.ts";
import { systemClock } from "../../src/adapters/system/clock.ts";
import { openLandings } from "../../src/engine/landing/landings.ts";
import { fakeProving } from "../../src/testing/fake-proving.ts";
import { fakePublishing } from "../../src/testing/fake-publishing.ts";
import { silentLog } from "../../src/testing/silent-log.ts";
import type { KillPlan } from "../fault/kill-points.ts";
import { killingPublishing, killingStore, makeKiller } from "../fault/killing.ts";
import { NIGHT_LIMITS } from "../fault/night-rules.ts";

/** What a landing under test is told by its first argument. */
export interface LandOrder {
  readonly home: string;
  readonly id: number;
  readonly plan: KillPlan | null;
}

/** Lands one task as the command does, and dies where it is told to; ends with 0 when it landed. */
async function main({ home: path, id, plan }: LandOrder): Promise<void> {
  const home = homeLayout(path);
  const killer = makeKiller(plan);
  const clock = systemClock();
  await using store = await openSqliteStore({ path: home.database, mode: "direct" });
  const searchPath = process.env["PATH"] ?? "";
  const workspaces = gitWorkspaces({ ...home, program: "git", searchPath, now: clock.now });
  const landings = openLandings({
    store: killingStore(store, killer),
    clock,
    chance: systemChance(),
    log: silentLog(),
    workspaces,
    publishing: killingPublishing({ ...fakePublishing(), branches: workspaces.branches }, killer),
    proving: { ...fakeProving(() => ({})), seal: receiptChain(home) },
    artifacts: fileArtifacts(home),
    limits: NIGHT_LIMITS,
  });
  const signal = new AbortController().signal;
  const landed = await landings.land(id, { by: "ada", signal, tell: () => {}, anyway: false });
  if (landed.ok) return;
  process.stderr.write(`${landed.problem.message}\n`);
  process.exitCode = 1;
}

await main(JSON.parse(process.argv[2] ?? "{}") as LandOrder);
