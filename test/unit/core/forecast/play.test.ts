import { describe, expect, it } from "vitest";
import { learn } from "../../../../src/core/forecast/forecast.ts";
import { outlookOf } from "../../../../src/core/forecast/outlook.ts";
import { playOnce } from "../../../../src/core/forecast/play.ts";
import type { PastRun } from "../../../../src/core/forecast/history.ts";
import type { RunningTask, Snapshot } from "../../../../src/core/hold.ts";
import type { Condition } from "../../../../src/core/dependency.ts";
import type { Task } from "../../../../src/core/task.ts";
import { hoursOf, nightOf, quotaOf } from "../../../../src/testing/admission-rules.ts";
import { HOUR, MINUTE, NOW, rulesOf, snapshotOf, taskOf, windowOf } from "../samples.ts";

/** Runs that take an hour, give or take a little, and a dollar. */
const HOURLY = learn(
  {
    hours: [],
    runs: Array.from({ length: 200 }, (_, index): PastRun => {
      const startedAt = NOW - (index + 2) * HOUR;
      const endedAt = startedAt + HOUR + (index % 7) * MINUTE;
      const like = {
        executor: "claude-code",
        kind: "thought",
        project: null,
        model: null,
      } as const;
      return { ...like, startedAt, endedAt, usd: 1 };
    }),
  },
  "UTC",
  { "claude-code": "claude" },
);

function played(queued: readonly Task[], patch: Partial<Snapshot> = {}, untilHours = 12) {
  const rules = rulesOf({ parallelMax: 1, quota: quotaOf(1, 1) });
  const snapshot = snapshotOf({ rules, forecast: HOURLY, ...patch });
  const all = playOnce({ snapshot, queued, until: NOW + untilHours * HOUR, draw: () => 0.5 });
  return all.map(({ startsAt, endsAt, hold }) => [
    hoursFrom(startsAt),
    hoursFrom(endsAt),
    hold?.policy ?? null,
  ]);
}

function hoursFrom(at: number | null): number | null {
  return at === null ? null : Math.round((at - NOW) / HOUR);
}

/** Tasks that were queued one after the other. */
function tasks(count: number, patch: Partial<Task> = {}): readonly Task[] {
  return Array.from({ length: count }, (_, index) =>
    taskOf({ id: index + 1, orderKey: NOW - 1000 + index, ...patch }),
  );
}

describe("a play", () => {
  it("starts what may start, one after the other, and stops at its end", () => {
    expect(played(tasks(4), {}, 2.5)).toEqual([
      [0, 1, null],
      [1, 2, "capacity"],
      [2, 3, "capacity"],
      [null, null, "capacity"],
    ]);
    expect(played([])).toEqual([]);
  });

  it("waits for hours, for other tasks and for the time that was asked for", () => {
    const rules = rulesOf({
      quota: quotaOf(1, 1),
      hours: hoursOf({ nights: [nightOf(23 * 60, 24 * 60)], kindsByDay: [] }),
    });
    const afterOne = (condition: Condition): Partial<Task> => {
      return { dependsOn: [{ taskId: 1, condition }], unmetDependencies: 1 };
    };
    const queued = [
      taskOf({ id: 1 }),
      taskOf({ id: 2, ...afterOne("succeeded") }),
      taskOf({ id: 3, ...afterOne("verified") }),
    ];
    const late = taskOf({ id: 4, notBefore: NOW + 26 * HOUR });
    expect(played([...queued, late], { rules }, 40)).toEqual([
      [2, 3, "hours"],
      // It ends after the night has.
      [26, 27, "hours"],
      [26, 27, "hours"],
      [26, 27, null],
    ]);
    // A person lands, and nothing fails in a plan.
    const never = [taskOf({ id: 1 }), taskOf({ id: 2, ...afterOne("landed") })];
    expect(played(never)[1]).toEqual([null, null, "dependencies"]);
    expect(played([never[0] as Task, taskOf({ id: 2, ...afterOne("failed") })])[1]?.[0]).toBeNull();
  });

  it("takes from the windows of the provider what runs and the person use, and sees them reset", () => {
    const rules = rulesOf({ parallelMax: 9, quota: quotaOf(0.5, 0.5) });
    const quotaWindows = [windowOf({ used: 0.44, resetsAt: NOW + 4 * HOUR, observedAt: NOW })];
    const acme = windowOf({ provider: "acme", used: 0.1, resetsAt: NOW + 4 * HOUR });
    const both = [...quotaWindows, acme];
    const three = played(tasks(3), { rules, quotaWindows: both, executors: READY });
    // Nobody told what runs take: each is believed to take 5 % of a window.
    expect(three).toEqual([
      [0, 1, null],
      [0, 1, null],
      [0, 1, null],
    ]);
    const later = taskOf({ id: 4, notBefore: NOW + 2 * HOUR });
    expect(played([...tasks(3), later], { rules, quotaWindows, executors: READY })[3]).toEqual([
      4,
      5,
      "quota",
    ]);
    // Another window begins with the first that starts, and is counted again.
    const busy = { ...quotaWindows[0], used: 0.9, resetsAt: NOW - 1 } as (typeof quotaWindows)[0];
    const many = played(tasks(30), { rules, quotaWindows: [busy], executors: READY }, 4);
    expect(many.filter(([startsAt]) => startsAt === 0).length).toBe(9);
    expect(many.filter(([startsAt]) => startsAt === null).length).toBeGreaterThan(5);
  });

  it("a window that is used up closes, one that tells nothing stays as it is", () => {
    const used = [windowOf({ used: 0.97, resetsAt: NOW + 6 * HOUR })];
    const rules = rulesOf({ parallelMax: 1, quota: quotaOf(2, 2) });
    expect(played(tasks(3), { rules, quotaWindows: used, executors: READY })[1]).toEqual([
      6,
      7,
      "quota",
    ]);
    const unknown = [
      windowOf({ used: null, resetsAt: null }),
      windowOf({ window: "odd", used: 1, resetsAt: NOW - 1 }),
    ];
    expect(played(tasks(1), { rules, quotaWindows: unknown, executors: READY })).toEqual([
      [0, 1, null],
    ]);
  });

  it("goes on where one waits for a task that is tried again: what was met stays met", () => {
    const met = { dependsOn: [{ taskId: 1, condition: "succeeded" }] } as const;
    const queued = [taskOf({ id: 1 }), taskOf({ id: 2, orderKey: 0, ...met })];
    expect(played(queued)).toEqual([
      [1, 2, "capacity"],
      [0, 1, null],
    ]);
  });

  it("starts all that may once a window that was used up is open again", () => {
    const closed = { used: 1, status: "closed", resetsAt: NOW + HOUR } as const;
    const rules = rulesOf({ parallelMax: 3, quota: quotaOf(1, 1) });
    for (const window of ["five_hour", "odd"]) {
      const quotaWindows = [windowOf({ ...closed, window })];
      const starts = played(tasks(3), { rules, quotaWindows, executors: READY });
      expect(starts.map(([startsAt]) => startsAt)).toEqual([1, 1, 1]);
    }
  });

  it("counts budgets anew with the next day and the next night", () => {
    const dollar = { usd: 1, tokens: null };
    const hours = hoursOf({ nights: [nightOf(20 * 60, 22 * 60)] });
    const spentToday = { usd: 2, tokens: 5 };
    const projects = { site: { spentToday, budget: null } };
    const spending = { tokensToday: 9, tonight: spentToday, projects };
    const of = (kind: string, budget = dollar) => {
      const budgets = { attempt: null, project: null, night: null, day: null, [kind]: budget };
      const rules = rulesOf({ quota: quotaOf(1, 1), hours, budgets });
      const site = [taskOf({ kind: "serious", project: "site" })];
      return played(site, { rules, usdToday: 2, spending })[0];
    };
    expect(of("day")?.[0]).toBe(3);
    expect(of("day", { usd: 9, tokens: 9 } as never)?.[0]).toBe(3);
    expect(of("project")?.[0]).toBe(3);
    expect(of("night")?.[0]).toBe(1);
    const rules = rulesOf({ budgets: { attempt: null, project: null, night: null, day: dollar } });
    expect(played(tasks(1), { rules, usdToday: 2 })[0]?.[0]).toBe(3);
  });

  it("does not stay at a moment that has passed, nor look every few seconds at what stays as it is", () => {
    const passed = { ready: false, reason: "gone", nextCheckAt: NOW - HOUR } as const;
    const executors = { ...READY, other: passed };
    const late = taskOf({ id: 2, notBefore: NOW + 9 * HOUR });
    expect(played([taskOf({ id: 1, executor: "other" }), late], { executors })).toEqual([
      [null, null, "executor-ready"],
      [9, 10, null],
    ]);
    const rules = rulesOf({ memoryFreeMinBytes: 2 });
    const looked = { now: 0 };
    const snapshot = snapshotOf({ rules, memoryFreeBytes: 1 });
    const counting = new Proxy(snapshot, {
      get: (all, name) => {
        if (name === "memoryFreeBytes") looked.now += 1;
        return Reflect.get(all, name) as unknown;
      },
    });
    playOnce({ snapshot: counting, queued: tasks(1), until: NOW + 12 * HOUR, draw: () => 0.5 });
    expect(looked.now).toBeLessThan(10);
  });

  it("counts what runs already: what ran longer than such runs do ends soon", () => {
    const run: RunningTask = {
      id: 99,
      project: null,
      kind: "thought",
      executor: "claude-code",
      model: null,
      admittedAt: NOW - HOUR / 2,
    };
    const of = (admittedAt: number) =>
      played(tasks(1), { running: [{ ...run, admittedAt }], executors: READY })[0];
    expect(of(NOW - HOUR / 60)).toEqual([1, 2, "capacity"]);
    expect(of(NOW - 20 * HOUR)).toEqual([0, 1, "capacity"]);
    // One of an executor that is not here any more is counted by nobody.
    const gone = { ...run, executor: "gone" };
    const quotaWindows = [windowOf({ used: 0.1, resetsAt: NOW + 9 * HOUR })];
    expect(played(tasks(1), { running: [gone], executors: READY, quotaWindows })[0]?.[1]).toBe(1);
  });
});

const READY: Snapshot["executors"] = { "claude-code": { ready: true, provider: "claude" } };

describe("an outlook", () => {
  const rules = rulesOf({ parallelMax: 1, quota: quotaOf(1, 1) });
  const snapshot = snapshotOf({ rules, forecast: HOURLY });

  it("says when a task starts and ends in half and in nine of ten plays, and is the same again", () => {
    const play = { snapshot, queued: tasks(3), until: NOW + 4 * HOUR };
    const [first, second, third] = outlookOf(play);
    expect(first?.starts).toEqual({ p50: NOW, p90: NOW });
    expect(second?.starts.p50).toBeGreaterThan(NOW + 50 * MINUTE);
    expect(second?.starts.p90).toBeGreaterThan(second?.starts.p50 ?? Infinity);
    expect([first?.chance, third?.chance]).toEqual([1, 1]);
    expect(outlookOf(play)).toEqual([first, second, third]);
  });

  it("says what held a task most often that did not start", () => {
    const nothing = { ...snapshot, admission: { mode: "paused", until: null, by: "ann" } as const };
    const [only] = outlookOf({ snapshot: nothing, queued: tasks(1), until: NOW + HOUR }, 3);
    expect(only).toEqual({
      taskId: 1,
      starts: { p50: null, p90: null },
      ends: { p50: null, p90: null },
      chance: 0,
      hold: expect.objectContaining({ policy: "paused" }) as object,
    });
  });

  it("knows the chance of what may or may not fit", () => {
    const outlooks = outlookOf({ snapshot, queued: tasks(8), until: NOW + 4.2 * HOUR }, 101);
    const chances = outlooks.map(({ chance }) => chance);
    expect(chances[0]).toBe(1);
    expect(chances[7]).toBe(0);
    expect(chances).toEqual(chances.toSorted((a, b) => b - a));
  });
});
