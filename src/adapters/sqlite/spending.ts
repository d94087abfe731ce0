import type { Selectable } from "kysely";
import type { BudgetRules, ProjectSpending, SpendingSince, Spent } from "../../core/budget.ts";
import type { StoredFacts } from "../../core/hold.ts";
import type { Instant } from "../../core/task.ts";
import type { Database } from "./database.ts";
import type { ProjectTable } from "./schema.ts";
import { budgetOf } from "./task-rows.ts";

/** Tokens of some rows as budgets count them (see core's `countedTokens`). */
export const COUNTED_TOKENS = `coalesce(sum(tokens_input) + sum(tokens_output)
  + sum(tokens_cache_write) + sum(tokens_cache_read) / 10, 0)`;

type SpendingFacts = Required<Pick<StoredFacts, "usdToday" | "spending">>;

const PROJECTS = "SELECT name, budget_usd, budget_tokens FROM projects";
const SPENT = `SELECT total(usd) AS usd, ${COUNTED_TOKENS} AS tokens FROM usage_ledger WHERE at >= ?`;

/** All that was spent of shared budgets, for any task; within the caller's transaction. */
export function readSpending(database: Database, since: SpendingSince): SpendingFacts {
  const rows = database
    .sql(
      `SELECT project, total(usd) AS usd, ${COUNTED_TOKENS} AS tokens
       FROM usage_ledger WHERE at >= ? GROUP BY project`,
    )
    .all(since.day) as unknown as (Spent & { project: string | null })[];
  const spentBy = new Map(rows.map(({ project, usd, tokens }) => [project, { usd, tokens }]));
  const projects = database.sql(`${PROJECTS} ORDER BY name`).all().map(projectOf);
  const entries = projects.map(({ name, budget }): [string, ProjectSpending] => {
    return [name, { spentToday: spentBy.get(name) ?? { usd: 0, tokens: 0 }, budget }];
  });
  const { usd, tokens } = spentSince(database, since.day);
  return {
    usdToday: usd,
    spending: {
      tokensToday: tokens,
      tonight: since.night === null ? null : spentSince(database, since.night),
      projects: Object.fromEntries(entries),
    },
  };
}

/** The same as far as budgets that there are concern a task of `project`. */
export function readSpendingFor(
  database: Database,
  since: SpendingSince,
  { project, budgets }: { readonly project: string | null; readonly budgets: BudgetRules },
): SpendingFacts {
  const today = budgets.day === null ? null : spentSince(database, since.day);
  const countsNight = budgets.night !== null && since.night !== null;
  const own = project === null ? null : ofProject(database, project, since.day, budgets);
  return {
    usdToday: today?.usd ?? 0,
    spending: {
      tokensToday: today?.tokens ?? 0,
      tonight: countsNight ? spentSince(database, since.night) : null,
      projects: project === null || own === null ? {} : { [project]: own },
    },
  };
}

function ofProject(
  database: Database,
  name: string,
  day: Instant,
  budgets: BudgetRules,
): ProjectSpending | null {
  const row = database.sql(`${PROJECTS} WHERE name = ?`).get(name);
  const budget = row === undefined ? null : projectOf(row).budget;
  if ((budget ?? budgets.project) === null) return null;
  const spent = database.sql(`${SPENT} AND project = ?`).get(day, name);
  const { usd, tokens } = spent as unknown as Spent;
  return { spentToday: { usd, tokens }, budget };
}

function spentSince(database: Database, since: Instant): Spent {
  const { usd, tokens } = database.sql(SPENT).get(since) as unknown as Spent;
  return { usd, tokens };
}

function projectOf(row: unknown): Pick<ProjectSpending, "budget"> & { readonly name: string } {
  const { name, budget_usd, budget_tokens } = row as Selectable<ProjectTable>;
  return { name, budget: budgetOf(budget_usd, budget_tokens) };
}
