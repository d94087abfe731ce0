import type { Selectable } from "kysely";
import type { Budget } from "../../core/budget.ts";
import type { Dependency } from "../../core/dependency.ts";
import { isStartable } from "../../core/new-task.ts";
import type { Instant, Landing, Lease, Question, Task, TaskTemplate } from "../../core/task.ts";
import type { Database } from "./database.ts";
import type { TaskTable } from "./schema.ts";

type TaskRow = Selectable<TaskTable>;

/** The columns that a change can write, in the order of `changingValues`. */
const CHANGING = [
  "version",
  "state",
  "priority",
  "budget_usd",
  "budget_tokens",
  "attempts_used",
  "attempt",
  "session_id",
  "lease_id",
  "lease_owner",
  "lease_expires_at",
  "not_before",
  "ready",
  "order_key",
  "cancel_requested_at",
  "failure",
  "failure_message",
  "question",
  "landing",
  "verdict",
  "updated_at",
  "finished_at",
  "trashed_at",
  "notes",
] as const satisfies readonly (keyof TaskTable)[];

/** The columns that stay as they were inserted, or that the store itself counts, in the order of `fixedValues`. */
const FIXED = [
  "id",
  "kind",
  "source",
  "project",
  "executor",
  "model",
  "timeout_ms",
  "isolation",
  "night_only",
  "deadline_at",
  "attempts_max",
  "spent_usd",
  "spent_tokens",
  "unmet_dependencies",
  "lane",
  "created_at",
  "depends_on",
  "touches",
  "template",
  "text",
] as const satisfies readonly (keyof TaskTable)[];

const COLUMNS = [...CHANGING, ...FIXED] as const;

type ValuesOf<Names extends readonly (keyof TaskRow)[]> = {
  readonly [Index in keyof Names]: TaskRow[Names[Index]];
};

type Value = string | number | null;

const INSERT = `INSERT INTO tasks (${COLUMNS.join(", ")}, last_event)
  VALUES (${COLUMNS.map(() => "?").join(", ")}, ?)`;
const UPDATE = `UPDATE tasks SET ${CHANGING.map((name) => `${name} = ?`).join(", ")},
  last_event = coalesce(?, last_event) WHERE id = ?`;

/** What a query for `readTasks` selects of the table `tasks`. */
export const TASK_COLUMNS: string = COLUMNS.map((name) => `tasks.${name}`).join(", ");
const SELECT = `SELECT ${TASK_COLUMNS} FROM tasks WHERE id = ?`;

/** Reads one task; null when there is none. */
export function readTask(database: Database, id: number): Task | null {
  const row = database.arrays(SELECT).get(id);
  return row === undefined ? null : taskOf(row);
}

/** The tasks of a query that selects `TASK_COLUMNS`. */
export function readTasks(database: Database, query: string, ...values: Value[]): readonly Task[] {
  return database
    .arrays(query)
    .all(...values)
    .map(taskOf);
}

/** Writes a new row; `lastEvent` is the number of the event that told of it. */
export function insertTask(database: Database, task: Task, lastEvent: number | null): void {
  const values = changingValues(task, task.createdAt);
  database.sql(INSERT).run(...values, ...fixedValues(task), lastEvent);
}

/** Writes what a change at `at` can have changed; `lastEvent` is the number of its last event, if it had one. */
export function updateTask(
  database: Database,
  task: Task,
  at: Instant,
  lastEvent: number | null,
): void {
  database.sql(UPDATE).run(...changingValues(task, at), lastEvent, task.id);
}

/** Writes what a task waits for; how it can start by that, `updateTask` has to say after it. */
export function updateDependsOn(database: Database, task: Task): void {
  database
    .sql("UPDATE tasks SET depends_on = ?, unmet_dependencies = ?, ready = 0 WHERE id = ?")
    .run(jsonOfList(task.dependsOn), task.unmetDependencies, task.id);
}

function changingValues(task: Task, at: Instant): Value[] {
  return [
    task.version,
    task.state,
    task.priority,
    task.budget?.usd ?? null,
    task.budget?.tokens ?? null,
    task.attemptsUsed,
    task.attempt,
    task.sessionId,
    task.lease?.id ?? null,
    task.lease?.owner ?? null,
    task.lease?.expiresAt ?? null,
    task.notBefore,
    isStartable(task, at) ? 1 : 0,
    task.orderKey,
    task.cancelRequestedAt,
    task.failure?.failure ?? null,
    task.failure?.message ?? null,
    task.question === null ? null : JSON.stringify(task.question),
    task.landing === null ? null : JSON.stringify(task.landing),
    task.verdict,
    task.updatedAt,
    task.finishedAt,
    task.trashedAt,
    jsonOfList(task.notes),
  ];
}

function fixedValues(task: Task): Value[] {
  return [
    task.id,
    task.kind,
    task.source,
    task.project,
    task.executor,
    task.model,
    task.timeoutMs,
    task.isolation,
    task.nightOnly ? 1 : 0,
    task.deadlineAt,
    task.attemptsMax,
    task.spent.usd,
    task.spent.tokens,
    task.unmetDependencies,
    task.lane,
    task.createdAt,
    jsonOfList(task.dependsOn),
    jsonOfList(task.touches),
    task.template === null ? null : JSON.stringify(task.template),
    task.text,
  ];
}

/** Reads a row given as an array: an object of so many keys costs more than its query. */
function taskOf(selected: unknown): Task {
  const [
    version,
    state,
    priority,
    budgetUsd,
    budgetTokens,
    attemptsUsed,
    attempt,
    sessionId,
    leaseId,
    leaseOwner,
    leaseExpiresAt,
    notBefore,
    ,
    orderKey,
    cancelRequestedAt,
    failure,
    failureMessage,
    question,
    landing,
    verdict,
    updatedAt,
    finishedAt,
    trashedAt,
    notes,
    id,
    kind,
    source,
    project,
    executor,
    model,
    timeoutMs,
    isolation,
    nightOnly,
    deadlineAt,
    attemptsMax,
    spentUsd,
    spentTokens,
    unmetDependencies,
    lane,
    createdAt,
    dependsOn,
    touches,
    template,
    text,
  ] = selected as ValuesOf<typeof COLUMNS>;
  const what = { id, version, state, kind, priority, source, text, project };
  const times = { createdAt, updatedAt, finishedAt, trashedAt, notBefore, deadlineAt };
  const how = { executor, model, timeoutMs, isolation, sessionId, lane, orderKey, verdict };
  const course = { attemptsMax, attemptsUsed, attempt, unmetDependencies, cancelRequestedAt };
  return {
    ...what,
    notes: listOfJson(notes) as string[],
    template: template === null ? null : (JSON.parse(template) as TaskTemplate),
    ...how,
    budget: budgetOf(budgetUsd, budgetTokens),
    spent: { usd: spentUsd, tokens: spentTokens },
    lease: leaseOf(leaseId, leaseOwner, leaseExpiresAt),
    nightOnly: nightOnly === 1,
    dependsOn: listOfJson(dependsOn) as Dependency[],
    touches: listOfJson(touches) as string[],
    failure: failure === null ? null : { failure, message: failureMessage ?? "" },
    question: question === null ? null : (JSON.parse(question) as Question),
    landing: landing === null ? null : (JSON.parse(landing) as Landing),
    ...course,
    ...times,
  };
}

/** The budget of two columns; null when there is no number in either. */
export function budgetOf(usd: number | null, tokens: number | null): Budget | null {
  return usd === null && tokens === null ? null : { usd, tokens };
}

function leaseOf(id: string | null, owner: string | null, expiresAt: Instant | null): Lease | null {
  return id === null || owner === null || expiresAt === null ? null : { id, owner, expiresAt };
}

function jsonOfList(list: readonly unknown[]): string {
  return list.length === 0 ? "[]" : JSON.stringify(list);
}

/** A list as JSON, of which most are empty. */
export function listOfJson(json: string): unknown[] {
  return json === "[]" ? [] : (JSON.parse(json) as unknown[]);
}
