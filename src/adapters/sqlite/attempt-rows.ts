import type { Selectable } from "kysely";
import type { Attempt, ProcessIdentity, Progress, Step, StepName } from "../../core/attempt.ts";
import { type AttemptEnd, isUnheard } from "../../core/bookkeeping.ts";
import type { Outcome } from "../../core/outcome.ts";
import type { Database } from "./database.ts";
import type { AttemptTable, StepTable } from "./schema.ts";

type AttemptRow = Selectable<AttemptTable>;

/** Writes the row of a new attempt; what has not happened yet is null or zero by itself. */
export function insertAttempt(database: Database, attempt: Attempt): void {
  const { taskId, number, leaseId, owner, executor, model, admittedAt } = attempt;
  database
    .sql(
      `INSERT INTO attempts
         (task_id, number, lease_id, owner, executor, model, admitted_at, resumed)
       VALUES (?, ?, ?, ?, ?, ?, ?, 0)`,
    )
    .run(taskId, number, leaseId, owner, executor, model, admittedAt);
}

/** Writes how an attempt came out; what it may not have heard is unread again. */
export function endAttempt(database: Database, taskId: number, end: AttemptEnd): void {
  database
    .sql(
      `UPDATE attempts SET ended_at = ?, outcome = ?, verdict = ?
       WHERE task_id = ? AND number = ?`,
    )
    .run(end.endedAt, JSON.stringify(end.outcome), end.verdict, taskId, end.number);
  if (!isUnheard(end)) return;
  database
    .sql("UPDATE messages SET read_by = NULL WHERE task_id = ? AND read_by = ?")
    .run(taskId, end.number);
}

/** The attempts of a task, first to last, with their steps. */
export function readAttempts(database: Database, taskId: number): readonly Attempt[] {
  const rows = database
    .sql("SELECT * FROM attempts WHERE task_id = ? ORDER BY number")
    .all(taskId) as unknown as AttemptRow[];
  return rows.map((row) => attemptOf(row, readSteps(database, taskId, row.number)));
}

/** One attempt with its steps. */
export function attemptOf(row: AttemptRow, steps: readonly Step[]): Attempt {
  return {
    taskId: row.task_id,
    number: row.number,
    leaseId: row.lease_id,
    owner: row.owner,
    executor: row.executor,
    model: row.model,
    sessionId: row.session_id,
    resumed: row.resumed === 1,
    workspace: row.workspace,
    process: processOf(row),
    admittedAt: row.admitted_at,
    startedAt: row.started_at,
    endedAt: row.ended_at,
    outcome: row.outcome === null ? null : (JSON.parse(row.outcome) as Outcome),
    verdict: row.verdict,
    tokens: {
      input: row.tokens_input,
      output: row.tokens_output,
      cacheRead: row.tokens_cache_read,
      cacheWrite: row.tokens_cache_write,
    },
    usd: row.usd,
    progress: row.progress === null ? null : (JSON.parse(row.progress) as Progress),
    results: row.results,
    steps,
  };
}

/** The steps of one attempt, in the order in which they first began. */
export function readSteps(database: Database, taskId: number, attempt: number): readonly Step[] {
  const rows = database
    .sql("SELECT * FROM steps WHERE task_id = ? AND attempt = ? ORDER BY id")
    .all(taskId, attempt) as unknown as Selectable<StepTable>[];
  return rows.map((row) => ({
    name: row.name as StepName,
    startedAt: row.started_at,
    endedAt: row.ended_at,
    ok: row.ok === null ? null : row.ok === 1,
    detail: row.detail,
  }));
}

function processOf(row: AttemptRow): ProcessIdentity | null {
  const { pid, pid_start_ticks: startTicks, pid_boot_id: bootId } = row;
  return pid === null || startTicks === null || bootId === null
    ? null
    : { pid, startTicks, bootId };
}
