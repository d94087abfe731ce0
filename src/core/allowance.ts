import { type Budget, isSpent, leftOf, NOTHING_SPENT, type Spent } from "./budget.ts";
import { spentWords } from "./budget-text.ts";
import type { Outcome } from "./outcome.ts";
import { budgetsOf, type DrawnBudget } from "./policies/budget.ts";

/** Every budget that an attempt draws on while it runs: those of its task, and that of a single attempt. */
export function allowancesOf(...asked: Parameters<typeof budgetsOf>): readonly DrawnBudget[] {
  const { attempt } = asked[1].rules.budgets;
  const own = {
    name: "the budget of an attempt",
    spent: NOTHING_SPENT,
    until: null,
    relief: "`budgets.attempt` sets it",
  };
  return [...budgetsOf(...asked), ...(attempt === null ? [] : [{ ...own, budget: attempt }])];
}

/** What is left for an attempt that has not used anything yet; null where there is no budget of that kind. */
export function leftFor(allowances: readonly DrawnBudget[]): Budget {
  const lefts = allowances.map(({ budget, spent }) => leftOf(budget, spent));
  return {
    usd: least(lefts.map(({ usd }) => usd)),
    tokens: least(lefts.map((each) => each.tokens)),
  };
}

/**
 * How an attempt that has `used` so much ends because a budget is spent by it; null when none is. A
 * budget that is counted anew by itself parks the task until then, any other is a person's to raise.
 */
export function overdraft(allowances: readonly DrawnBudget[], used: Spent): Outcome | null {
  const spent = allowances.find((each) => isSpent(each.budget, sumOf(each.spent, used)));
  return spent === undefined ? null : outcomeOf(spent, used);
}

/** The same for an agent that says that its dollars are spent, even if by our count some are left. */
export function endedByAgent(allowances: readonly DrawnBudget[], used: Spent): Outcome {
  const usd = leftFor(allowances).usd ?? 0;
  const spent = allowances.find((each) =>
    isSpent(each.budget, sumOf(each.spent, { ...used, usd })),
  );
  if (spent !== undefined) return overdraft(allowances, used) ?? outcomeOf(spent, used);
  const message = "The agent says that its budget is spent.";
  return { type: "failed", failure: "budget", message, retryAt: null };
}

function outcomeOf({ name, budget, spent, until }: DrawnBudget, used: Spent): Outcome {
  const words = spentWords(budget, sumOf(spent, used));
  const message = `The attempt was ended: ${words} of ${name} are spent.`;
  return until === null
    ? { type: "failed", failure: "budget", message, retryAt: null }
    : { type: "snoozed", until, failure: "budget", message };
}

function sumOf(one: Spent, other: Spent): Spent {
  return { usd: one.usd + other.usd, tokens: one.tokens + other.tokens };
}

function least(amounts: readonly (number | null)[]): number | null {
  const known = amounts.filter((each) => each !== null);
  return known.length === 0 ? null : Math.min(...known);
}
