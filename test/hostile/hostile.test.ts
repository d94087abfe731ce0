import { describe, expect, test } from "vitest";
import { CONTENTS } from "./contents.ts";
import { FILES, SETTINGS } from "./settings.ts";
import { goAllTheWay, isLeaked, openWorld } from "./world.ts";

describe("no setting that an agent wrote runs anything on the whole way", () => {
  test.each(SETTINGS)("$name", async ({ arm, fire }) => {
    using world = await openWorld();
    world.shell(arm);
    await goAllTheWay(world);
    expect(world.sang()).toBe(false);
    // It came back as it was, and anyone but us would have run it.
    const said = world.shell(fire);
    expect(world.sang(), said).toBe(true);
  });
});

describe("no file that an agent wrote runs anything on the whole way", () => {
  test.each(FILES)("$name", async ({ arm, fire }) => {
    using world = await openWorld();
    world.shell(arm);
    await goAllTheWay(world);
    expect(world.sang()).toBe(false);
    const said = world.shell(fire);
    expect(world.sang(), said).toBe(true);
  });
});

describe("nothing that an agent made is read elsewhere, breaks the way or is lost", () => {
  test.each(CONTENTS)("$name", async ({ make, shows }) => {
    using world = await openWorld();
    world.shell(make);
    expect(world.shell(shows.script)).toMatch(shows.says);
    await goAllTheWay(world);
    expect([isLeaked(world), world.sang()]).toEqual([false, false]);
    expect(world.shell(shows.script)).toMatch(shows.says);
  });
});

test("the suite is as large as it was", () => {
  expect([SETTINGS.length, FILES.length, CONTENTS.length]).toEqual([33, 20, 31]);
});
