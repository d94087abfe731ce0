import type { Result } from "../../core/problem.ts";
import type { Task } from "../../core/task.ts";
import type { Tasks } from "../../engine/tasks.ts";
import type { Call } from "./command.ts";
import { EXIT, type ExitCode } from "./exit-codes.ts";
import { notFoundYet } from "./nothing-yet.ts";
import { readIds } from "./read-words.ts";

/** One change that is made to every task named in a call. */
export interface EachChange {
  readonly change: (tasks: Tasks, id: number) => Promise<Result<Task>>;
  /** What is told of a task that was changed. */
  readonly told: (task: Task) => string;
}

/**
 * Changes every task named, one after the other; one that is refused does not keep the others from
 * being changed. Answers the first exit code that is not 0.
 */
export async function changeEach(call: Call, each: EachChange): Promise<ExitCode> {
  const { context, output, words } = call;
  const ids = readIds(words);
  if (!ids.ok) return output.refuse(ids.problem);
  const doors = await context.open();
  if (doors === null) return notFoundYet(call);
  const changed: Task[] = [];
  let exitCode: ExitCode = EXIT.ok;
  for (const id of ids.value) {
    const result = await each.change(doors.tasks, id);
    if (result.ok) {
      changed.push(result.value);
      output.confirm(each.told(result.value));
    } else {
      const refused = await output.refuse(result.problem);
      if (exitCode === EXIT.ok) exitCode = refused;
    }
  }
  if (!output.json) return exitCode;
  const printed = output.answer(changed, () => "");
  return exitCode === EXIT.ok ? printed : exitCode;
}
