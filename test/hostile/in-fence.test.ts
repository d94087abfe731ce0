import { describe, expect, test } from "vitest";
import { reading } from "../adapters/git-workspaces/setup.ts";
import { fencingLauncher, sandbox } from "../adapters/sandbox/support.ts";
import { CONTENTS } from "./contents.ts";
import { FILES, SETTINGS } from "./settings.ts";
import { armAll, goAllTheWay, isLeaked, openWorld } from "./world.ts";

// Behind the fence the same code runs; so all settings are tried at once, and of the contents those
// that have to do with rights, links and who owns what.
const CHOSEN =
  /link|pipe|alternates|worktree|may not be entered|no text|packed refs|very many files/u;

describe.skipIf(!sandbox.ok)("behind the fence", async () => {
  if (!sandbox.ok) return;
  const fence = await fencingLauncher();
  reading.fence = () => fence;
  const hooks = FILES.filter(({ name }) => /^hooks|^info|^names|^such names|^\.GIT/u.test(name));

  test("no setting, hook or name runs anything, all of them at once", async () => {
    using world = await openWorld();
    armAll(
      world,
      [...hooks, ...SETTINGS].map(({ arm }) => arm),
    );
    await goAllTheWay(world);
    await world.bundle.workspaces.open(8, world.project, world.bundle.signal);
    expect(world.sang()).toBe(false);
    world.shell("git status");
    expect(world.sang()).toBe(true);
  });

  test.each(CONTENTS.filter(({ name }) => CHOSEN.test(name)))("$name", async ({ make, shows }) => {
    using world = await openWorld();
    world.shell(make);
    expect(world.shell(shows.script)).toMatch(shows.says);
    await goAllTheWay(world);
    expect([isLeaked(world), world.sang()]).toEqual([false, false]);
  });
});
