import { describe, expect, test } from "vitest";
import { CONTENTS } from "./contents.ts";
import { FILES, SETTINGS } from "./settings.ts";
import { goAllTheWay, isLeaked, openWorld } from "./world.ts";

/**
 * Each takes seconds, so with every run of the tests every third is played; `npm run test:hostile`
 * plays all. Behind the fence all settings are tried at once every time.
 */
function chosen<T>(all: readonly T[]): readonly T[] {
  return process.env["WHOLE"] === "1" ? all : all.filter((_, index) => index % 3 === 0);
}

describe("no setting that an agent wrote runs anything on the whole way", () => {
  test.each(chosen(SETTINGS))("$name", async ({ arm, fire }) => {
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
  test.each(chosen(FILES))("$name", async ({ arm, fire }) => {
    using world = await openWorld();
    world.shell(arm);
    await goAllTheWay(world);
    expect(world.sang()).toBe(false);
    const said = world.shell(fire);
    expect(world.sang(), said).toBe(true);
  });
});

describe("nothing that an agent made is read elsewhere, breaks the way or is lost", () => {
  test.each(chosen(CONTENTS))("$name", async ({ make, shows }) => {
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
