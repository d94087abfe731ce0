import type { Task } from "../../../core/task.ts";
import { printableLine } from "../../../core/terminal.ts";
import type { Call, RunCommand } from "../command.ts";
import { changeEach } from "../change-each.ts";
import { nothingYet } from "../nothing-yet.ts";
import { titleLine } from "../render/task-line.ts";
import { type View, ago, viewOf } from "../render/view.ts";

/** Most dead tasks that are listed or retried at once. */
const DEAD_MAX = 500;

/** Lists the tasks that failed for good, or queues them all again. */
export const dead: RunCommand = async (call) => {
  const { context, output, options } = call;
  const doors = await context.open();
  if (doors === null) return nothingYet(call, []);
  const page = { before: null, limit: DEAD_MAX };
  const tasks = await doors.queries.tasks({ states: ["failed"] }, page);
  if (options.has("retry-all") && tasks.length > 0) return retryAll(call, tasks);
  return output.answer(tasks, () => renderDead(viewOf(call), tasks));
};

function retryAll(call: Call, tasks: readonly Task[]): ReturnType<RunCommand> {
  const words = tasks.map((task) => String(task.id));
  return changeEach(
    { ...call, words },
    {
      change: (door, id) => door.retry(id, call.context.by),
      told: (task) => `Task #${task.id} queued again`,
    },
  );
}

function renderDead(view: View, tasks: readonly Task[]): string {
  if (tasks.length === 0) return "No task failed for good.";
  return [
    ...tasks.flatMap((task) => [
      titleLine(view, task),
      `    ${view.paint("red", task.failure?.failure ?? "failed")} after ${task.attemptsUsed} of ${task.attemptsMax} attempts, ${ago(view, task.finishedAt ?? task.updatedAt)}`,
      `    ${printableLine(task.failure?.message ?? "no reason was kept")}`,
    ]),
    view.paint("dim", "`sle retry ID` tries one again, `sle dead --retry-all` all of them."),
  ].join("\n");
}
