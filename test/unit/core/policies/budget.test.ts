import { describe, expect, it } from "vitest";
import { type BudgetRules, NO_BUDGETS, type Spending } from "../../../../src/core/budget.ts";
import { budget } from "../../../../src/core/policies/budget.ts";
import { hoursOf } from "../../../../src/testing/admission-rules.ts";
import { HOUR, NOW, rulesOf, snapshotOf, taskOf } from "../samples.ts";

const usd = (amount: number) => ({ usd: amount, tokens: null });
const spent = (amount: number, tokens = 0) => ({ usd: amount, tokens });
const NOTHING: Spending = { tokensToday: 0, tonight: null, projects: {} };

describe("budget of the day", () => {
  const judge = (usdToday: number, tokensToday: number, day: BudgetRules["day"]) =>
    budget(
      taskOf(),
      snapshotOf({
        usdToday,
        spending: { ...NOTHING, tokensToday },
        rules: rulesOf({ budgets: { ...NO_BUDGETS, day } }),
      }),
    );

  it("holds once the day's money or tokens are spent, until the next day", () => {
    expect(judge(9.999, 0, usd(10))).toBeNull();
    expect(judge(10, 0, usd(10))).toEqual({
      policy: "budget",
      reason:
        "10.00 of 10.00 US dollars of today's budget are spent; the next day begins at 2026-11-25T00:00:00Z.",
      nextCheckAt: NOW + 3 * HOUR,
    });
    expect(judge(0, 499, { usd: 10, tokens: 500 })).toBeNull();
    expect(judge(0, 500, { usd: 10, tokens: 500 })?.reason).toBe(
      "0.00 of 10.00 US dollars and 500 of 500 tokens of today's budget are spent; the next day begins at 2026-11-25T00:00:00Z.",
    );
  });

  it("knows no limit when none is set, and no tokens where nobody counts them", () => {
    expect(judge(1e9, 1e9, null)).toBeNull();
    const rules = rulesOf({ budgets: { ...NO_BUDGETS, day: { usd: null, tokens: 1 } } });
    expect(budget(taskOf(), snapshotOf({ rules }))).toBeNull();
  });
});

describe("budget of a night", () => {
  const night = rulesOf({ budgets: { ...NO_BUDGETS, night: usd(3) } });
  const judge = (tonight: Spending["tonight"], now = NOW + 2 * HOUR, rules = night) =>
    budget(taskOf(), snapshotOf({ now, rules, spending: { ...NOTHING, tonight } }));

  it("holds once what was spent tonight is as much, until the morning", () => {
    expect(judge(spent(2.99))).toBeNull();
    expect(judge(spent(3))).toEqual({
      policy: "budget",
      reason:
        "3.00 of 3.00 US dollars of tonight's budget are spent; the night ends at 2026-11-25T07:00:00Z.",
      nextCheckAt: NOW + 10 * HOUR,
    });
  });

  it("holds nothing by day, and nothing where nobody counts", () => {
    expect(judge(null, NOW)).toBeNull();
    expect(budget(taskOf(), snapshotOf({ rules: night }))).toBeNull();
  });

  it("holds for good in a night without an end", () => {
    const always = { days: [0, 1, 2, 3, 4, 5, 6], startMinute: 0, endMinute: 1440 };
    const hours = hoursOf({ nights: [always] });
    expect(judge(spent(3), NOW, { ...night, hours })).toMatchObject({
      reason: "3.00 of 3.00 US dollars of tonight's budget are spent; no day follows.",
      nextCheckAt: null,
    });
  });
});

describe("budget of a project", () => {
  const judge = (
    project: string | null,
    own: BudgetRules["project"],
    forAll: BudgetRules["project"] = null,
  ) =>
    budget(
      taskOf({ project }),
      snapshotOf({
        rules: rulesOf({ budgets: { ...NO_BUDGETS, project: forAll } }),
        spending: { ...NOTHING, projects: { web: { spentToday: spent(2, 50), budget: own } } },
      }),
    );

  it("holds its tasks alone, until the next day", () => {
    expect(judge("web", usd(2))).toEqual({
      policy: "budget",
      reason:
        "2.00 of 2.00 US dollars of the budget of project web for today are spent; the next day begins at 2026-11-25T00:00:00Z.",
      nextCheckAt: NOW + 3 * HOUR,
    });
    expect(judge("api", usd(2))).toBeNull();
    expect(judge("toString", usd(2))).toBeNull();
    expect(judge(null, usd(2))).toBeNull();
  });

  it("goes before the one for all projects", () => {
    expect(judge("web", null)).toBeNull();
    expect(judge("web", null, { usd: null, tokens: 50 })?.reason).toContain("50 of 50 tokens");
    expect(judge("web", usd(3), usd(2))).toBeNull();
  });

  it("holds nothing where nobody counts", () => {
    const rules = rulesOf({ budgets: { ...NO_BUDGETS, project: usd(1) } });
    expect(budget(taskOf({ project: "web" }), snapshotOf({ rules }))).toBeNull();
  });
});

it("a task's own budget is a person's to raise", () => {
  const task = taskOf({ budget: usd(2), spent: spent(2.5) });
  expect(budget(task, snapshotOf())).toEqual({
    policy: "budget",
    reason:
      "2.50 of 2.00 US dollars of its budget are spent; raise it with `sle retry 7 --budget AMOUNT`.",
    nextCheckAt: null,
  });
  expect(budget({ ...task, spent: spent(1.99) }, snapshotOf())).toBeNull();
});
