import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openSqliteStore } from "../../src/adapters/sqlite/open.ts";
import { type KillPlan, LANDING_POINTS, LONG_POINTS, MOMENTS } from "../fault/kill-points.ts";
import type { LandOrder } from "./land-under-test.ts";
import { setup } from "./setup.ts";

/** Lands in a process of its own; tells the signal or code with which that ended, and what it said. */
function land(order: LandOrder): string {
  const program = join(import.meta.dirname, "land-under-test.ts");
  const args = ["--disable-warning=ExperimentalWarning", program, JSON.stringify(order)];
  const { signal, status, stderr } = spawnSync(process.execPath, args, { encoding: "utf8" });
  return `${signal ?? status}${stderr}`;
}

const PLANS: readonly KillPlan[] = LANDING_POINTS.flatMap((point) =>
  MOMENTS.map((moment, at) => ({
    point,
    moment,
    nth: 1,
    delayMs: moment === "during" && LONG_POINTS.has(point) ? 20 + 10 * at : 0,
  })),
);

test("a landing that is killed at any moment lands once when it is asked for again", async () => {
  const openStore = ({
    database,
  }: {
    readonly database: string;
  }): ReturnType<typeof openSqliteStore> => openSqliteStore({ path: database, mode: "direct" });
  await using stage = await setup(undefined, openStore);
  const home = stage.home.path;
  const told: string[] = [];
  const wanted: string[] = [];
  for (const [at, plan] of PLANS.entries()) {
    const { id } = await stage.done(`Task ${at}`, { [`f${at}.txt`]: "made\n" });
    // Every other result must be put on a base that moved, and is another commit with every try.
    if (at % 2 === 1) stage.commits({ [`p${at}.txt`]: "by hand\n" });
    const name = `${plan.moment} ${plan.point}`;
    const main = stage.git("rev-parse", "main");
    told.push(`${name}: ${land({ home, id, plan })}, then ${land({ home, id, plan: null })}`);
    wanted.push(`${name}: SIGKILL, then 0`);
    // Exactly one commit more, with the files there and nothing left over.
    const log = ["log", "--format=%P %s %(trailers:key=Task-Id,valueonly,separator=)", "main"];
    expect(stage.git(...log).split("\n")[0]).toBe(`${main} Task ${at} ${id}`);
    expect(stage.git("status", "--porcelain")).toBe("");
    expect(stage.read(`f${at}.txt`)).toBe("made\n");
    const tip = stage.git("rev-parse", "main");
    expect((await stage.store.tasks.get(id))?.landing).toMatchObject({ commit: tip, by: "ada" });
    const effects = await stage.store.effects.ofTask(id);
    const done = effects.filter(({ kind, doneAt }) => kind === "land" && doneAt !== null);
    expect(done.length).toBeLessThanOrEqual(1);
  }
  expect(told).toEqual(wanted);
}, 240_000);
