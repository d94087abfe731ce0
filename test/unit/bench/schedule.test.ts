import { expect, it } from "vitest";
import { mostWork } from "../../../bench/schedule/bound.ts";
import { greedy, ours } from "../../../bench/schedule/deciders.ts";
import { openProvider } from "../../../bench/schedule/provider.ts";
import { simulate } from "../../../bench/schedule/simulate.ts";
import { drawTrace, type Trace } from "../../../bench/schedule/trace.ts";
import { hoursOf, openRules, quotaOf } from "../../../src/testing/admission-rules.ts";

const HOUR = 3_600_000;
const RULES = openRules({ parallelMax: 2, hours: hoursOf({ timeZone: "Europe/Berlin" }) });

/** A day of a person who works an hour from the first minute on, and of these tasks. */
function traceOf(tasks: readonly Partial<Trace["tasks"][number]>[], weekShares = 5): Trace {
  const from = Date.parse("2026-03-09T08:00Z");
  return {
    timeZone: "Europe/Berlin",
    from,
    until: from + 24 * HOUR,
    weekShares,
    human: [{ from, until: from + HOUR, share: 0.5 }],
    tasks: tasks.map((task) => ({
      at: from,
      kind: "serious",
      project: "backend",
      priority: "normal",
      deadlineAt: null,
      durationMs: HOUR,
      share: 0.25,
      usd: 6,
      ...task,
    })),
  };
}

it("a provider counts from the first use on, and refuses until the reset", () => {
  const provider = openProvider(1.5);
  expect([provider.use(0, 0.6), provider.use(1, 0.6), provider.use(2, 0.1)]).toEqual([
    true,
    true,
    false,
  ]);
  expect(provider.closedUntil(2)).toBe(5 * HOUR);
  expect(provider.tell(2).map(({ window, status }) => [window, status])).toEqual([
    ["five_hour", "closed"],
    ["seven_day", "open"],
  ]);
  expect([provider.closedUntil(5 * HOUR), provider.free(5 * HOUR)]).toEqual([null, 1]);
  expect(provider.use(5 * HOUR, 0.3)).toBe(true);
  expect(provider.closedUntil(5 * HOUR)).toBe(168 * HOUR);
});

it("a trace is the same for the same seed, and lasts four weeks from the first use on", () => {
  const trace = drawTrace(3, "even");
  expect(drawTrace(3, "even")).toEqual(trace);
  expect(drawTrace(4, "even")).not.toEqual(trace);
  expect(trace.human[0]?.from).toBe(trace.from);
  expect(trace.until - trace.from).toBe(28 * 24 * HOUR);
});

it("who takes what there is blocks the person, and what is left of a parked task is done later", () => {
  const trace = traceOf([{ share: 0.9 }, { share: 0.9 }]);
  const alone = simulate(trace, RULES, () => []);
  expect(alone).toMatchObject({ work: 0, blockedMinutes: 0 });
  const played = simulate(trace, RULES, greedy);
  expect(played).toMatchObject({ finished: 2, work: 1.8, closedLaunches: 0, deadlineMisses: 0 });
  expect(played.blockedMinutes).toBeGreaterThan(0);
});

it("a threshold leaves the day to the person", () => {
  const rules = { ...RULES, quota: quotaOf(0, 1) };
  const played = simulate(traceOf([{}, {}, {}]), rules, ours);
  expect(played).toMatchObject({ finished: 3, blockedMinutes: 0, closedLaunches: 0 });
  // They were asked for at nine, and the night begins at 22:00.
  expect(played.waitHours.get("serious")?.every((hours) => hours > 13)).toBe(true);
});

it("deadlines are missed by what ends late, and by what does not end", () => {
  const from = Date.parse("2026-03-09T08:00Z");
  const late = traceOf([{ deadlineAt: from + HOUR / 2 }, { deadlineAt: from + 20 * HOUR }]);
  expect(simulate(late, RULES, ours).deadlineMisses).toBe(1);
  expect(simulate(late, RULES, () => []).deadlineMisses).toBe(2);
});

it("nobody can do more than is asked for, or than the person leaves", () => {
  expect(mostWork(traceOf([{}, {}]))).toBe(0.5);
  expect(mostWork(traceOf([{}, {}], 0.75))).toBe(0.25);
});
