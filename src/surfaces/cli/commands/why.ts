import type { Hold } from "../../../core/hold.ts";
import type { Instant } from "../../../core/task.ts";
import { printable } from "../../../core/terminal.ts";
import type { Why } from "../../../engine/views.ts";
import type { RunCommand } from "../command.ts";
import { notFoundYet } from "../nothing-yet.ts";
import { readId } from "../read-words.ts";
import { stateStyle, titleLine } from "../render/task-line.ts";
import { type View, localTimes, viewOf, when } from "../render/view.ts";
import { noTask } from "./show.ts";

/** Says why a task stands where it stands. */
export const why: RunCommand = async (call) => {
  const { context, output, words } = call;
  const id = readId(words[0]);
  if (!id.ok) return output.refuse(id.problem);
  const doors = await context.open();
  if (doors === null) return notFoundYet(call);
  const answer = await doors.queries.why(id.value);
  if (answer === null) return noTask(output, id.value);
  return output.answer(answer, () => renderWhy(viewOf(call), answer));
};

/** The reason in one sentence, then what holds the task and when that can change. */
export function renderWhy(view: View, { task, sentence, holds, nextCheckAt }: Why): string {
  const state = view.paint(stateStyle(task.state), task.state);
  const reasons =
    holds.length < 2 ? [] : holds.map((hold) => `  ${hold.policy}: ${wordsOf(view, hold.reason)}`);
  return [
    titleLine(view, task),
    `${state}: ${wordsOf(view, sentence)}`,
    ...reasons,
    ...(holds.length === 0 ? [] : [`  held by ${policies(holds)}; ${change(view, nextCheckAt)}`]),
  ].join("\n");
}

function wordsOf(view: View, sentence: string): string {
  return localTimes(view, printable(sentence));
}

function policies(holds: readonly Hold[]): string {
  return holds.map((hold) => hold.policy).join(", ");
}

function change(view: View, at: Instant | null): string {
  return at === null ? "no time is known at which that changes" : `can change ${when(view, at)}`;
}
