import { describe, expect, it } from "vitest";
import type { PastRun } from "../../../../src/core/forecast/history.ts";
import { learnRuns, type Likeness, quantileOf } from "../../../../src/core/forecast/runs.ts";
import { seededChance } from "../../../../src/testing/seeded-chance.ts";

const MINUTE = 60_000;
const LIKE: Likeness = { executor: "a", kind: "serious", project: "backend", model: "opus" };

function runOf(lasts: number, patch: Partial<PastRun> = {}): PastRun {
  return { ...LIKE, startedAt: 0, endedAt: lasts * MINUTE, usd: lasts / 10, ...patch };
}

function minutes(runs: readonly PastRun[], chance: number, like: Likeness = LIKE): number {
  return quantileOf(learnRuns(runs), like, "durationMs", chance) / MINUTE;
}

it("before anything was seen a wide guess is made", () => {
  expect(minutes([], 0.5)).toBeCloseTo(20, 1);
  expect(minutes([], 0.9)).toBeGreaterThan(80);
  expect(quantileOf({}, LIKE, "effort", 0.5)).toBeCloseTo(1, 3);
});

it("what was seen moves the guess and narrows it, the more the more there was", () => {
  const few = Array.from({ length: 3 }, () => runOf(60));
  const many = Array.from({ length: 60 }, () => runOf(60));
  expect(minutes(few, 0.5)).toBeGreaterThan(30);
  expect(minutes(few, 0.5)).toBeLessThan(60);
  expect(minutes(many, 0.5)).toBeGreaterThan(55);
  const widthOf = (runs: readonly PastRun[]): number => minutes(runs, 0.9) / minutes(runs, 0.5);
  expect(widthOf(many)).toBeLessThan(widthOf(few));
});

it("a likeness that was never seen has the guess of the wider one", () => {
  const runs = Array.from({ length: 30 }, () => runOf(60));
  const other = { ...LIKE, project: "site" };
  expect(minutes(runs, 0.5, other)).toBeGreaterThan(50);
  expect(minutes(runs, 0.5, { ...LIKE, executor: "b" })).toBeCloseTo(20, 1);
  const both = [...runs, ...Array.from({ length: 30 }, () => runOf(5, { project: "site" }))];
  expect(minutes(both, 0.5, other)).toBeLessThan(10);
  expect(minutes(both, 0.5)).toBeGreaterThan(40);
});

it("names that contain what divides the parts of a likeness are kept apart", () => {
  const odd = { ...LIKE, project: "a|b", model: null };
  const runs = Array.from({ length: 30 }, () => runOf(600, odd));
  const others = Array.from({ length: 30 }, () => runOf(1, { project: "a", model: "b" }));
  expect(minutes([...runs, ...others], 0.5, odd)).toBeGreaterThan(300);
});

describe("the band that nine in ten stay in", () => {
  // Each run is guessed from those before it, as a daemon does; the first twenty teach.
  const KINDS: Readonly<Record<string, (normal: () => number) => number>> = {
    "log-normal": (normal) => 30 * Math.exp(0.7 * normal()),
    "a few that break off early": (normal) => (normal() < -0.8 ? 2 : 30) * Math.exp(0.4 * normal()),
    "growing with time": (normal) => 20 * Math.exp(0.5 * normal()) + 1,
  };
  it.for(Object.entries(KINDS))("covers them: %s", ([, draw]) => {
    let inside = 0;
    let count = 0;
    for (let seed = 2001; seed <= 2020; seed += 1) {
      const { fraction } = seededChance(seed);
      const normal = (): number =>
        Math.sqrt(-2 * Math.log(1 - fraction())) * Math.cos(2 * Math.PI * fraction());
      const seen: PastRun[] = [];
      for (let index = 0; index < 80; index += 1) {
        const actual = draw(normal);
        if (index >= 5) {
          const learned = learnRuns(seen);
          const at = (chance: number): number =>
            quantileOf(learned, LIKE, "durationMs", chance) / MINUTE;
          count += 1;
          if (actual >= at(0.05) && actual <= at(0.95)) inside += 1;
        }
        seen.push(runOf(actual));
      }
    }
    expect(inside / count).toBeGreaterThanOrEqual(0.85);
    // A band that holds everything says nothing.
    expect(inside / count).toBeLessThan(0.98);
  });
});

it("a run that broke off as it began does not make anything possible of the next", () => {
  const runs = Array.from({ length: 10 }, () => runOf(20));
  const broken = { ...runOf(20), endedAt: runOf(20).startedAt };
  const at = (all: readonly PastRun[], what: "durationMs" | "effort"): number =>
    quantileOf(learnRuns(all), LIKE, what, 0.9);
  for (const what of ["durationMs", "effort"] as const) {
    expect(at([...runs, broken], what) / at(runs, what)).toBeLessThan(4);
  }
  // Nor does one of which nonsense is told.
  expect(at([...runs, { ...runOf(20), usd: Infinity }], "effort")).toBeLessThan(Infinity);
});
