import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  dayStart,
  type HoursRules,
  isNight,
  nextDayStart,
  nextHoursChange,
  nextMoment,
} from "../../../src/core/hours.ts";
import { TASK_KINDS } from "../../../src/core/task.ts";
import { hoursOf, nightOf } from "../../../src/testing/admission-rules.ts";

function rulesOf(patch: Partial<HoursRules> = {}): HoursRules {
  return hoursOf({ timeZone: "Europe/Berlin", ...patch });
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
  const rules = rulesOf({ nights: [nightOf(60, 5 * 60)] });

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
    const rules = rulesOf({ nights: [nightOf(150, 300)] });
    expect(look(rules, "2026-03-29T00:59:59.999Z")).toEqual([false, "2026-03-29T01:00Z"]);
    expect(look(rules, "2026-03-29T01:00Z")).toEqual([true, "2026-03-29T03:00Z"]);
  });

  it("ends once, the first time the clocks show the hour", () => {
    const rules = rulesOf({ nights: [nightOf(22 * 60, 150)] });
    expect(look(rules, "2026-10-25T00:29Z")).toEqual([true, "2026-10-25T00:30Z"]);
    expect(look(rules, "2026-10-25T00:30Z")).toEqual([false, "2026-10-25T21:00Z"]);
    expect(look(rules, "2026-10-25T01:15Z")).toEqual([false, "2026-10-25T21:00Z"]);
  });

  it("does not come at all when it is skipped whole", () => {
    const rules = rulesOf({ nights: [nightOf(120, 180)] });
    expect(look(rules, "2026-03-28T12:00Z")).toEqual([false, "2026-03-30T00:00Z"]);
    expect(look(rules, "2026-03-29T01:00Z")).toEqual([false, "2026-03-30T00:00Z"]);
  });
});

it("takes two nights for one when the clocks skip the whole day between them", () => {
  const rules = rulesOf({ nights: [nightOf(180, 120)] });
  expect(look(rules, "2026-03-27T23:00Z")).toEqual([true, "2026-03-28T01:00Z"]);
  expect(look(rules, "2026-03-28T12:00Z")).toEqual([true, "2026-03-30T00:00Z"]);
  expect(look(rules, "2026-03-29T01:00Z")).toEqual([true, "2026-03-30T00:00Z"]);
});

it("never is night without a night, and always is with one that has no end", () => {
  expect(look(rulesOf({ nights: [] }), "2026-06-10T23:00Z")).toEqual([false, null]);
  const always = rulesOf({ nights: [nightOf(0, 1440)] });
  expect(look(always, "2026-06-10T23:00Z")).toEqual([true, null]);
  const byTwo = rulesOf({ nights: [nightOf(7 * 60, 22 * 60), nightOf(22 * 60, 7 * 60)] });
  expect(look(byTwo, "2026-06-10T23:00Z")).toEqual([true, null]);
});

describe("nights of single days", () => {
  const [monday, friday, saturday, sunday] = [0, 4, 5, 6];
  const rules = rulesOf({
    nights: [
      nightOf(22 * 60, 7 * 60, [monday, friday]),
      nightOf(5 * 60, 9 * 60, [saturday]),
      nightOf(12 * 60, 1440, [sunday]),
    ],
  });

  // 2026-06-08 is a Monday; the zone is two hours ahead.
  it.each([
    ["2026-06-08T19:00Z", false, "2026-06-08T20:00Z"],
    ["2026-06-08T21:00Z", true, "2026-06-09T05:00Z"],
    ["2026-06-09T21:00Z", false, "2026-06-12T20:00Z"],
    // Friday's night and Saturday's overlap.
    ["2026-06-12T21:00Z", true, "2026-06-13T07:00Z"],
    ["2026-06-14T09:00Z", false, "2026-06-14T10:00Z"],
    ["2026-06-14T21:00Z", true, "2026-06-14T22:00Z"],
    ["2026-06-14T22:00Z", false, "2026-06-15T20:00Z"],
  ])("at %s", (at, night, change) => {
    expect(look(rules, at)).toEqual([night, change]);
  });

  it("come a week later when the clocks skip one whole", () => {
    const short = rulesOf({ nights: [nightOf(120, 180, [sunday])] });
    expect(look(short, "2026-03-28T12:00Z")).toEqual([false, "2026-04-05T00:00Z"]);
  });
});

describe("the next moment", () => {
  const at = Date.parse("2026-11-24T21:00Z"); // A Tuesday.
  const next = (days: readonly number[], minute: number, zone = "UTC") => {
    const found = nextMoment(zone, { days, minute }, at);
    return found === null ? null : iso(found);
  };

  it("is later today, on the next of its days, or a week from now", () => {
    expect(next([1], 22 * 60)).toBe("2026-11-24T22:00Z");
    expect(next([1], 21 * 60)).toBe("2026-12-01T21:00Z");
    expect(next([0, 2], 8 * 60)).toBe("2026-11-25T08:00Z");
    expect(next([2], 8 * 60, "Asia/Tokyo")).toBe("2026-11-24T23:00Z");
    expect(next([], 8 * 60)).toBeNull();
  });
});

it("judges each rule by itself, however they are mixed", () => {
  const at = "2026-06-10T20:30Z";
  for (let round = 0; round < 2; round += 1) {
    expect(look(rulesOf(), at)[0]).toBe(true);
    expect(look(rulesOf({ timeZone: "Asia/Tokyo" }), at)[0]).toBe(true);
    expect(look(rulesOf({ timeZone: "America/New_York" }), at)[0]).toBe(false);
    expect(look(rulesOf({ nights: [nightOf(23 * 60, 7 * 60)] }), at)[0]).toBe(false);
    expect(look(rulesOf({ nights: [nightOf(22 * 60, 22 * 60 + 15)] }), at)[0]).toBe(false);
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
  nights: fc.array(
    fc.record({
      days: fc.uniqueArray(fc.integer({ min: 0, max: 6 })),
      startMinute: fc.integer({ min: 0, max: 1439 }),
      endMinute: fc.integer({ min: 0, max: 1440 }),
    }),
    { maxLength: 3 },
  ),
  kindsByDay: fc.constant(TASK_KINDS),
  kindsByNight: fc.constant(TASK_KINDS),
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
          const later = at + Math.floor(part * 20 * 86_400_000);
          expect(isNight(rules, later)).toBe(isNight(rules, at));
          return;
        }
        expect(change).toBeGreaterThan(at);
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
