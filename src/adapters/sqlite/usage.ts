import type { Selectable } from "kysely";
import {
  FORGET_WITHIN_MS,
  HISTORY_MS,
  type HourOfUse,
  type PastRun,
  RUNS_MAX,
  useBetween,
} from "../../core/forecast/history.ts";
import { type KnownWindow, observe } from "../../core/observation.ts";
import type { QuotaWindow } from "../../core/quota.ts";
import type { Instant } from "../../core/task.ts";
import type { UsageEntry, UsageStore, UsageTotal } from "../../ports/usage-store.ts";
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
    observe: (windows, alertLevels) => {
      database.write(() => {
        for (const window of windows) observeWindow(database, window, alertLevels);
      });
    },
    add: (entry) => {
      database.write(() => add(database, entry));
    },
    totals: (since) => totals(database, since),
    history: (since) =>
      database.read(() => ({ hours: readHours(database, since), runs: readRuns(database, since) })),
  };
}

function observeWindow(
  database: Database,
  seen: QuotaWindow,
  alertLevels: readonly number[] | undefined,
): void {
  const known = readKnown(database, seen);
  const observed = observe(known, seen, alertLevels);
  if (observed === null) return;
  if (known !== null) {
    addHours(database, useBetween(known.window, observed.known.window));
    if (seen.observedAt - known.window.observedAt < FORGET_WITHIN_MS) forgetHours(database, seen);
  }
  putKnown(database, observed.known);
  insertEvents(database, observed.events);
}

function addHours(database: Database, hours: readonly HourOfUse[]): void {
  for (const { provider, window, hourAt, seenMs, used } of hours) {
    database
      .sql(
        `INSERT INTO usage_hours (provider, window, hour_at, seen_ms, used) VALUES (?, ?, ?, ?, ?)
         ON CONFLICT DO UPDATE SET seen_ms = seen_ms + excluded.seen_ms, used = used + excluded.used`,
      )
      .run(provider, window, hourAt, seenMs, used);
  }
}

function forgetHours(database: Database, { provider, window, observedAt }: QuotaWindow): void {
  database
    .sql("DELETE FROM usage_hours WHERE provider = ? AND window = ? AND hour_at < ?")
    .run(provider, window, observedAt - HISTORY_MS);
}

function readHours(database: Database, since: Instant): readonly HourOfUse[] {
  return database
    .sql(
      `SELECT provider, window, hour_at AS hourAt, seen_ms AS seenMs, used FROM usage_hours
       WHERE hour_at >= ? ORDER BY provider, window, hour_at`,
    )
    .all(since)
    .map((row) => {
      const { provider, window, hourAt, seenMs, used } = row as unknown as HourOfUse;
      return { provider, window, hourAt, seenMs, used };
    });
}

/** Of the newest tasks, by their ids: attempts have no index by time, which every one would pay for. */
function readRuns(database: Database, since: Instant): readonly PastRun[] {
  return database
    .sql(
      `SELECT attempts.executor, tasks.kind, tasks.project, tasks.model,
         attempts.started_at AS startedAt, attempts.ended_at AS endedAt, attempts.usd
       FROM attempts JOIN tasks ON tasks.id = attempts.task_id
       WHERE attempts.task_id > (SELECT max(id) FROM tasks) - ?
         AND attempts.started_at >= ? AND attempts.ended_at IS NOT NULL
       ORDER BY attempts.started_at, attempts.task_id, attempts.number`,
    )
    .all(RUNS_MAX, since)
    .map((row) => {
      const { executor, kind, project, model, startedAt, endedAt, usd } = row as unknown as PastRun;
      return { executor, kind, project, model, startedAt, endedAt, usd };
    });
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
