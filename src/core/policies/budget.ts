import { type Budget, isSpent, type ProjectSpending, type Spent } from "../budget.ts";
import { spentWords } from "../budget-text.ts";
import type { Hold, Policy, Snapshot } from "../hold.ts";
import { nextDayStart, nextHoursChange } from "../hours.ts";
import { iso } from "../iso.ts";
import type { Instant, Task } from "../task.ts";

/** Holds a task once a budget that it draws on is spent: its own, its project's, the night's or the day's. */
export const budget: Policy = (task, snapshot) => {
  const spent = budgetsOf(task, snapshot).find((each) => isSpent(each.budget, each.spent));
  return spent === undefined ? null : holdOf(spent);
};

/** One budget that a task draws on, with what is spent of it. */
export interface DrawnBudget {
  /** Follows "of": `today's budget`. */
  readonly name: string;
  readonly budget: Budget;
  readonly spent: Spent;
  /** When it is counted anew; null when only a person can raise it. */
  readonly until: Instant | null;
  /** What to do about it; follows a semicolon. */
  readonly relief: string;
}

/** Every budget that the task draws on now, its own first. */
export function budgetsOf(
  task: Pick<Task, "id" | "budget" | "spent" | "project">,
  snapshot: Pick<Snapshot, "now" | "rules" | "usdToday" | "spending">,
): readonly DrawnBudget[] {
  const { rules, now } = snapshot;
  const nextDay = nextDayStart(rules.hours.timeZone, now);
  const byDay = { until: nextDay, relief: `the next day begins at ${iso(nextDay)}` };
  return [
    ...ofTask(task),
    ...ofProject(task, snapshot, byDay),
    ...ofNight(snapshot),
    ...(rules.budgets.day === null
      ? []
      : [{ name: "today's budget", budget: rules.budgets.day, spent: today(snapshot), ...byDay }]),
  ];
}

function holdOf({ name, budget: most, spent, until, relief }: DrawnBudget): Hold {
  return {
    policy: "budget",
    reason: `${spentWords(most, spent)} of ${name} are spent; ${relief}.`,
    nextCheckAt: until,
  };
}

/** How a person raises the budget of a task; follows a semicolon. */
export function raiseWords(taskId: number): string {
  return `raise it with \`sle retry ${taskId} --budget AMOUNT\``;
}

function ofTask({ id, budget: own, spent }: Parameters<typeof budgetsOf>[0]): DrawnBudget[] {
  if (own === null) return [];
  return [{ name: "its budget", budget: own, spent, until: null, relief: raiseWords(id) }];
}

function ofProject(
  { project }: Pick<Task, "project">,
  { rules, spending }: Pick<Snapshot, "rules" | "spending">,
  byDay: Pick<DrawnBudget, "until" | "relief">,
): DrawnBudget[] {
  const known = spending?.projects;
  if (known === undefined || project === null || !Object.hasOwn(known, project)) return [];
  const { budget: own, spentToday: spent } = known[project] as ProjectSpending;
  const most = own ?? rules.budgets.project;
  if (most === null) return [];
  return [{ name: `the budget of project ${project} for today`, budget: most, spent, ...byDay }];
}

function ofNight({ rules, now, spending }: Parameters<typeof budgetsOf>[1]): DrawnBudget[] {
  const spent = spending?.tonight ?? null;
  if (rules.budgets.night === null || spent === null) return [];
  const until = nextHoursChange(rules.hours, now);
  const relief = until === null ? "no day follows" : `the night ends at ${iso(until)}`;
  return [{ name: "tonight's budget", budget: rules.budgets.night, spent, until, relief }];
}

function today({ usdToday, spending }: Parameters<typeof budgetsOf>[1]): Spent {
  return { usd: usdToday, tokens: spending?.tokensToday ?? 0 };
}
