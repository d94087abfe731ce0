import { describe, expect, it } from "vitest";
import { observe, type KnownWindow } from "../../../src/core/observation.ts";
import type { QuotaWindow } from "../../../src/core/quota.ts";
import { NOW, windowOf } from "./samples.ts";

function known(
  patch: Partial<QuotaWindow>,
  toldUsed: number | null = patch.used ?? null,
): KnownWindow {
  return { window: windowOf(patch), toldUsed };
}

function told(before: KnownWindow | null, seen: Partial<QuotaWindow>): readonly string[] | null {
  return observe(before, windowOf(seen))?.events.map(({ type }) => type) ?? null;
}

describe("a look at a quota window", () => {
  it("is told the first time, with its facts", () => {
    const seen = windowOf({ used: 0.5 });
    expect(observe(null, seen)).toEqual({
      known: { window: seen, toldUsed: 0.5 },
      events: [
        {
          type: "quota.observed",
          at: seen.observedAt,
          taskId: null,
          attempt: null,
          data: {
            provider: "claude",
            window: "five_hour",
            used: 0.5,
            resetsAt: seen.resetsAt,
            status: "open",
            source: "observed",
          },
        },
      ],
    });
  });

  it("changes nothing when something newer is known", () => {
    expect(told(known({ observedAt: NOW }), { observedAt: NOW - 1, used: 1 })).toBeNull();
    expect(told(known({ observedAt: NOW }), { observedAt: NOW, used: 1 })).not.toBeNull();
  });

  it("counts all the same when what is known is of a clock that was far ahead", () => {
    expect(told(known({ observedAt: NOW + 60 * 60_000 }), { observedAt: NOW })).not.toBeNull();
    expect(told(known({ observedAt: NOW + 15 * 60_000 }), { observedAt: NOW })).toBeNull();
  });

  it.for([
    { used: Number.NaN },
    { used: Infinity },
    { used: -0.1 },
    { resetsAt: 1e300 },
    { resetsAt: Number.NaN },
    { resetsAt: -1 },
    { resetsAt: NOW + 400 * 86_400_000 },
  ])("knows nothing by a number that no window can have: %o", (nonsense) => {
    const [name] = Object.keys(nonsense) as [string];
    const seen = windowOf({ used: 0.5, ...nonsense });
    expect(observe(null, seen)?.known.window).toEqual({ ...seen, [name]: null });
  });

  it("is told when the share moved by a point since it was last told", () => {
    expect(told(known({ used: 0.28 }), { used: 0.29 })).toEqual(["quota.observed"]);
    expect(told(known({ used: 0.28 }), { used: 0.27 })).toEqual(["quota.observed"]);
    expect(told(known({ used: 0.28 }), { used: 0.289 })).toEqual([]);
    // Small steps add up.
    expect(told(known({ used: 0.289 }, 0.28), { used: 0.29 })).toEqual(["quota.observed"]);
  });

  it("keeps what was told last when it is not told itself", () => {
    const seen = windowOf({ used: 0.285 });
    expect(observe(known({ used: 0.28 }), seen)).toEqual({
      known: { window: seen, toldUsed: 0.28 },
      events: [],
    });
  });

  it("is told when the share becomes known or unknown", () => {
    expect(told(known({ used: null }), { used: 0.1 })).toEqual(["quota.observed"]);
    expect(told(known({ used: 0.1 }), { used: null })).toEqual(["quota.observed"]);
    expect(told(known({ used: null }), { used: null })).toEqual([]);
    // Unknown is never taken for zero.
    expect(told(known({ used: null }), { used: 0 })).toEqual(["quota.observed"]);
    expect(told(known({ used: 0 }), { used: null })).toEqual(["quota.observed"]);
  });

  it("never opens a closed window before its reset, whoever else says so", () => {
    const closed = { status: "closed", used: 1 } as const;
    const reset = windowOf({}).resetsAt ?? 0;
    expect(told(known(closed), { used: 0.4 })).toBeNull();
    expect(told(known(closed), { used: 0.4, observedAt: reset - 1 })).toBeNull();
    expect(told(known(closed), { used: 0.4, resetsAt: reset + 9 })).toBeNull();
  });

  it("is told when the window closes, once, and when it opens", () => {
    const closed = { status: "closed", used: 1 } as const;
    expect(told(null, closed)).toEqual(["quota.observed", "quota.closed"]);
    expect(told(known({ used: 1 }), closed)).toEqual(["quota.observed", "quota.closed"]);
    expect(told(known(closed), closed)).toEqual([]);
    const reset = windowOf({}).resetsAt ?? 0;
    expect(told(known(closed), { used: 0, observedAt: reset })).toEqual(["quota.observed"]);
    expect(told(known({ ...closed, resetsAt: null }), { used: 1 })).toEqual(["quota.observed"]);
    expect(told(known(closed), { ...closed, used: 0.5 })).toEqual(["quota.observed"]);
  });
});

describe("an alert", () => {
  const LEVELS = [0.8, 0.5, 0.95];
  const alerts = (before: KnownWindow | null, seen: Partial<QuotaWindow>): readonly unknown[] => {
    const events = observe(before, windowOf(seen), LEVELS)?.events ?? [];
    return events.filter(({ type }) => type === "quota.alert").map(({ data }) => data["level"]);
  };

  it("is told once for the highest level that was passed, also within a step too small to tell", () => {
    expect(alerts(null, { used: 0.4 })).toEqual([]);
    expect(alerts(null, { used: 0.85 })).toEqual([0.8]);
    expect(alerts(known({ used: 0.499 }, 0.5), { used: 0.5 })).toEqual([0.5]);
    expect(alerts(known({ used: 0.5 }), { used: 0.7 })).toEqual([]);
    expect(alerts(known({ used: null }), { used: 0.96 })).toEqual([0.95]);
    expect(alerts(known({ used: 0.7 }), { used: null })).toEqual([]);
  });

  it("is told anew in a window that is counted anew", () => {
    const later = NOW + 9 * 3_600_000;
    expect(alerts(known({ used: 0.9 }), { used: 0.6, resetsAt: later })).toEqual([0.5]);
    // Where no reset is known a share that fell is another count.
    expect(alerts(known({ used: 0.9, resetsAt: null }), { used: 0.6, resetsAt: null })).toEqual([
      0.5,
    ]);
    expect(alerts(known({ used: 0.6, resetsAt: null }), { used: 0.6, resetsAt: null })).toEqual([]);
    const unknown = { used: null, resetsAt: null };
    expect(alerts(known(unknown), { used: 0.6, resetsAt: null })).toEqual([0.5]);
    expect(alerts(known({ used: 0.6, resetsAt: null }), unknown)).toEqual([]);
  });
});
