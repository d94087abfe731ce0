import { expect, it } from "vitest";
import {
  effortOf,
  HOUR_MS as HOUR,
  type PastRun,
  shareOfRun,
  useBetween,
} from "../../../../src/core/forecast/history.ts";
import type { QuotaWindow } from "../../../../src/core/quota.ts";
import { windowOf } from "../samples.ts";

const AT = Date.parse("2026-03-09T10:00Z");

function seen(at: number, used: number | null, patch: Partial<QuotaWindow> = {}): QuotaWindow {
  return windowOf({ observedAt: at, used, resetsAt: AT + 3 * HOUR, ...patch });
}

function told(before: QuotaWindow, after: QuotaWindow): readonly (readonly number[])[] {
  return useBetween(before, after).map(({ hourAt, seenMs, used }) => [
    (hourAt - AT) / HOUR,
    seenMs / HOUR,
    Number(used.toFixed(6)),
  ]);
}

it("what was used between two looks is spread evenly over the hours between them", () => {
  const [first] = useBetween(seen(AT, 0.1), seen(AT + HOUR / 2, 0.3));
  expect(first).toEqual({
    provider: "claude",
    window: "five_hour",
    hourAt: AT,
    seenMs: HOUR / 2,
    used: expect.closeTo(0.2) as number,
  });
  const told1 = told(seen(AT + HOUR / 2, 0.1), seen(AT + 1.5 * HOUR, 0.3));
  expect(told1).toEqual([
    [0, 0.5, 0.1],
    [1, 0.5, 0.1],
  ]);
});

it("a share that goes back in the same window is no use, and unknown shares tell nothing", () => {
  expect(told(seen(AT, 0.5), seen(AT + HOUR, 0.4))).toEqual([[0, 1, 0]]);
  expect(told(seen(AT, null), seen(AT + HOUR, 0.4))).toEqual([]);
  expect(told(seen(AT, 0.4), seen(AT + HOUR, null))).toEqual([]);
});

it("two looks at once, or in the wrong order, tell nothing", () => {
  expect(told(seen(AT, 0.1), seen(AT, 0.2))).toEqual([]);
  expect(told(seen(AT + 1, 0.1), seen(AT, 0.2))).toEqual([]);
});

it("of a long time without a look nobody knows when something was used", () => {
  const long = { resetsAt: AT + 50 * HOUR };
  expect(told(seen(AT, 0.1, long), seen(AT + 7 * HOUR, 0.2, long))).toEqual([]);
});

it("between the end of a window and the first use that begins the next one nothing is used", () => {
  const before = seen(AT, 0.6, { resetsAt: AT + HOUR });
  const after = seen(AT + 3 * HOUR, 0.2, { resetsAt: AT + 7 * HOUR });
  expect(told(before, after)).toEqual([
    [1, 1, 0],
    [2, 1, 0.2],
  ]);
  // One that began this moment was not used yet.
  expect(told(before, seen(AT + 2 * HOUR, 0, { resetsAt: AT + 7 * HOUR }))).toEqual([[1, 1, 0]]);
  // Where one follows the other at once there is no such time.
  expect(told(before, seen(AT + 3 * HOUR, 0.2, { resetsAt: AT + 6 * HOUR }))).toEqual([
    [1, 1, 0.1],
    [2, 1, 0.1],
  ]);
});

it("of another window of which it is not known when it began nothing is told", () => {
  const odd = { window: "odd" };
  const other = seen(AT + 2 * HOUR, 0.2, { ...odd, resetsAt: AT + 9 * HOUR });
  expect(told(seen(AT, 0.6, odd), other)).toEqual([]);
  expect(told(seen(AT, 0.6, { resetsAt: null }), seen(AT + HOUR, 0.2))).toEqual([]);
  expect(told(seen(AT, 0.6), seen(AT + HOUR, 0.2, { resetsAt: null }))).toEqual([]);
  const future = seen(AT + HOUR, 0.2, { resetsAt: AT + 20 * HOUR });
  expect(told(seen(AT, 0.6, { resetsAt: AT + HOUR / 2 }), future)).toEqual([]);
});

it("looks without a reset are of the same window while the share does not fall", () => {
  const none = { resetsAt: null };
  expect(told(seen(AT, 0.1, none), seen(AT + HOUR, 0.3, none))).toEqual([[0, 1, 0.2]]);
  expect(told(seen(AT, 0.4, none), seen(AT + HOUR, 0.3, none))).toEqual([]);
});

it("a run uses what it uses evenly, in dollars or in minutes at the price of a common one", () => {
  const run: PastRun = {
    executor: "claude-code",
    kind: "thought",
    project: null,
    model: null,
    startedAt: AT,
    endedAt: AT + HOUR,
    usd: 2,
  };
  expect(shareOfRun(run, AT - HOUR, AT + HOUR / 4)).toBe(0.25);
  expect(shareOfRun(run, AT + HOUR, AT + 2 * HOUR)).toBe(0);
  expect(shareOfRun({ ...run, endedAt: AT }, AT - 1, AT + 1)).toBe(0);
  expect([effortOf(run), effortOf({ ...run, usd: 0 })]).toEqual([2, 3]);
});
