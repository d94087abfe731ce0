import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  dayStart,
  type HoursRules,
  isNight,
  nextDayStart,
  nextHoursChange,
} from "../../../src/core/hours.ts";

function rulesOf(patch: Partial<HoursRules> = {}): HoursRules {
  return {
    timeZone: "Europe/Berlin",
    nightStartMinute: 22 * 60,
    nightEndMinute: 7 * 60,
    nightOnly: false,
    ...patch,
  };
}

function look(rules: HoursRules, at: string) {
  const change = nextHoursChange(rules, Date.parse(at));
  return [isNight(rules, Date.parse(at)), change === null ? null : iso(change)];
}

function iso(at: number): string {
  return new Date(at).toISOString().replace(":00.000Z", "Z");
}

describe("a night that crosses midnight", () => {
  it.each([
    ["2026-06-10T19:59:59.999Z", false, "2026-06-10T20:00Z"],
    ["2026-06-10T20:00Z", true, "2026-06-11T05:00Z"],
    ["2026-06-10T21:59Z", true, "2026-06-11T05:00Z"],
    ["2026-06-10T22:01Z", true, "2026-06-11T05:00Z"],
    ["2026-06-11T04:59:59.999Z", true, "2026-06-11T05:00Z"],
    ["2026-06-11T05:00Z", false, "2026-06-11T20:00Z"],
  ])("at %s", (at, night, change) => {
    expect(look(rulesOf(), at)).toEqual([night, change]);
  });

  it("is ten hours long when the clocks go back, eight when they go forward", () => {
    expect(look(rulesOf(), "2026-10-24T20:00Z")).toEqual([true, "2026-10-25T06:00Z"]);
    expect(look(rulesOf(), "2026-10-25T05:59Z")).toEqual([true, "2026-10-25T06:00Z"]);
    expect(look(rulesOf(), "2026-10-25T06:00Z")).toEqual([false, "2026-10-25T21:00Z"]);
    expect(look(rulesOf(), "2026-03-28T21:00Z")).toEqual([true, "2026-03-29T05:00Z"]);
    expect(look(rulesOf(), "2026-03-29T05:00Z")).toEqual([false, "2026-03-29T20:00Z"]);
  });
});

describe("a night within a day", () => {
  const rules = rulesOf({ nightStartMinute: 60, nightEndMinute: 5 * 60 });

  it.each([
    ["2026-06-10T22:59Z", false, "2026-06-10T23:00Z"],
    ["2026-06-10T23:00Z", true, "2026-06-11T03:00Z"],
    ["2026-06-11T03:00Z", false, "2026-06-11T23:00Z"],
  ])("at %s", (at, night, change) => {
    expect(look(rules, at)).toEqual([night, change]);
  });
});

describe("a night that begins or ends in the hour that the clocks skip or repeat", () => {
  it("begins at the moment of the skip", () => {
    const rules = rulesOf({ nightStartMinute: 150, nightEndMinute: 300 });
    expect(look(rules, "2026-03-29T00:59:59.999Z")).toEqual([false, "2026-03-29T01:00Z"]);
    expect(look(rules, "2026-03-29T01:00Z")).toEqual([true, "2026-03-29T03:00Z"]);
  });

  it("ends once, the first time the clocks show the hour", () => {
    const rules = rulesOf({ nightEndMinute: 150 });
    expect(look(rules, "2026-10-25T00:29Z")).toEqual([true, "2026-10-25T00:30Z"]);
    expect(look(rules, "2026-10-25T00:30Z")).toEqual([false, "2026-10-25T21:00Z"]);
    expect(look(rules, "2026-10-25T01:15Z")).toEqual([false, "2026-10-25T21:00Z"]);
  });

  it("does not come at all when it is skipped whole", () => {
    const rules = rulesOf({ nightStartMinute: 120, nightEndMinute: 180 });
    expect(look(rules, "2026-03-28T12:00Z")).toEqual([false, "2026-03-30T00:00Z"]);
    expect(look(rules, "2026-03-29T01:00Z")).toEqual([false, "2026-03-30T00:00Z"]);
  });
});

it("takes two nights for one when the clocks skip the whole day between them", () => {
  const rules = rulesOf({ nightStartMinute: 180, nightEndMinute: 120 });
  expect(look(rules, "2026-03-27T23:00Z")).toEqual([true, "2026-03-28T01:00Z"]);
  expect(look(rules, "2026-03-28T12:00Z")).toEqual([true, "2026-03-30T00:00Z"]);
  expect(look(rules, "2026-03-29T01:00Z")).toEqual([true, "2026-03-30T00:00Z"]);
});

it("never is night when the night begins and ends at the same minute", () => {
  const rules = rulesOf({ nightStartMinute: 60, nightEndMinute: 60 });
  expect(look(rules, "2026-06-10T23:00Z")).toEqual([false, null]);
});

it("judges each rule by itself, however they are mixed", () => {
  const at = "2026-06-10T20:30Z";
  for (let round = 0; round < 2; round += 1) {
    expect(look(rulesOf(), at)[0]).toBe(true);
    expect(look(rulesOf({ timeZone: "Asia/Tokyo" }), at)[0]).toBe(true);
    expect(look(rulesOf({ timeZone: "America/New_York" }), at)[0]).toBe(false);
    expect(look(rulesOf({ nightStartMinute: 23 * 60 }), at)[0]).toBe(false);
    expect(look(rulesOf({ nightEndMinute: 22 * 60 + 15 }), at)[0]).toBe(false);
  }
});

describe("the local day", () => {
  it.each([
    ["Europe/Berlin", "2026-06-10T21:59Z", "2026-06-09T22:00Z", 24],
    ["Europe/Berlin", "2026-03-29T12:00Z", "2026-03-28T23:00Z", 23],
    ["Europe/Berlin", "2026-10-25T12:00Z", "2026-10-24T22:00Z", 25],
    ["America/Los_Angeles", "2026-01-01T07:59Z", "2025-12-31T08:00Z", 24],
    ["Asia/Kathmandu", "2026-01-01T18:15Z", "2026-01-01T18:15Z", 24],
    // Midnight itself is skipped: the day begins at one.
    ["Africa/Cairo", "2026-04-24T10:00Z", "2026-04-23T22:00Z", 23],
    // Half an hour only.
    ["Australia/Lord_Howe", "2026-10-04T00:00Z", "2026-10-03T13:30Z", 23.5],
    ["UTC", "1969-12-31T23:00Z", "1969-12-31T00:00Z", 24],
  ])("in %s at %s", (timeZone, at, start, hours) => {
    const from = dayStart(timeZone, Date.parse(at));
    expect(iso(from)).toBe(start);
    expect((nextDayStart(timeZone, Date.parse(at)) - from) / 3_600_000).toBe(hours);
  });

  it("goes on after a day that a country left out", () => {
    expect(iso(nextDayStart("Pacific/Apia", Date.parse("2011-12-30T09:00Z")))).toBe(
      "2011-12-30T10:00Z",
    );
  });
});

const ZONES = [
  "Europe/Berlin",
  "America/New_York",
  "Asia/Kolkata",
  "Australia/Lord_Howe",
  "Africa/Cairo",
  "UTC",
];
const anyInstant = fc.integer({ min: Date.parse("2020-01-01"), max: Date.parse("2035-01-01") });
const anyRules = fc.record({
  timeZone: fc.constantFrom(...ZONES),
  nightStartMinute: fc.integer({ min: 0, max: 1439 }),
  nightEndMinute: fc.integer({ min: 0, max: 1439 }),
  nightOnly: fc.boolean(),
});

it("changes at the next change and nowhere before it", () => {
  fc.assert(
    fc.property(
      anyRules,
      anyInstant,
      fc.double({ min: 0, max: 1, noNaN: true }),
      (rules, at, part) => {
        const change = nextHoursChange(rules, at);
        if (change === null) {
          expect(rules.nightStartMinute).toBe(rules.nightEndMinute);
          return;
        }
        expect(change).toBeGreaterThan(at);
        expect(change - at).toBeLessThanOrEqual(50 * 3_600_000);
        const between = Math.floor(at + (change - 1 - at) * part);
        expect(isNight(rules, between)).toBe(isNight(rules, at));
        expect(isNight(rules, change)).toBe(!isNight(rules, at));
      },
    ),
    { numRuns: 500 },
  );
});

it("finds every instant in the local day that it says", () => {
  fc.assert(
    fc.property(fc.constantFrom(...ZONES), anyInstant, (timeZone, at) => {
      const start = dayStart(timeZone, at);
      expect(start).toBeLessThanOrEqual(at);
      expect(nextDayStart(timeZone, at)).toBeGreaterThan(at);
      expect(dayStart(timeZone, start)).toBe(start);
      expect(dayStart(timeZone, start - 1)).toBeLessThan(start);
      expect(dayStart(timeZone, nextDayStart(timeZone, at))).toBe(nextDayStart(timeZone, at));
    }),
    { numRuns: 500 },
  );
});
