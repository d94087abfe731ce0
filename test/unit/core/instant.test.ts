import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatInstant, parseInstant } from "../../../src/core/instant.ts";

/** 21:30 in Berlin. */
const NOW = Date.parse("2026-11-24T20:30:00Z");
const FRAME = { now: NOW, timeZone: "Europe/Berlin" };

describe("a day without a time", () => {
  it.each([
    ["fri", "2026-11-27T23:00:00.000Z"],
    ["tue", "2026-11-24T23:00:00.000Z"],
    ["today", "2026-11-24T23:00:00.000Z"],
    ["2026-11-25", "2026-11-25T23:00:00.000Z"],
    ["fri 18:00", "2026-11-27T17:00:00.000Z"],
  ])("means its end where that is meant: %s", (text, expected) => {
    const parsed = parseInstant(text, { ...FRAME, isEndMeant: true });
    expect(parsed.ok && new Date(parsed.value).toISOString()).toBe(expected);
  });
});

describe("parseInstant", () => {
  it.each([
    ["now", "2026-11-24T20:30:00.000Z"],
    ["NOW", "2026-11-24T20:30:00.000Z"],
    ["22:00", "2026-11-24T21:00:00.000Z"],
    [" 22:00\n", "2026-11-24T21:00:00.000Z"],
    ["2026-11-24T22:00:30", "2026-11-24T21:00:30.000Z"],
    ["21:31", "2026-11-24T20:31:00.000Z"],
    ["21:30:30", "2026-11-24T20:30:30.000Z"],
    // What has passed today, or is now, is meant for tomorrow.
    ["21:30", "2026-11-25T20:30:00.000Z"],
    ["7:00", "2026-11-25T06:00:00.000Z"],
    ["today 07:00", "2026-11-24T06:00:00.000Z"],
    ["tomorrow 07:00", "2026-11-25T06:00:00.000Z"],
    ["Tomorrow   07:00", "2026-11-25T06:00:00.000Z"],
    ["tomorrow", "2026-11-24T23:00:00.000Z"],
    ["yesterday 07:00", "2026-11-23T06:00:00.000Z"],
    // Shortly before the clocks go forward.
    ["2026-03-29 00:56:03.582051", "2026-03-28T23:56:03.582Z"],
    // A Tuesday.
    ["fri 18:00", "2026-11-27T17:00:00.000Z"],
    ["Friday 18:00", "2026-11-27T17:00:00.000Z"],
    ["wednesday", "2026-11-24T23:00:00.000Z"],
    ["tue 22:00", "2026-11-24T21:00:00.000Z"],
    ["tue 21:30", "2026-12-01T20:30:00.000Z"],
    ["tue", "2026-11-30T23:00:00.000Z"],
    ["2026-11-24T22:00", "2026-11-24T21:00:00.000Z"],
    ["2026-11-24 22:00", "2026-11-24T21:00:00.000Z"],
    ["2026-06-24 22:00", "2026-06-24T20:00:00.000Z"],
    ["2026-11-25", "2026-11-24T23:00:00.000Z"],
    ["2028-02-29", "2028-02-28T23:00:00.000Z"],
    ["2026-11-24T22:00Z", "2026-11-24T22:00:00.000Z"],
    ["2026-11-24t22:00z", "2026-11-24T22:00:00.000Z"],
    ["2026-11-24T22:00:30.25+02:30", "2026-11-24T19:30:30.250Z"],
    ["2026-11-24T22:00-0800", "2026-11-25T06:00:00.000Z"],
    ["+2h", "2026-11-24T22:30:00.000Z"],
    ["+1h30m", "2026-11-24T22:00:00.000Z"],
    ["1795600000", "2026-11-25T09:46:40.000Z"],
    ["1795600000123", "2026-11-25T09:46:40.123Z"],
  ])("reads %j", (text, expected) => {
    const parsed = parseInstant(text, FRAME);
    expect(parsed.ok ? new Date(parsed.value).toISOString() : parsed.message).toBe(expected);
  });

  it.each([
    "",
    "soon",
    "24:00",
    "22:60",
    "22:00:60",
    "22",
    "22:0",
    "122:00",
    "22:000",
    "tomorrow 25:00",
    "fri 25:00",
    "fri 18:00 sharp",
    "fry",
    "fridays",
    "today-day",
    "tomorrow 07:00 sharp",
    "constructor",
    "2026-02-30",
    "2026-13-01",
    "2026-00-10",
    "2026-11-00",
    "2026-11-99",
    "0026-11-24",
    "2026-11-24T25:00",
    "2026-11-24T25:00Z",
    "2026-11-24T22:00X",
    "x2026-11-24",
    "+2",
    "-2h",
    "+",
    "12345",
    "123456789012",
    "17956000001234",
  ])("refuses %j", (text) => {
    expect(parseInstant(text, FRAME)).toEqual({
      ok: false,
      message: `"${text}" is not a time; write for example 22:00, tomorrow 07:00, fri 18:00, 2026-11-24 22:00 or +2h.`,
    });
  });

  it("repeats a wrong word shortly and safely", () => {
    const parsed = parseInstant(`\u0007${"x".repeat(200)}`, FRAME);
    expect(parsed).toEqual({
      ok: false,
      message: `"\u2407${"x".repeat(38)}…" is not a time; write for example 22:00, tomorrow 07:00, fri 18:00, 2026-11-24 22:00 or +2h.`,
    });
    expect(parseInstant(`+${" ".repeat(97)}1h`, FRAME)).toMatchObject({ ok: true });
    expect(parseInstant(`+${" ".repeat(98)}1h`, FRAME)).toMatchObject({ ok: false });
  });

  it("reads a day of 23 or 25 hours by the clock on the wall", () => {
    const eve = (now: string) => ({ now: Date.parse(now), timeZone: "Europe/Berlin" });
    const read = (text: string, now: string) => {
      const parsed = parseInstant(text, eve(now));
      return parsed.ok ? new Date(parsed.value).toISOString() : null;
    };
    expect(read("tomorrow 07:00", "2026-03-28T20:00Z")).toBe("2026-03-29T05:00:00.000Z");
    expect(read("02:30", "2026-03-28T20:00Z")).toBe("2026-03-29T01:00:00.000Z");
    expect(read("tomorrow 07:00", "2026-10-24T20:00Z")).toBe("2026-10-25T06:00:00.000Z");
    expect(read("02:30", "2026-10-24T22:00Z")).toBe("2026-10-25T00:30:00.000Z");
  });
});

describe("formatInstant", () => {
  it.each([
    ["2026-11-24T21:05:59Z", "22:05"],
    ["2026-11-23T23:00:00Z", "00:00"],
    ["2026-11-24T23:00:00Z", "tomorrow 00:00"],
    ["2026-11-25T22:59:00Z", "tomorrow 23:59"],
    ["2026-11-25T23:00:00Z", "2026-11-26 00:00"],
    ["2026-11-23T22:59:00Z", "yesterday 23:59"],
    ["2026-11-22T22:59:00Z", "2026-11-22 23:59"],
  ])("writes %s as %s", (at, text) => {
    expect(formatInstant(Date.parse(at), FRAME)).toBe(text);
  });

  it("is read back to the minute", () => {
    const minutes = fc.integer({ min: 1, max: 500_000 });
    fc.assert(
      fc.property(minutes, (ahead) => {
        const at = Date.parse("2026-11-24T20:30:00Z") + ahead * 60_000;
        const frame = { now: NOW, timeZone: "Asia/Kolkata" };
        expect(parseInstant(formatInstant(at, frame), frame)).toEqual({ ok: true, value: at });
      }),
    );
  });
});
