import { expect, it } from "vitest";
import {
  expectedUse,
  type PersonDay,
  type PersonRules,
} from "../../../../src/core/forecast/person.ts";
import { localDayOf } from "../../../../src/core/zone.ts";

const HOUR = 3_600_000;
/** A Monday. */
const MONDAY = Date.parse("2026-03-09T00:00Z");
const NONE: PersonRules = { timeZone: "UTC", days: [], dayPrior: 1.1, care: 2 };

/** A day on which so much was used in each of these hours, and which was seen from and until. */
function dayOf(
  daysAgo: number,
  perHour: number,
  { from = 0, until = 24, hours = [9, 10, 11, 12] } = {},
): PersonDay {
  const running = (of: (hour: number) => number): readonly number[] => {
    let sum = 0;
    return Array.from({ length: 25 }, (_, hour) => (sum += hour === 0 ? 0 : of(hour - 1)));
  };
  const isSeen = (hour: number): boolean => hour >= from && hour < until;
  return {
    day: localDayOf("UTC", MONDAY) - daysAgo,
    used: running((hour) => (isSeen(hour) && hours.includes(hour) ? perHour : 0)),
    seen: running((hour) => (isSeen(hour) ? 1 : 0)),
  };
}

function expected(days: readonly PersonDay[], from: number, until: number, patch = {}) {
  const at = (hour: number): number => MONDAY + hour * HOUR;
  return expectedUse({ ...NONE, days, ...patch }, at(from), at(until));
}

it("before a day was seen a working day is believed in, and less of a free one", () => {
  expect(expected([], 8, 19).mean).toBeCloseTo(1.1);
  expect(expected([], 10, 12).mean).toBeCloseTo(0.2);
  expect(expected([], 10, 12).upper).toBeGreaterThan(0.3);
  expect(expected([], 20, 24)).toEqual({ mean: 0, upper: 0 });
  expect(expected([], 5 * 24, 6 * 24).mean).toBeCloseTo(0.44);
  expect(expected([], 0, 7 * 24).mean).toBeCloseTo(5 * 1.1 + 2 * 0.44);
});

it("nothing is expected of no time", () => {
  expect(expected([dayOf(7, 0.2)], 10, 10)).toEqual({ mean: 0, upper: 0 });
});

it("what was used at such hours of such days is expected again, days of the same name before others", () => {
  const mondays = [7, 14, 21].map((ago) => dayOf(ago, 0.2));
  const fridays = [3, 10, 17].map((ago) => dayOf(ago, 0));
  const mean = expected(mondays, 9, 13).mean;
  expect(mean).toBeGreaterThan(0.6);
  expect(expected([...mondays, ...fridays], 9, 13).mean).toBeLessThan(mean);
  // On Fridays nothing was done.
  expect(expected([...mondays, ...fridays], 4 * 24 + 9, 4 * 24 + 13).mean).toBeLessThan(0.35);
  expect(expected(mondays, 20, 22).mean).toBe(0);
});

it("what varies is left more room than what never does", () => {
  const even = [1, 2, 3, 4].map((weeks) => dayOf(7 * weeks, 0.1));
  const odd = [0, 0.2, 0, 0.2].map((use, weeks) => dayOf(7 * (weeks + 1), use));
  const roomOf = ({ mean, upper }: { mean: number; upper: number }): number => upper / mean;
  expect(roomOf(expected(odd, 9, 13))).toBeGreaterThan(roomOf(expected(even, 9, 13)));
  const { upper } = expected(odd, 9, 13);
  expect(expected(odd, 9, 13, { care: 3 }).upper).toBeGreaterThan(upper);
});

it("a free day on which nobody worked yet may be one on which they do", () => {
  const workdays = [3, 4, 5, 6, 7].map((ago) => dayOf(ago, 0.2));
  const free = [1, 2, 8, 9].map((ago) => dayOf(ago, 0));
  const { mean, upper } = expected([...workdays, ...free], 5 * 24 + 9, 5 * 24 + 13);
  expect(mean).toBeLessThan(0.3);
  expect(upper).toBeGreaterThan(mean + 0.3);
});

it("a day says nothing of hours of which too little was seen, and is no example of itself", () => {
  const prior = expected([], 9, 13).mean;
  expect(expected([dayOf(7, 0.3, { until: 10 })], 9, 13).mean).toBe(prior);
  expect(expected([dayOf(0, 0.3)], 9, 13).mean).toBe(prior);
  // Three of four hours were seen: the fourth counts as they do.
  const most = expected([dayOf(7, 0.2, { until: 12 })], 9, 13).mean;
  expect(most).toBeCloseTo(expected([dayOf(7, 0.2)], 9, 13).mean);
});

it("does not look further ahead than any window is long", () => {
  const rules = { timeZone: "UTC", days: [], dayPrior: 1, care: 0 };
  const from = Date.parse("2026-11-24T21:00:00Z");
  const far = expectedUse(rules, from, from + 62 * 24 * 3_600_000);
  expect(expectedUse(rules, from, 1e300)).toEqual(far);
});
