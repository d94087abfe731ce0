import type { Selectable } from "kysely";
import { type KnownWindow, observe } from "../../core/observation.ts";
import type { QuotaWindow } from "../../core/quota.ts";
import type { Instant } from "../../core/task.ts";
import type { UsageEntry, UsageStore, UsageTotal } from "../../ports/store.ts";
import type { Calls } from "./calls.ts";
import type { Database } from "./database.ts";
import { insertEvents } from "./events.ts";
import { readWindows, windowOf } from "./facts.ts";
import { addSpending, COUNTED_TOKENS } from "./spending.ts";
import type { QuotaWindowTable } from "./schema.ts";

/** What was used and what is left. */
export function usageCalls(database: Database): Calls<UsageStore> {
  return {
    windows: () => readWindows(database),
    observe: (windows) => {
      database.write(() => {
        for (const window of windows) observeWindow(database, window);
      });
    },
    add: (entry) => {
      database.write(() => add(database, entry));
    },
    totals: (since) => totals(database, since),
  };
}

function observeWindow(database: Database, seen: QuotaWindow): void {
  const observed = observe(readKnown(database, seen), seen);
  if (observed === null) return;
  putKnown(database, observed.known);
  insertEvents(database, observed.events);
}

function readKnown(database: Database, { provider, window }: QuotaWindow): KnownWindow | null {
  const row = database
    .sql("SELECT * FROM quota_windows WHERE provider = ? AND window = ?")
    .get(provider, window) as unknown as Selectable<QuotaWindowTable> | undefined;
  return row === undefined ? null : { window: windowOf(row), toldUsed: row.told_used };
}

function putKnown(database: Database, { window: seen, toldUsed }: KnownWindow): void {
  const { provider, window, used, resetsAt, status, source, observedAt } = seen;
  database
    .sql(
      `INSERT OR REPLACE INTO quota_windows
         (provider, window, used, resets_at, status, source, observed_at, told_used)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
    )
    .run(provider, window, used, resetsAt, status, source, observedAt, toldUsed);
}

function add(database: Database, entry: UsageEntry): void {
  const { at, taskId, attempt, provider, model, tokens, usd } = entry;
  const counts = [tokens.input, tokens.output, tokens.cacheRead, tokens.cacheWrite, usd];
  database
    .sql(
      `INSERT INTO usage_ledger (at, task_id, attempt, project, provider, model,
         tokens_input, tokens_output, tokens_cache_read, tokens_cache_write, usd)
       VALUES (?, ?, ?, (SELECT project FROM tasks WHERE id = ?), ?, ?, ?, ?, ?, ?, ?)`,
    )
    .run(at, taskId, attempt, taskId, provider, model, ...counts);
  addSpending(database, entry);
  database
    .sql(
      `UPDATE attempts SET tokens_input = tokens_input + ?, tokens_output = tokens_output + ?,
         tokens_cache_read = tokens_cache_read + ?, tokens_cache_write = tokens_cache_write + ?,
         usd = usd + ?
       WHERE task_id = ? AND number = ?`,
    )
    .run(...counts, taskId, attempt);
  database
    .sql(
      `UPDATE tasks SET (spent_usd, spent_tokens) =
         (SELECT total(usd), ${COUNTED_TOKENS} FROM attempts WHERE task_id = ?1)
       WHERE id = ?1`,
    )
    .run(taskId);
}

function totals(database: Database, since: Instant): readonly UsageTotal[] {
  const rows = database
    .sql(
      `SELECT provider, model, count(DISTINCT task_id || '/' || attempt) AS attempts,
         sum(tokens_input) AS input, sum(tokens_output) AS output,
         sum(tokens_cache_read) AS cacheRead, sum(tokens_cache_write) AS cacheWrite,
         total(usd) AS usd
       FROM usage_ledger WHERE at >= ? GROUP BY provider, model ORDER BY provider, model`,
    )
    .all(since) as unknown as (UsageTotal & UsageTotal["tokens"])[];
  return rows.map(({ provider, model, attempts, input, output, cacheRead, cacheWrite, usd }) => ({
    provider,
    model,
    attempts,
    tokens: { input, output, cacheRead, cacheWrite },
    usd,
  }));
}
