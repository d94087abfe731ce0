import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DURATION_MAX_MS, formatDuration, parseDuration } from "../../../src/core/duration.ts";

describe("parseDuration", () => {
  it.each([
    ["90s", 90_000],
    ["1h30m", 5_400_000],
    [" 1h 30m ", 5_400_000],
    ["1 h", 3_600_000],
    ["1.5h", 5_400_000],
    ["2d", 172_800_000],
    ["250ms", 250],
    ["0s", 0],
    ["1d2h3m4s5ms", 93_784_005],
    ["0.0004s", 0],
    ["3650d", DURATION_MAX_MS],
  ])("reads %j", (text, value) => {
    expect(parseDuration(text)).toEqual({ ok: true, value });
  });

  it.each(["", "5", "h", "1x", "-1h", "1h-", "1..5h", ".5h", "1h,2m", "1H", "1e3s", "1h x"])(
    "refuses %j",
    (text) => {
      const message = `"${text}" is not a duration; write for example 90s, 1h30m or 2d.`;
      expect(parseDuration(text)).toEqual({ ok: false, message });
    },
  );

  it("refuses what is too long, in time or in words", () => {
    const message = "A duration of more than 3650 days is too long; write a shorter one.";
    expect(parseDuration("3650d1ms")).toEqual({ ok: false, message });
    expect(parseDuration(`${"9".repeat(90)}d`)).toEqual({ ok: false, message });
    expect(parseDuration("1s".repeat(50))).toEqual({ ok: true, value: 50_000 });
    expect(parseDuration("1s".repeat(51))).toMatchObject({ ok: false });
  });

  it("repeats a wrong word shortly and safely", () => {
    expect(parseDuration(`\u001b[2J${"x".repeat(99)}`)).toEqual({
      ok: false,
      message: `"${"x".repeat(39)}…" is not a duration; write for example 90s, 1h30m or 2d.`,
    });
  });
});

describe("formatDuration", () => {
  it.each([
    [0, "0s"],
    [0.4, "0s"],
    [1, "1ms"],
    [999, "999ms"],
    [1000, "1s"],
    [1999, "1s"],
    [59_999, "59s"],
    [60_000, "1m"],
    [90_000, "1m30s"],
    [5_400_000, "1h30m"],
    [3_605_000, "1h"],
    [187_200_000, "2d4h"],
    [86_400_000, "1d"],
    [-90_000, "-1m30s"],
  ])("writes %d as %s", (ms, text) => {
    expect(formatDuration(ms)).toBe(text);
  });

  it("is read back, a unit of its own short at most", () => {
    fc.assert(
      fc.property(fc.nat(DURATION_MAX_MS), (ms) => {
        const back = parseDuration(formatDuration(ms));
        expect(back.ok && back.value <= ms && back.value >= ms * 0.95 - 1).toBe(true);
      }),
    );
  });
});
