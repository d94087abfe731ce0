import { TASK_STATES, type Task, type TaskState } from "../../core/task.ts";
import type { Page, TaskFilter } from "../../ports/store.ts";
import type { Database } from "./database.ts";
import { readTasks, TASK_COLUMNS } from "./task-rows.ts";

type Value = string | number;

/** One way through the table: which index to walk, and the condition that makes it apply. */
interface Way {
  readonly index: string;
  readonly condition: string;
}

/** So few tasks are sorted rather than looked for among all. */
const SORTED_MAX = 5000;

/** States whose tasks have an index of their own. */
const FEW_STATES: readonly TaskState[] = ["running", "waiting", "failed", "cancelled"];

const ALL: Way = { index: "", condition: "TRUE" };
const BY_PROJECT: Way = { index: "INDEXED BY tasks_by_project", condition: "project IS NOT NULL" };
const TRASHED: Way = { index: "INDEXED BY tasks_trashed", condition: "trashed_at IS NOT NULL" };
const FINISHED: Way = { index: "INDEXED BY tasks_finished", condition: "finished_at IS NOT NULL" };
const IN_LANES: Way = {
  index: "INDEXED BY tasks_in_lanes",
  condition: "state = 'queued' AND ready = 1",
};
const ASIDE: Way = {
  index: "INDEXED BY tasks_aside",
  condition: "state = 'queued' AND ready = 0",
};
const FEW: Way = {
  index: "INDEXED BY tasks_few",
  condition: `(${FEW_STATES.map((state) => `state = '${state}'`).join(" OR ")}) AND trashed_at IS NULL`,
};

/**
 * Tasks newest first. Rare states and short stretches of time are found by their index, what is
 * plentiful by walking back from the newest task, so that a page costs about the same at a million.
 */
export function listTasks(database: Database, filter: TaskFilter, page: Page): readonly Task[] {
  const states = [...new Set(filter.states ?? TASK_STATES)];
  if (states.length === 0) return [];
  const [conditions, values] = conditionsOf(filter, states, page);
  const parts = waysFor(database, filter, states).map(
    ({ index, condition }) =>
      `SELECT id FROM (SELECT id FROM tasks ${index}
       WHERE ${condition} AND ${conditions.join(" AND ")} ORDER BY id DESC LIMIT ?)`,
  );
  const query = `SELECT ${TASK_COLUMNS} FROM tasks WHERE id IN (${parts.join(" UNION ALL ")})
    ORDER BY id DESC LIMIT ?`;
  const partValues = parts.flatMap(() => values.concat(page.limit));
  return readTasks(database, query, ...partValues, page.limit);
}

function waysFor(
  database: Database,
  filter: TaskFilter,
  states: readonly TaskState[],
): readonly Way[] {
  if (filter.trashed === true) return [TRASHED];
  const since = filter.finishedSince;
  if (since !== undefined && areFew(database, FINISHED, "finished_at >= ?", since)) {
    return [FINISHED];
  }
  const few = states.some((state) => FEW_STATES.includes(state)) ? [FEW] : [];
  const plentiful = states.filter((state) => !FEW_STATES.includes(state));
  if (plentiful.length === 0) return few;
  return [...few, ...waysForPlentiful(database, filter, plentiful)];
}

/** The state asked for may be rare all the same; else the project's tasks are walked, or all. */
function waysForPlentiful(
  database: Database,
  filter: TaskFilter,
  states: readonly TaskState[],
): readonly Way[] {
  const [state, other] = states;
  if (other === undefined && state === "queued") {
    if (areFew(database, IN_LANES) && areFew(database, ASIDE)) return [IN_LANES, ASIDE];
  }
  if (other === undefined && state === "succeeded" && areFew(database, FINISHED)) {
    return [FINISHED];
  }
  return [filter.project === undefined ? ALL : BY_PROJECT];
}

function areFew(
  database: Database,
  { index, condition }: Way,
  more: string = "TRUE",
  ...values: Value[]
): boolean {
  const row = database
    .sql(
      `SELECT count(*) AS found FROM
         (SELECT 1 FROM tasks ${index} WHERE ${condition} AND ${more} LIMIT ${SORTED_MAX + 1})`,
    )
    .get(...values) as unknown as { found: number };
  return row.found <= SORTED_MAX;
}

function conditionsOf(
  filter: TaskFilter,
  states: readonly TaskState[],
  page: Page,
): [string[], Value[]] {
  const { project, trashed = false, finishedSince } = filter;
  const conditions = [
    trashed ? "trashed_at IS NOT NULL" : "trashed_at IS NULL",
    `state IN (${states.map(() => "?").join(", ")})`,
  ];
  const values: Value[] = [...states];
  if (project !== undefined) {
    conditions.push("project = ?");
    values.push(project);
  }
  if (finishedSince !== undefined) {
    conditions.push("finished_at >= ?");
    values.push(finishedSince);
  }
  if (page.before !== null) {
    conditions.push("id < ?");
    values.push(page.before);
  }
  return [conditions, values];
}
