import { describe, expect, it } from "vitest";
import { learn } from "../../../../src/core/forecast/forecast.ts";
import { learnRuns } from "../../../../src/core/forecast/runs.ts";
import type { HourOfUse } from "../../../../src/core/forecast/history.ts";
import type { RunningTask, Snapshot } from "../../../../src/core/hold.ts";
import { yielding } from "../../../../src/core/policies/held-back.ts";
import { quota } from "../../../../src/core/policies/quota.ts";
import type { QuotaWindow } from "../../../../src/core/quota.ts";
import { quotaOf } from "../../../../src/testing/admission-rules.ts";
import { HOUR, MINUTE, NOW, rulesOf, snapshotOf, taskOf, windowOf } from "../samples.ts";

const RULES = rulesOf({ quota: quotaOf(1, 1, { care: 2 }) });
const RUN: RunningTask = {
  id: 7,
  project: null,
  kind: "thought",
  executor: "claude-code",
  model: null,
  admittedAt: NOW - MINUTE,
};

/** A person who on each of the last four weeks used so much in each hour from 20:00 to 24:00. */
function evenings(perHour: number, window = "five_hour"): Snapshot["forecast"] {
  const midnight = NOW - 21 * HOUR;
  const hours: HourOfUse[] = [];
  for (let day = 1; day <= 28; day += 1) {
    for (let hour = 0; hour < 24; hour += 1) {
      hours.push({
        provider: "claude",
        window,
        hourAt: midnight - day * 24 * HOUR + hour * HOUR,
        seenMs: HOUR,
        used: hour >= 20 ? perHour : 0,
      });
    }
  }
  return learn({ hours, runs: [] }, "UTC", { "claude-code": "claude" });
}

function judge(window: Partial<QuotaWindow>, patch: Partial<Snapshot> = {}, task = taskOf()) {
  const base = { rules: RULES, quotaWindows: [windowOf(window)], forecast: evenings(0.2) };
  return quota(task, snapshotOf({ ...base, ...patch }));
}

describe("what the person will need is held back", () => {
  it("and the hold says how much of what", () => {
    expect(judge({ used: 0.05 })).toBeNull();
    const hold = judge({ used: 0.55 });
    expect(hold?.reason).toMatch(
      /^The five_hour window of claude is used to 55 %, you may need [56]\d(\.\d)? % until 2026-11-24T23:00:00Z, this task 2\d(\.\d)? %; it resets at 2026-11-24T23:00:00Z\.$/u,
    );
    expect(hold?.nextCheckAt).toBe(NOW + 15 * MINUTE);
    expect(judge({ used: 0.55, resetsAt: NOW + 5 * MINUTE, status: "open" })).toBeNull();
  });

  it("but not when the settings say so, nor of a person who sleeps", () => {
    expect(judge({ used: 0.55 }, { rules: rulesOf({ quota: quotaOf(1, 1) }) })).toBeNull();
    expect(judge({ used: 0.55 }, { forecast: evenings(0) })).toBeNull();
  });

  it("with what runs already, of the same provider", () => {
    const running = [RUN];
    const forecast = evenings(0);
    expect(judge({ used: 0.5 }, { forecast })).toBeNull();
    expect(judge({ used: 0.5 }, { forecast, running })?.reason).toContain("what runs may take 2");
    const other = [{ ...RUN, executor: "command" }];
    expect(judge({ used: 0.5 }, { forecast, running: other })).toBeNull();
    // One that runs for long is nearly done.
    const old = [{ ...RUN, admittedAt: NOW - 9 * HOUR }];
    expect(judge({ used: 0.5 }, { forecast, running: old })).toBeNull();
    // Nor does one that began by a clock since set back take more than all of it.
    const ahead = [{ ...RUN, admittedAt: NOW + 24 * HOUR }];
    expect(judge({ used: 0.1 }, { forecast, running: ahead })).toBeNull();
  });

  it("together with a reserve", () => {
    const reserves = [{ share: 0.5, days: [0, 1, 2, 3, 4, 5, 6], minute: 22 * 60 }];
    const rules = rulesOf({ quota: quotaOf(1, 1, { care: 2, reserves }) });
    const hold = judge({ used: 0.45 }, { rules, forecast: evenings(0) });
    expect(hold?.reason).toContain("50 % are kept free for then");
    // A time of the day is no matter of a window of days.
    const week = { window: "seven_day", used: 0.3, resetsAt: NOW + 30 * HOUR };
    expect(judge(week, { rules })).toBeNull();
  });

  it("of a window that only begins with the task", () => {
    const ended = { used: 0.9, resetsAt: NOW - 1 };
    expect(judge(ended, { forecast: evenings(0.05) })).toBeNull();
    const heavy = judge(ended, { forecast: evenings(0.5) });
    expect(heavy?.reason).toContain("is used to 0 %, you may need 2");
    // Of days, the first task begins one: the sooner it begins, the sooner there is another.
    const days = { ...ended, window: "seven_day" };
    const forecast = evenings(0.1, "seven_day");
    expect(judge(days, { forecast })).toBeNull();
    expect(judge(days, { forecast, running: [RUN] })?.reason).toContain("seven_day");
    expect(judge({ ...ended, window: "odd" }, { forecast: evenings(0.5) })).toBeNull();
    const never = rulesOf({ quota: quotaOf(0, 1) });
    expect(judge(ended, { rules: never })?.reason).toContain("the day threshold is 0 %");
  });
});

it("a window of one model is no matter of tasks that name another", () => {
  const window = { window: "seven_day_opus", status: "closed" } as const;
  const modelOf = (model: string | null) => judge(window, {}, taskOf({ model }));
  expect(modelOf("claude-opus-4-7")).not.toBeNull();
  expect(modelOf(null)).not.toBeNull();
  expect(modelOf("sonnet")).toBeNull();
});

describe("what runs gives way", () => {
  const snapshot = (used: number | null, patch: Partial<Snapshot> = {}): Snapshot => {
    const quotaWindows = [windowOf({ used })];
    const base = { rules: RULES, forecast: evenings(0.2), running: [RUN], quotaWindows };
    return snapshotOf({ ...base, ...patch });
  };

  it("when what the person needs no longer fits, the newest first", () => {
    expect(yielding(snapshot(0.4))).toBeNull();
    const running = [RUN, { ...RUN, id: 9 }, { ...RUN, id: 8, admittedAt: NOW - HOUR }];
    expect(yielding(snapshot(0.7, { running }))).toEqual({
      taskId: 9,
      reason: expect.stringMatching(/used to 70 %, you may need \d+(\.\d)? % until /u) as string,
    });
  });

  it.for([3, 1.3])("never at once after a start, with a care of %f", (care) => {
    // Such tasks take hardly anything, so that between start and giving way there is no room.
    const runs = Array.from({ length: 50 }, (_, index) => ({
      ...RUN,
      startedAt: NOW - (index + 30) * HOUR,
      endedAt: NOW - (index + 30) * HOUR + MINUTE,
      usd: 0.0001,
    }));
    const forecast = { ...evenings(0.2), runs: learnRuns(runs) };
    const rules = rulesOf({ quota: quotaOf(1, 1, { care }) });
    const loops = Array.from({ length: 100 }, (_, used) => used / 100).filter(
      (used) =>
        judge({ used }, { rules, forecast }) === null &&
        yielding(snapshot(used, { rules, forecast })) !== null,
    );
    expect(loops).toEqual([]);
  });

  it("but not for a window of another model", () => {
    const running = [{ ...RUN, model: "sonnet" }];
    const days = windowOf({ window: "seven_day_opus", used: 0.999, resetsAt: NOW + 99 * HOUR });
    const quotaWindows = [days];
    expect(yielding(snapshot(0, { running, quotaWindows }))).toBeNull();
    expect(yielding(snapshot(0, { quotaWindows }))?.taskId).toBe(7);
  });

  it("but never for nothing", () => {
    expect(yielding(snapshot(null))).toBeNull();
    expect(yielding(snapshot(0.99, { running: [] }))).toBeNull();
    expect(yielding(snapshot(0.99, { running: [{ ...RUN, executor: "command" }] }))).toBeNull();
    expect(yielding(snapshot(0.99, { forecast: evenings(0) }))).toBeNull();
    expect(yielding(snapshot(0.99, { rules: rulesOf({ quota: quotaOf(1, 1) }) }))).toBeNull();
    const ended = [windowOf({ used: 0.99, resetsAt: NOW }), windowOf({ resetsAt: null })];
    expect(yielding(snapshot(0, { quotaWindows: ended }))).toBeNull();
  });
});
