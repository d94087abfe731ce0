import { expect, test } from "vitest";
import { seededChance } from "../../../src/testing/seeded-chance.ts";
import { silentLog } from "../../../src/testing/silent-log.ts";

test("the same seed repeats, another seed does not", () => {
  const draw = (seed: number): unknown[] => {
    const chance = seededChance(seed);
    return [chance.fraction(), chance.uuid(), chance.fraction()];
  };
  expect(draw(7)).toEqual(draw(7));
  expect(draw(7)).not.toEqual(draw(8));
});

test("fractions stay in [0, 1) and fill it evenly", () => {
  const chance = seededChance();
  const tenths = Array.from({ length: 10 }, () => 0);
  for (let draw = 0; draw < 10_000; draw += 1) {
    const fraction = chance.fraction();
    expect(fraction >= 0 && fraction < 1).toBe(true);
    const tenth = Math.floor(fraction * 10);
    tenths[tenth] = (tenths[tenth] ?? 0) + 1;
  }
  for (const count of tenths) expect(Math.abs(count - 1000)).toBeLessThan(150);
});

test("identifiers are well formed and do not repeat", () => {
  const chance = seededChance(3);
  const ids = new Set(Array.from({ length: 2000 }, () => chance.uuid()));
  expect(ids.size).toBe(2000);
  for (const id of ids)
    expect(id).toMatch(/^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/);
});

test("the silent log remembers lines, with the facts of its children", () => {
  const log = silentLog();
  log.info("Started");
  log.with({ taskId: 12 }).with({ attempt: 1 }).warn("Lease lost", { owner: "a" });
  expect(log.lines).toEqual([
    { level: "info", message: "Started", facts: {} },
    { level: "warn", message: "Lease lost", facts: { taskId: 12, attempt: 1, owner: "a" } },
  ]);
});
