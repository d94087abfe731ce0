import { describe, expect, it } from "vitest";
import type { Snapshot } from "../../../../src/core/hold.ts";
import { quota } from "../../../../src/core/policies/quota.ts";
import type { QuotaWindow } from "../../../../src/core/quota.ts";
import { hoursOf, quotaOf } from "../../../../src/testing/admission-rules.ts";
import { HOUR, MINUTE, NOW, rulesOf, snapshotOf, taskOf, windowOf } from "../samples.ts";

// By day at NOW (21:00), the night begins an hour later; thresholds 80 % and 95 %.
function judge(window: Partial<QuotaWindow>, snapshot: Partial<Snapshot> = {}) {
  return quota(taskOf(), snapshotOf({ quotaWindows: [windowOf(window)], ...snapshot }));
}

it("lets tasks start while nothing is known, used up or closed", () => {
  expect(quota(taskOf(), snapshotOf())).toBeNull();
  expect(judge({ used: null })).toBeNull();
  expect(judge({ used: 0.79 })).toBeNull();
});

it("never takes unknown use for a number, not even against a threshold of nothing", () => {
  const rules = rulesOf({ quota: quotaOf(0, 0) });
  expect(judge({ used: null }, { rules })).toBeNull();
  expect(judge({ used: 0 }, { rules })).not.toBeNull();
});

it("holds a closed window until its reset, whatever is used", () => {
  const hold = {
    policy: "quota",
    reason: "The five_hour window of claude is used up; it resets at 2026-11-24T23:00:00Z.",
    nextCheckAt: NOW + 2 * HOUR,
  };
  expect(judge({ status: "closed" })).toEqual(hold);
  expect(judge({ status: "closed", used: 0.1 })).toEqual(hold);
});

it("holds a closed window without a reset for a quarter of an hour after it was seen", () => {
  const closed = { status: "closed", resetsAt: null } as const;
  expect(judge({ ...closed, observedAt: NOW - MINUTE })).toEqual({
    policy: "quota",
    reason:
      "The five_hour window of claude is used up; its reset is unknown, the next try is at 2026-11-24T21:14:00Z.",
    nextCheckAt: NOW + 14 * MINUTE,
  });
  expect(judge({ ...closed, observedAt: NOW - 16 * MINUTE })).toBeNull();
});

it("holds nothing on what was seen by a clock that was ahead", () => {
  const closed = { status: "closed", resetsAt: null } as const;
  expect(judge({ ...closed, observedAt: NOW + HOUR })).toBeNull();
  expect(judge({ ...closed, observedAt: NOW })).not.toBeNull();
});

it("takes a window whose reset has passed for no word on now", () => {
  expect(judge({ status: "closed", resetsAt: NOW - MINUTE })).toBeNull();
  expect(judge({ status: "closed", resetsAt: NOW + 1 })).not.toBeNull();
  expect(judge({ used: 1, resetsAt: NOW - 1 })).toBeNull();
});

it("holds at the threshold of the day until the night raises it", () => {
  expect(judge({ used: 0.8 })).toEqual({
    policy: "quota",
    reason:
      "The five_hour window of claude is used to 80 %, the day threshold is 80 %; from 2026-11-24T22:00:00Z it is 95 %.",
    nextCheckAt: NOW + HOUR,
  });
});

it("holds until the reset when that comes before the night, or the night changes nothing", () => {
  const until = (window: Partial<QuotaWindow>) => judge(window)?.nextCheckAt;
  expect(until({ used: 0.9, resetsAt: NOW + MINUTE })).toBe(NOW + MINUTE);
  expect(until({ used: 0.95 })).toBe(NOW + 2 * HOUR);
  expect(until({ used: 0.9499 })).toBe(NOW + HOUR);
  expect(judge({ used: 0.9, resetsAt: NOW + HOUR })?.reason).toBe(
    "The five_hour window of claude is used to 90 %, the day threshold is 80 %; it resets at 2026-11-24T22:00:00Z.",
  );
});

it("holds at the threshold of the night by night", () => {
  const now = NOW + HOUR;
  expect(judge({ used: 0.94 }, { now })).toBeNull();
  expect(judge({ used: 0.96 }, { now })).toEqual({
    policy: "quota",
    reason:
      "The five_hour window of claude is used to 96 %, the night threshold is 95 %; it resets at 2026-11-24T23:00:00Z.",
    nextCheckAt: NOW + 2 * HOUR,
  });
});

it("waits for the day when the day's threshold is the higher one", () => {
  const rules = rulesOf({ quota: quotaOf(0.9, 0.5) });
  const late = { used: 0.6, resetsAt: NOW + 24 * HOUR };
  expect(judge(late, { now: NOW + HOUR, rules })).toEqual({
    policy: "quota",
    reason:
      "The five_hour window of claude is used to 60 %, the night threshold is 50 %; from 2026-11-25T07:00:00Z it is 90 %.",
    nextCheckAt: NOW + 10 * HOUR,
  });
});

it("holds until the reset when it is never night", () => {
  const hours = hoursOf({ nights: [] });
  expect(judge({ used: 0.9 }, { rules: rulesOf({ hours }) })?.nextCheckAt).toBe(NOW + 2 * HOUR);
});

it("holds a used window without a reset for as long as its observation counts", () => {
  expect(judge({ used: 0.99, resetsAt: null, observedAt: NOW })).toEqual({
    policy: "quota",
    reason:
      "The five_hour window of claude is used to 99 %, the day threshold is 80 %; its reset is unknown, the next try is at 2026-11-24T21:15:00Z.",
    nextCheckAt: NOW + 15 * MINUTE,
  });
});

it("judges single windows by thresholds of their own, of which the one with the provider comes first", () => {
  const windows = {
    five_hour: { day: 0.3, night: 0.4 },
    "claude/five_hour": { night: 0.5 },
    seven_day: { day: 0.9 },
  };
  const rules = rulesOf({ quota: quotaOf(0.8, 0.95, { windows }) });
  const held = (window: Partial<QuotaWindow>, now = NOW) => judge(window, { rules, now }) !== null;
  expect([held({ used: 0.29 }), held({ used: 0.3 })]).toEqual([false, true]);
  const night = NOW + HOUR;
  expect([held({ used: 0.49 }, night), held({ used: 0.5 }, night)]).toEqual([false, true]);
  const week = { window: "seven_day", resetsAt: NOW + 48 * HOUR };
  expect([held({ ...week, used: 0.89 }), held({ ...week, used: 0.9 })]).toEqual([false, true]);
  expect(held({ ...week, used: 0.94 }, night)).toBe(false);
  expect(held({ window: "constructor", used: 0.79 })).toBe(false);
});

describe("what is kept free", () => {
  // NOW is a Tuesday, 21:00; the next morning is a Wednesday.
  const morning = { share: 0.3, days: [2], minute: 8 * 60 };
  const rules = rulesOf({ quota: quotaOf(1, 1, { reserves: [morning] }) });
  const at = (window: Partial<QuotaWindow>) => judge(window, { rules });
  const late = { resetsAt: NOW + 12 * HOUR };

  it("is not touched while the window is the one that counts then", () => {
    expect(at({ ...late, used: 0.69 })).toBeNull();
    expect(at({ ...late, used: 0.7 })).toEqual({
      policy: "quota",
      reason:
        "The five_hour window of claude is used to 70 %, 30 % of it are kept free for 2026-11-25T08:00:00Z; it resets at 2026-11-25T09:00:00Z.",
      nextCheckAt: NOW + 11 * HOUR,
    });
  });

  it("is no matter of a window that is counted anew before, nor of one of unknown use", () => {
    expect(at({ used: 0.99, resetsAt: NOW + 11 * HOUR })).toBeNull();
    expect(at({ ...late, used: null })).toBeNull();
  });

  it("is kept of a window whose reset is unknown", () => {
    const hold = at({ used: 0.8, resetsAt: null, observedAt: NOW });
    expect(hold?.nextCheckAt).toBe(NOW + 15 * MINUTE);
  });

  it("is no matter of days that are not among its own, and of several the last one holds", () => {
    const reserves = [
      { ...morning, days: [] },
      { ...morning, days: [3] },
      morning,
      { ...morning, share: 0.01 },
    ];
    const several = rulesOf({ quota: quotaOf(1, 1, { reserves }) });
    const long = { window: "odd", used: 0.75, resetsAt: NOW + 96 * HOUR };
    expect(judge(long, { rules: several })?.nextCheckAt).toBe(NOW + 35 * HOUR);
    // What is to be free at a time of the day is no matter of a window of days.
    expect(judge({ ...long, window: "seven_day" }, { rules: several })).toBeNull();
  });

  it("holds longer than a threshold that falls away before", () => {
    const both = rulesOf({ quota: quotaOf(0.5, 1, { reserves: [morning] }) });
    expect(judge({ ...late, used: 0.8 }, { rules: both })?.nextCheckAt).toBe(NOW + 11 * HOUR);
    expect(judge({ ...late, used: 0.6 }, { rules: both })?.nextCheckAt).toBe(NOW + HOUR);
  });
});

it("shows tenths of a percent, cut, and not what binary fractions make of them", () => {
  expect(judge({ used: 0.8199999 })?.reason).toContain("is used to 81.9 %");
  expect(judge({ used: 0.57 + 0.29 })?.reason).toContain("is used to 86 %");
  expect(judge({ used: 1.253 })?.reason).toContain("is used to 125.3 %");
});

it("tells of the window that holds longest", () => {
  const windows = [
    windowOf({ window: "five_hour", status: "closed", resetsAt: NOW + HOUR }),
    windowOf({ window: "seven_day", status: "closed", resetsAt: NOW + 48 * HOUR }),
    windowOf({ window: "one_day", status: "closed", resetsAt: NOW + 9 * HOUR }),
    windowOf({ window: "open", used: 0 }),
  ];
  for (const quotaWindows of [windows, windows.toReversed()]) {
    expect(quota(taskOf(), snapshotOf({ quotaWindows }))?.nextCheckAt).toBe(NOW + 48 * HOUR);
  }
});

it("judges by the provider of the task's executor only", () => {
  const quotaWindows = [windowOf({ status: "closed" })];
  const executors = {
    "claude-code": { ready: true, provider: "claude" },
    command: { ready: true, provider: null },
    codex: { ready: true, provider: "openai" },
    broken: { ready: false, reason: "It is gone.", nextCheckAt: null },
  } as const;
  const held = (executor: string | null) =>
    quota(taskOf({ executor }), snapshotOf({ quotaWindows, executors })) !== null;
  expect(held(null)).toBe(true);
  expect(held("claude-code")).toBe(true);
  expect(held("command")).toBe(false);
  expect(held("codex")).toBe(false);
  expect(held("broken")).toBe(false);
  expect(held("missing")).toBe(false);
});

describe("a closed window that should be open again", () => {
  const closed = { status: "closed", resetsAt: NOW } as const;
  const at = (ms: number, running: Snapshot["running"] = []) =>
    judge(closed, { now: NOW + ms, running });
  const run = {
    id: 1,
    project: null,
    kind: "thought",
    executor: "claude-code",
    model: null,
    admittedAt: NOW,
  } as const;

  it("waits a moment for the provider to say so, then lets one task try", () => {
    expect(at(0)).toEqual({
      policy: "quota",
      reason:
        "The five_hour window of claude was used up until 2026-11-24T21:00:00Z; whether it is open again is not known yet, the provider is asked.",
      nextCheckAt: NOW + 3000,
    });
    expect(at(3000)).toBeNull();
    expect(at(3000, [run])).toMatchObject({ nextCheckAt: NOW + 18_000 });
    expect(at(3000, [run])?.reason).toContain("one task tries");
  });

  it("is an open one as soon as it was seen open", () => {
    expect(judge({ used: 0.1, resetsAt: NOW + 5 * HOUR }, { running: [run] })).toBeNull();
  });
});
