import { type Result, ok } from "../../../core/problem.ts";
import { TASK_STATES, type Task, type TaskState } from "../../../core/task.ts";
import { printableLine } from "../../../core/terminal.ts";
import type { Page, TaskFilter } from "../../../ports/store.ts";
import type { Call, RunCommand } from "../command.ts";
import { nothingYet } from "../nothing-yet.ts";
import { readCount, usage } from "../read-words.ts";
import { type Cell, table } from "../render/table.ts";
import { stateStyle } from "../render/task-line.ts";
import { type View, ago, viewOf } from "../render/view.ts";

const LIMIT_DEFAULT = 20;

/** Lists tasks, newest first. */
export const ls: RunCommand = async (call) => {
  const { context, output } = call;
  const request = requestOf(call);
  if (!request.ok) return output.refuse(request.problem);
  const doors = await context.open();
  if (doors === null) return nothingYet(call, []);
  const { filter, page } = request.value;
  const tasks = await doors.queries.tasks(filter, page);
  const made = tasks.filter(({ source }) => source === "schedule").map(({ id }) => id);
  const slots = made.length === 0 ? [] : await doors.queries.slots(made);
  const names = new Map(slots.map(({ taskId, schedule }) => [taskId, schedule]));
  const told = tasks.map((task) =>
    Object.assign({}, task, { schedule: names.get(task.id) ?? null }),
  );
  return output.answer(told, () => renderTasks(viewOf(call), tasks, names));
};

/** Tasks in lines under a head; one sentence when there are none. */
export function renderTasks(
  view: View,
  tasks: readonly Task[],
  schedules: ReadonlyMap<number, string> = new Map(),
): string {
  if (tasks.length === 0) return "No tasks.";
  const isMade = schedules.size > 0;
  const ranked = tasks.some((task) => task.priority !== "normal");
  const rows = tasks.map((task): readonly Cell[] => [
    `#${task.id}`,
    { text: task.state, dress: (text) => view.paint(stateStyle(task.state), text) },
    task.project ?? `(${task.kind})`,
    ...(ranked ? [task.priority] : []),
    ...(isMade ? [schedules.get(task.id) ?? ""] : []),
    ago(view, task.createdAt),
    printableLine(task.text),
  ]);
  const priority = ranked ? ["PRIORITY"] : [];
  const schedule = isMade ? ["SCHEDULE"] : [];
  const head = ["ID", "STATE", "PROJECT", ...priority, ...schedule, "ASKED", "TEXT"];
  return table(head, rows, view.columns);
}

function requestOf({
  options,
}: Call): Result<{ readonly filter: TaskFilter; readonly page: Page }> {
  const states = statesOf(options.list("state"));
  if (!states.ok) return states;
  const limit = options.text("limit");
  const count = limit === null ? ok(LIMIT_DEFAULT) : readCount("--limit", limit);
  if (!count.ok) return count;
  const project = options.text("project");
  return ok({
    filter: {
      ...(states.value.length === 0 ? {} : { states: states.value }),
      ...(project === null ? {} : { project }),
    },
    page: { before: null, limit: count.value },
  });
}

function statesOf(words: readonly string[]): Result<readonly TaskState[]> {
  const states: TaskState[] = [];
  for (const word of words.flatMap((each) => each.split(","))) {
    const state = TASK_STATES.find((each) => each === word);
    if (state === undefined) {
      return usage(`There is no state "${word}"; choose of ${TASK_STATES.join(", ")}.`);
    }
    states.push(state);
  }
  return ok(states);
}
