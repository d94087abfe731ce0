import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { allowancesOf, endedByAgent, leftFor, overdraft } from "../../../src/core/allowance.ts";
import {
  type Budget,
  countedTokens,
  isSpent,
  leftOf,
  NO_BUDGETS,
  spendingSince,
} from "../../../src/core/budget.ts";
import { parseBudget, spentWords, writtenBudget } from "../../../src/core/budget-text.ts";
import { hoursOf } from "../../../src/testing/admission-rules.ts";
import { HOUR, NOW, rulesOf, snapshotOf, taskOf } from "./samples.ts";

const read = (text: string): Budget | string => {
  const parsed = parseBudget(text);
  return parsed.ok ? parsed.value : parsed.message;
};

describe("a budget as written", () => {
  it.each([
    ["2usd", { usd: 2, tokens: null }],
    [" 1.50 USD ", { usd: 1.5, tokens: null }],
    ["$3", { usd: 3, tokens: null }],
    ["4 dollars", { usd: 4, tokens: null }],
    ["300k tokens", { usd: null, tokens: 300_000 }],
    ["1.5m tok", { usd: null, tokens: 1_500_000 }],
    ["12 token", { usd: null, tokens: 12 }],
    ["300k tokens, 2usd", { usd: 2, tokens: 300_000 }],
  ] as const)("%s", (text, budget) => {
    expect(read(text)).toEqual(budget);
  });

  it.each([
    ["0usd", "leaves nothing to work with"],
    ["0 tokens", "leaves nothing to work with"],
    ["0.4 tokens", "leaves nothing to work with"],
    ["-2usd", "is less than nothing"],
    ["2usd, -3k tokens", "is less than nothing"],
    ["2", "is no budget"],
    ["300k", "is no budget"],
    ["", "is no budget"],
    ["2eur", "is no budget"],
    ["1e3usd", "is no budget"],
    ["NaN usd", "is no budget"],
    [`${"9".repeat(99)}usd`, "is no budget"],
    ["2usd, 3usd", "names one kind of budget twice"],
    ["1000001usd", "is too much"],
    ["1000001m tokens", "is too much"],
  ])("%s is refused", (text, why) => {
    expect(read(text)).toContain(`" ${why}; write for example 2usd, 300k tokens or both`);
  });

  it("shows nothing that a terminal would obey", () => {
    expect(read("\u001b[31m2usd\u0007")).not.toMatch(/\p{Cc}/u);
  });

  it("is read back as it was written", () => {
    const amount = fc.option(fc.integer({ min: 1, max: 1_000_000 }), { nil: null });
    fc.assert(
      fc.property(amount, amount, (cents, tokens) => {
        fc.pre(cents !== null || tokens !== null);
        const budget = { usd: cents === null ? null : cents / 100, tokens };
        expect(read(writtenBudget(budget))).toEqual(budget);
      }),
    );
    expect(writtenBudget({ usd: 2, tokens: 300_000 })).toBe("2usd, 300k tokens");
    expect(writtenBudget({ usd: null, tokens: 2_000_000 })).toBe("2m tokens");
    expect(writtenBudget({ usd: null, tokens: 1234 })).toBe("1234 tokens");
  });

  it("is told with what is spent of it", () => {
    const spent = { usd: 1.2, tokens: 12_000 };
    expect(spentWords({ usd: 2, tokens: null }, spent)).toBe("1.20 of 2.00 US dollars");
    expect(spentWords({ usd: 0.004, tokens: 300_000 }, { ...spent, usd: 0 })).toBe(
      "0.00 of 0.004 US dollars and 12000 of 300000 tokens",
    );
  });
});

describe("counting", () => {
  it("counts a tenth of what the cache gave back, and all else in full", () => {
    expect(countedTokens({ input: 1, output: 20, cacheRead: 1009, cacheWrite: 300 })).toBe(421);
  });

  it("is spent at the last token or cent, whichever comes first", () => {
    const budget = { usd: 2, tokens: 100 };
    expect(isSpent(budget, { usd: 1.99, tokens: 99 })).toBe(false);
    expect(isSpent(budget, { usd: 2, tokens: 0 })).toBe(true);
    expect(isSpent(budget, { usd: 0, tokens: 100 })).toBe(true);
    expect(isSpent({ usd: null, tokens: 100 }, { usd: 1e9, tokens: 0 })).toBe(false);
  });

  it("leaves nothing rather than less", () => {
    expect(leftOf({ usd: 2, tokens: 100 }, { usd: 0.5, tokens: 101 })).toEqual({
      usd: 1.5,
      tokens: 0,
    });
    expect(leftOf({ usd: null, tokens: null }, { usd: 1, tokens: 1 })).toEqual({
      usd: null,
      tokens: null,
    });
  });

  it("counts from local midnight, and from the evening while it is night", () => {
    const day = Date.parse("2026-11-24T00:00:00Z");
    expect(spendingSince(hoursOf(), NOW)).toEqual({ day, night: null });
    expect(spendingSince(hoursOf(), NOW + 2 * HOUR)).toEqual({ day, night: NOW + HOUR });
    const always = { days: [0, 1, 2, 3, 4, 5, 6], startMinute: 0, endMinute: 1440 };
    const { night } = spendingSince(hoursOf({ nights: [always] }), NOW);
    expect(night).toBeLessThan(day);
    expect(night).toBeGreaterThanOrEqual(0);
  });
});

describe("an attempt", () => {
  const usd = (amount: number) => ({ usd: amount, tokens: null });
  const budgets = { ...NO_BUDGETS, attempt: { usd: null, tokens: 1000 }, day: usd(10) };
  const snapshot = snapshotOf({ rules: rulesOf({ budgets }), usdToday: 9 });
  const allowances = allowancesOf(
    taskOf({ budget: usd(5), spent: { usd: 3, tokens: 7 } }),
    snapshot,
  );

  it("draws on the budgets of its task and on its own", () => {
    expect(allowances.map(({ name }) => name)).toEqual([
      "its budget",
      "today's budget",
      "the budget of an attempt",
    ]);
    expect(leftFor(allowances)).toEqual({ usd: 1, tokens: 1000 });
    expect(allowancesOf(taskOf(), snapshotOf())).toEqual([]);
    expect(leftFor([])).toEqual({ usd: null, tokens: null });
  });

  it("goes on while something is left of each", () => {
    expect(overdraft(allowances, { usd: 0.99, tokens: 999 })).toBeNull();
  });

  it("ends for a person to decide when its own or its task's budget is spent", () => {
    expect(overdraft(allowances, { usd: 0, tokens: 1000 })).toEqual({
      type: "failed",
      failure: "budget",
      message: "The attempt was ended: 1000 of 1000 tokens of the budget of an attempt are spent.",
      retryAt: null,
    });
    expect(overdraft(allowances, { usd: 2, tokens: 0 })).toMatchObject({
      type: "failed",
      message: "The attempt was ended: 5.00 of 5.00 US dollars of its budget are spent.",
    });
  });

  it("is parked until a budget is counted anew that comes back by itself", () => {
    expect(overdraft(allowances, { usd: 1, tokens: 0 })).toEqual({
      type: "snoozed",
      until: NOW + 3 * HOUR,
      failure: "budget",
      message: "The attempt was ended: 10.00 of 10.00 US dollars of today's budget are spent.",
    });
  });

  it("believes an agent that says that its dollars are spent, and tells what was counted", () => {
    expect(endedByAgent(allowances, { usd: 0.97, tokens: 5 })).toMatchObject({
      type: "snoozed",
      message: "The attempt was ended: 9.97 of 10.00 US dollars of today's budget are spent.",
    });
    expect(endedByAgent(allowances, { usd: 0, tokens: 1000 })).toMatchObject({
      message: "The attempt was ended: 1000 of 1000 tokens of the budget of an attempt are spent.",
    });
    expect(endedByAgent([], { usd: 0, tokens: 0 })).toEqual({
      type: "failed",
      failure: "budget",
      message: "The agent says that its budget is spent.",
      retryAt: null,
    });
  });
});
