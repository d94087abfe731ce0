import { FAILURE_CLASSES, type FailureClass } from "../../../core/failure.ts";
import type { Problem } from "../../../core/problem.ts";
import type { Task } from "../../../core/task.ts";
import { printableLine } from "../../../core/terminal.ts";
import type { Queries } from "../../../engine/queries.ts";
import type { Call, RunCommand } from "../command.ts";
import { changeEach } from "../change-each.ts";
import { nothingYet } from "../nothing-yet.ts";
import { titleLine } from "../render/task-line.ts";
import { type View, ago, viewOf } from "../render/view.ts";

/** Most dead tasks that are listed or retried at once. */
const DEAD_MAX = 500;

/** Lists the tasks that failed for good, or queues them all again; of one project or reason if asked. */
export const dead: RunCommand = async (call) => {
  const { context, output, options } = call;
  const reason = options.text("reason");
  if (reason !== null && !isFailureClass(reason)) {
    const known = FAILURE_CLASSES.join(", ");
    return output.refuse(noReason(reason, known));
  }
  const doors = await context.open();
  if (doors === null) return nothingYet(call, []);
  const found = await deadTasks(doors.queries, { reason, project: options.text("project") });
  const tasks = found.slice(0, DEAD_MAX);
  if (found.length > DEAD_MAX) output.hint(`These are the newest ${DEAD_MAX}; there are more.`);
  if (options.has("retry-all") && tasks.length > 0) return retryAll(call, tasks);
  return output.answer(tasks, () => renderDead(viewOf(call), tasks));
};

function isFailureClass(word: string): word is FailureClass {
  return (FAILURE_CLASSES as readonly string[]).includes(word);
}

function noReason(word: string, known: string): Problem {
  const message = `There is no reason "${printableLine(word, 40)}"; choose one of ${known}.`;
  return { code: "invalid", message, fields: [] };
}

/** The newest of them, one more than are shown where there are so many. */
async function deadTasks(
  queries: Queries,
  wanted: { readonly reason: FailureClass | null; readonly project: string | null },
): Promise<readonly Task[]> {
  const { reason, project } = wanted;
  const filter = { states: ["failed"] as const, ...(project === null ? {} : { project }) };
  const found: Task[] = [];
  let before: number | null = null;
  while (found.length <= DEAD_MAX) {
    const page: readonly Task[] = await queries.tasks(filter, { before, limit: DEAD_MAX });
    found.push(...page.filter(({ failure }) => reason === null || failure?.failure === reason));
    if (page.length < DEAD_MAX) break;
    before = page.at(-1)?.id ?? null;
  }
  return found.slice(0, DEAD_MAX + 1);
}

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
    ...reasonLines(tasks),
    ...tasks.flatMap((task) => [
      titleLine(view, task),
      `    ${view.paint("red", task.failure?.failure ?? "failed")} after ${task.attemptsUsed} of ${task.attemptsMax} attempts, ${ago(view, task.finishedAt ?? task.updatedAt)}`,
      `    ${printableLine(task.failure?.message ?? "no reason was kept")}`,
    ]),
    view.paint("dim", "`sle retry ID` tries one again, `sle dead --retry-all` all of them."),
  ].join("\n");
}

/** How many failed for which reason, the most frequent first; nothing where one line says it all. */
function reasonLines(tasks: readonly Task[]): readonly string[] {
  const counts = new Map<string, number>();
  for (const { failure } of tasks) {
    const reason = failure?.failure ?? "failed";
    counts.set(reason, (counts.get(reason) ?? 0) + 1);
  }
  if (tasks.length < 2) return [];
  const sorted = [...counts].toSorted(([, a], [, b]) => b - a);
  const words = sorted.map(([reason, count]) => `${count} ${reason}`).join(", ");
  return [`${tasks.length} tasks failed for good: ${words}`, ""];
}
