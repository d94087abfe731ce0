import { expect, it } from "vitest";
import {
  type Forecast,
  learn,
  noForecast,
  personUse,
  runShare,
} from "../../../../src/core/forecast/forecast.ts";
import type { HourOfUse, PastRun } from "../../../../src/core/forecast/history.ts";

const HOUR = 3_600_000;
/** A Monday, midnight. */
const MONDAY = Date.parse("2026-03-09T00:00Z");
const FIVE = { provider: "claude", window: "five_hour" };
const WEEK = { provider: "claude", window: "seven_day" };
const LIKE = { executor: "claude-code", kind: "serious", project: null, model: null } as const;
const PROVIDERS = { "claude-code": "claude", other: "acme" };

function hourOf(hour: number, used: number, patch: Partial<HourOfUse> = {}): HourOfUse {
  return { ...FIVE, hourAt: MONDAY + hour * HOUR, seenMs: HOUR, used, ...patch };
}

function runOf(from: number, until: number, usd: number, patch: Partial<PastRun> = {}): PastRun {
  return {
    ...LIKE,
    startedAt: MONDAY + from * HOUR,
    endedAt: MONDAY + until * HOUR,
    usd,
    ...patch,
  };
}

/** What is expected of the person a week later, in these hours. */
function later(forecast: Forecast, from: number, until: number, window = FIVE): number {
  const at = (hour: number): number => MONDAY + (7 * 24 + hour) * HOUR;
  return personUse(forecast, window, { from: at(from), until: at(until), care: 1 }).mean;
}

it("without a history there are guesses, of long windows smaller ones", () => {
  const none = noForecast("UTC");
  expect([later(none, 8, 19), later(none, 8, 19, WEEK)]).toEqual([1, 0.07]);
  expect(runShare(none, FIVE, LIKE, 0.5)).toBeCloseTo(0.05);
  expect(runShare(none, WEEK, LIKE, 0.5)).toBeCloseTo(0.05 / 9);
  expect(runShare(none, FIVE, LIKE, 0.9999)).toBe(0.8);
});

it("what runs used is told from what the person used in the same hour", () => {
  const hours = [
    ...[1, 2, 3].map((hour) => hourOf(hour, 0.2)),
    ...[4, 5, 6, 7, 8].map((hour) => hourOf(hour, 0)),
    hourOf(9, 0.5),
    hourOf(10, 0.3),
  ];
  const runs = [runOf(1, 4, 6), runOf(9, 10, 2)];
  const forecast = learn({ hours, runs }, "UTC", PROVIDERS);
  expect(forecast.windows["claude/five_hour"]?.perEffort).toBeCloseTo(0.1);
  // At night all of it was ours; at nine the person used 0.3 besides.
  const day = forecast.windows["claude/five_hour"]?.days[0];
  expect(day?.used[9]).toBe(0);
  expect(day?.used[10]).toBeCloseTo(0.3);
  expect(day?.used[11]).toBeCloseTo(0.6);
  expect(later(forecast, 0, 6)).toBe(0);
});

it("before it is known what effort takes, all of an hour in which something ran is ours", () => {
  const hours = [hourOf(9, 0.5, { seenMs: HOUR / 2 }), hourOf(10, 0.3)];
  const forecast = learn({ hours, runs: [runOf(9, 10, 2)] }, "UTC", PROVIDERS);
  expect(forecast.windows["claude/five_hour"]?.perEffort).toBeNull();
  expect(forecast.windows["claude/five_hour"]?.days[0]?.used[10]).toBe(0);
  expect(forecast.windows["claude/five_hour"]?.days[0]?.used[11]).toBeCloseTo(0.3);
});

it("runs of executors that another provider counts are no part of it", () => {
  const runs = [runOf(9, 10, 2, { executor: "other" }), runOf(9, 10, 2, { executor: "gone" })];
  const forecast = learn({ hours: [hourOf(9, 0.5)], runs }, "UTC", PROVIDERS);
  expect(forecast.windows["claude/five_hour"]?.perEffort).toBeNull();
  expect(forecast.windows["claude/five_hour"]?.days[0]?.used[10]).toBe(0.5);
});

it("what such runs cost says what the next one takes", () => {
  const hours = Array.from({ length: 20 }, (_, hour) => hourOf(hour, 0.2));
  const runs = Array.from({ length: 20 }, (_, hour) => runOf(hour, hour + 1, 2));
  const forecast = learn({ hours, runs }, "UTC", PROVIDERS);
  expect(runShare(forecast, FIVE, LIKE, 0.5)).toBeGreaterThan(0.15);
  expect(runShare(forecast, FIVE, LIKE, 0.5)).toBeLessThan(0.22);
  expect(runShare(forecast, WEEK, LIKE, 0.5)).toBeLessThan(0.02);
});

it("hours are those of the clock on the wall", () => {
  const hours = [hourOf(23, 0.4)];
  const { windows } = learn({ hours, runs: [] }, "Europe/Berlin", PROVIDERS);
  const day = windows["claude/five_hour"]?.days[0];
  expect([day?.used[1], day?.seen[1], day?.seen[24]]).toEqual([0.4, 1, 1]);
});

it("the same is answered the same when it is asked again", () => {
  const forecast = learn({ hours: [hourOf(9, 0.5)], runs: [] }, "UTC", PROVIDERS);
  const first = later(forecast, 9, 10);
  expect([later(forecast, 9, 10), later(forecast, 9, 11), later(forecast, 9, 10)]).toEqual([
    first,
    expect.any(Number),
    first,
  ]);
});

it("of somebody of whom little is known little room is left beyond what is expected", () => {
  const daysSeen = (count: number): Forecast => {
    const hours = Array.from({ length: count }, (_, day) => hourOf(9 - 24 * 7 * (day + 1), 0.2));
    return learn({ hours, runs: [] }, "UTC", PROVIDERS);
  };
  const stretch = { from: MONDAY + 9 * HOUR, until: MONDAY + 10 * HOUR, care: 3 };
  const roomOf = (count: number): number => {
    const { mean, upper } = personUse(daysSeen(count), FIVE, stretch);
    return upper / mean;
  };
  expect(roomOf(0)).toBeLessThan(1.01);
  expect(roomOf(2)).toBeGreaterThan(1.2);
  expect(roomOf(4)).toBeGreaterThan(roomOf(2));
});
