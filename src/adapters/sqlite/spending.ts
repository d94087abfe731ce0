import type { Selectable } from "kysely";
import {
  type BudgetRules,
  countedTokens,
  type SpendingSince,
  type Spent,
} from "../../core/budget.ts";
import type { StoredFacts } from "../../core/hold.ts";
import type { Instant } from "../../core/task.ts";
import type { UsageEntry } from "../../ports/usage-store.ts";
import type { Database } from "./database.ts";
import type { ProjectTable } from "./schema.ts";
import { budgetOf } from "./task-rows.ts";

/** Tokens of some rows as budgets count them (see core's `countedTokens`). */
export const COUNTED_TOKENS = `coalesce(sum(tokens_input) + sum(tokens_output)
  + sum(tokens_cache_write) + sum(tokens_cache_read) / 10, 0)`;

type SpendingFacts = Required<Pick<StoredFacts, "usdToday" | "spending">>;

const HOUR_MS = 3_600_000;
const NO_PROJECT = "";

/** Whole hours from their sums, and what lies before the first of them from the ledger itself. */
const SPENT = `SELECT project, total(usd) AS usd, coalesce(sum(tokens), 0) AS tokens,
    coalesce(sum(tokens_cache_read), 0) AS cacheRead
  FROM (
    SELECT project, usd, tokens, tokens_cache_read FROM spending WHERE hour >= ?2
    UNION ALL
    SELECT coalesce(project, '${NO_PROJECT}'), usd,
      tokens_input + tokens_output + tokens_cache_write, tokens_cache_read
    FROM usage_ledger WHERE at >= ?1 AND at < ?2 * ${HOUR_MS})`;

/** What one row of it counts. */
interface Counted {
  readonly project: string;
  readonly usd: number;
  readonly tokens: number;
  readonly cacheRead: number;
}

/** Adds an entry of the ledger to the sum of its hour; within the caller's transaction. */
export function addSpending(database: Database, { at, taskId, tokens, usd }: UsageEntry): void {
  database
    .sql(
      `INSERT INTO spending (hour, project, usd, tokens, tokens_cache_read)
       VALUES (?, coalesce((SELECT project FROM tasks WHERE id = ?), '${NO_PROJECT}'), ?, ?, ?)
       ON CONFLICT (hour, project) DO UPDATE SET usd = usd + excluded.usd,
         tokens = tokens + excluded.tokens,
         tokens_cache_read = tokens_cache_read + excluded.tokens_cache_read`,
    )
    .run(
      Math.floor(at / HOUR_MS),
      taskId,
      usd,
      tokens.input + tokens.output + tokens.cacheWrite,
      tokens.cacheRead,
    );
}

/** All that was spent of shared budgets, for any task; within the caller's transaction. */
export function readSpending(database: Database, since: SpendingSince): SpendingFacts {
  return spendingFacts(database, since, "SELECT name, budget_usd, budget_tokens FROM projects");
}

/** The same as far as a task of `project` is judged by it. */
export function readSpendingFor(
  database: Database,
  since: SpendingSince,
  { project, budgets }: { readonly project: string | null; readonly budgets: BudgetRules },
): SpendingFacts {
  const night = budgets.night === null ? null : since.night;
  const own = "SELECT name, budget_usd, budget_tokens FROM projects WHERE name = ?";
  return spendingFacts(database, { ...since, night }, own, project ?? NO_PROJECT);
}

function spendingFacts(
  database: Database,
  { day, night }: SpendingSince,
  projects: string,
  ...names: readonly string[]
): SpendingFacts {
  const today = countedSince(database, day);
  const all = spentBy(today);
  const byProject = new Map(today.map((each) => [each.project, each]));
  const rows = database.sql(projects).all(...names) as unknown as Selectable<ProjectTable>[];
  const entries = rows.map(({ name, budget_usd: usd, budget_tokens: tokens }) => {
    const own = byProject.get(name);
    const spentToday = spentBy(own === undefined ? [] : [own]);
    return [name, { spentToday, budget: budgetOf(usd, tokens) }] as const;
  });
  return {
    usdToday: all.usd,
    spending: {
      tokensToday: all.tokens,
      tonight: night === null ? null : spentBy(countedSince(database, night)),
      projects: Object.fromEntries(entries),
    },
  };
}

function countedSince(database: Database, since: Instant): readonly Counted[] {
  const rows = database.sql(`${SPENT} GROUP BY project`).all(since, Math.ceil(since / HOUR_MS));
  return rows as unknown as readonly Counted[];
}

function spentBy(counted: readonly Counted[]): Spent {
  const sum = (of: (each: Counted) => number): number =>
    counted.reduce((all, each) => all + of(each), 0);
  const tokens = { input: sum((each) => each.tokens), output: 0, cacheWrite: 0 };
  return {
    usd: sum(({ usd }) => usd),
    tokens: countedTokens({ ...tokens, cacheRead: sum(({ cacheRead }) => cacheRead) }),
  };
}
