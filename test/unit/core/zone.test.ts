import { expect, it } from "vitest";
import { instantOf, isTimeZone, localDayOf, localMinuteOf } from "../../../src/core/zone.ts";

it("knows the zones that dates can be computed in", () => {
  expect(["Europe/Berlin", "UTC", "Asia/Kolkata"].map(isTimeZone)).toEqual([true, true, true]);
  expect(["", "Mars/Olympus", "Europe/Berlin ", "../etc"].map(isTimeZone)).toEqual([
    false,
    false,
    false,
    false,
  ]);
});

it("refuses to compute in an unknown zone", () => {
  expect(() => localDayOf("Mars/Olympus", 0)).toThrow(RangeError);
});

it("reads the clock on the wall to the millisecond", () => {
  const at = Date.parse("2026-06-10T21:59:30.250Z");
  expect(localMinuteOf("Europe/Berlin", at)).toBe(23 * 60 + 59 + 30.25 / 60);
  expect(localMinuteOf("UTC", -1)).toBe(1440 - 1 / 60_000);
  expect(localDayOf("UTC", -1)).toBe(-1);
  expect(localDayOf("Europe/Berlin", at + 30_000)).toBe(Date.parse("2026-06-11") / 86_400_000);
});

it("finds the moment of a time on the wall", () => {
  const day = (date: string): number => Date.parse(date) / 86_400_000;
  const find = (zone: string, date: string, minute: number): string =>
    new Date(instantOf(zone, day(date), minute)).toISOString();
  expect(find("Europe/Berlin", "2026-06-10", 90)).toBe("2026-06-09T23:30:00.000Z");
  // Skipped: the moment of the skip, whatever the minute.
  expect(find("Europe/Berlin", "2026-03-29", 120)).toBe("2026-03-29T01:00:00.000Z");
  expect(find("Europe/Berlin", "2026-03-29", 179)).toBe("2026-03-29T01:00:00.000Z");
  expect(find("Europe/Berlin", "2026-03-29", 180)).toBe("2026-03-29T01:00:00.000Z");
  expect(find("Europe/Berlin", "2026-03-29", 181)).toBe("2026-03-29T01:01:00.000Z");
  // Shown twice: the first.
  expect(find("Europe/Berlin", "2026-10-25", 150)).toBe("2026-10-25T00:30:00.000Z");
  expect(find("Europe/Berlin", "2026-10-25", 180)).toBe("2026-10-25T02:00:00.000Z");
  expect(find("America/New_York", "2026-11-01", 90)).toBe("2026-11-01T05:30:00.000Z");
});
