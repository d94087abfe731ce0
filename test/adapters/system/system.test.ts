import { describe, expect, test } from "vitest";
import { systemChance } from "../../../src/adapters/system/chance.ts";
import { systemClock, systemTimeZone } from "../../../src/adapters/system/clock.ts";
import { clockContract } from "../../contract/clock.ts";

describe("the system's clock", () => {
  const clock = systemClock();
  clockContract(() => ({ clock, pass: (ms) => clock.sleep(ms) }));

  test("tells the time of the machine", () => {
    expect(Math.abs(clock.now() - Date.now())).toBeLessThan(60_000);
  });
});

test("a woken sleep takes its listener off the signal", async () => {
  const { signal } = new AbortController();
  const listened: string[] = [];
  const added = signal.addEventListener.bind(signal);
  const removed = signal.removeEventListener.bind(signal);
  signal.addEventListener = (...args: Parameters<typeof added>): void => {
    listened.push("on");
    added(...args);
  };
  signal.removeEventListener = (...args: Parameters<typeof removed>): void => {
    listened.push("off");
    removed(...args);
  };
  await systemClock().sleep(1, signal);
  expect(listened).toEqual(["on", "off"]);
});

test("chance is random, uniform in [0, 1) and gives identifiers", () => {
  const chance = systemChance();
  const fractions = Array.from({ length: 1000 }, () => chance.fraction());
  expect(fractions.every((fraction) => fraction >= 0 && fraction < 1)).toBe(true);
  expect(new Set(fractions).size).toBeGreaterThan(990);
  expect(chance.uuid()).toMatch(/^[\da-f-]{36}$/);
  expect(chance.uuid()).not.toBe(chance.uuid());
});

test("the time zone is one that dates can be written in", () => {
  expect(() => new Intl.DateTimeFormat("en", { timeZone: systemTimeZone() })).not.toThrow();
});
