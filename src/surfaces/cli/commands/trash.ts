import type { Task } from "../../../core/task.ts";
import { printableLine } from "../../../core/terminal.ts";
import { changeEach } from "../change-each.ts";
import type { Call, RunCommand } from "../command.ts";
import { confirmed } from "../confirmed.ts";
import { EXIT } from "../exit-codes.ts";
import { nothingYet } from "../nothing-yet.ts";
import { readDuration } from "../read-words.ts";
import { counted } from "../render/numbers.ts";
import { type Cell, table } from "../render/table.ts";
import { type View, ago, viewOf } from "../render/view.ts";

/** Most tasks that a listing of the trash names. */
const TRASH_MAX = 500;

/** Lists what is in the trash. */
export const listTrash: RunCommand = async (call) => {
  const tasks = await trashed(call);
  if (tasks === null) return nothingYet(call, []);
  return call.output.answer(tasks, () => renderTrash(viewOf(call), tasks));
};

/** Puts ended tasks into the trash. */
export const addToTrash: RunCommand = (call) =>
  changeEach(call, {
    change: (tasks, id) => tasks.trash(id, call.context.by),
    told: (task) => `Task #${task.id} moved to trash`,
  });

/** Takes tasks out of the trash; cancelled ones queue again. */
export const restoreFromTrash: RunCommand = (call) =>
  changeEach(call, {
    change: (tasks, id) => tasks.restore(id, call.context.by),
    told: (task) =>
      task.state === "queued" ? `Task #${task.id} queued again` : `Task #${task.id} restored`,
  });

/** Deletes for good what is in the trash; asks first, refuses where nobody can be asked. */
export const emptyTrash: RunCommand = async (call) => {
  const { context, output, options } = call;
  const age = options.text("older-than");
  const duration = age === null ? null : readDuration("--older-than", age);
  if (duration?.ok === false) return output.refuse(duration.problem);
  const doors = await context.open();
  if (doors === null) return nothingYet(call, []);
  const before = context.clock.now() - (duration?.value ?? 0);
  const question =
    age === null
      ? "Delete everything in the trash for good?"
      : `Delete what has been in the trash for more than ${age} for good?`;
  const yes = await confirmed(call, question);
  if (yes !== EXIT.ok) return yes;
  const emptied = await doors.tasks.emptyTrash(before);
  if (!emptied.ok) return output.refuse(emptied.problem);
  return output.answer(emptied.value, () => `${counted(emptied.value.length, "task")} deleted`);
};

async function trashed({ context }: Call): Promise<readonly Task[] | null> {
  const doors = await context.open();
  if (doors === null) return null;
  return doors.queries.tasks({ trashed: true }, { before: null, limit: TRASH_MAX });
}

function renderTrash(view: View, tasks: readonly Task[]): string {
  if (tasks.length === 0) return "The trash is empty.";
  const rows = tasks.map((task): readonly Cell[] => [
    `#${task.id}`,
    task.state,
    task.project ?? `(${task.kind})`,
    ago(view, task.trashedAt ?? task.updatedAt),
    printableLine(task.text),
  ]);
  return table(["ID", "STATE", "PROJECT", "TRASHED", "TEXT"], rows, view.columns);
}
