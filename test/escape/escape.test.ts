import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, it } from "vitest";
import { launchersOf } from "./levels.ts";
import { actsIn, cellOf, PAGE } from "./page.ts";
import { type Played, playAll } from "./play-all.ts";
import { SUITE } from "./suite.ts";

const ALL_MS = 600_000;
/** Acts that are sure to get through where nothing is in their way. */
const OPEN_MIN = 20;

const opens = !("missing" in (await launchersOf("sandbox")));

function numbersOf(all: readonly Played[], outcome: string): readonly number[] {
  return all.filter(({ verdict }) => verdict.outcome === outcome).map(({ act }) => act.number);
}

describe.runIf(opens)("the acts of the escape suite", () => {
  let all: readonly Played[] = [];
  beforeAll(async () => {
    all = await playAll(SUITE, "sandbox");
  }, ALL_MS);

  it("do not get out of the sandbox", () => {
    const broken = all.filter(({ verdict }) => verdict.outcome === "broken");
    expect(broken.map(({ act, verdict }) => `${act.number} ${act.name}: ${verdict.how}`)).toEqual(
      [],
    );
  });

  it("are all played", () => {
    expect(all.map(({ act }) => act.number)).toEqual(SUITE.map(({ number }) => number));
    expect(numbersOf(all, "skipped")).toEqual([]);
  });
});

describe.runIf(opens)("the world of the escape suite", () => {
  it(
    "can be attacked: what reads gets through where nothing is in its way",
    async () => {
      const reading = SUITE.filter(
        ({ number, sandboxOnly }) => number < 200 && sandboxOnly !== true,
      );
      const all = await playAll(reading, "none");
      expect(numbersOf(all, "broken").length).toBeGreaterThanOrEqual(OPEN_MIN);
    },
    ALL_MS,
  );
});

describe("the page about security", () => {
  it("lists the acts of the suite", () => {
    const acts = SUITE.map(({ number, name }) => `${number} ${cellOf(name)}`);
    expect(actsIn(readFileSync(PAGE, "utf8"))).toEqual(acts);
  });

  it("has acts of every group, each with a number of its own", () => {
    const numbers = SUITE.map(({ number }) => number);
    expect(new Set(numbers).size).toBe(numbers.length);
    expect(new Set(numbers.map((number) => Math.floor(number / 100))).size).toBe(8);
  });
});
