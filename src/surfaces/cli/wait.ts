import { type Task, isFinal } from "../../core/task.ts";
import { printableLine } from "../../core/terminal.ts";
import type { Call } from "./command.ts";
import { EXIT, type ExitCode } from "./exit-codes.ts";
import { endingOf } from "./render/task-line.ts";
import { viewOf } from "./render/view.ts";

const LOOK_EVERY_MS = 250;

/** Stays until a task has ended or needs a person; the exit code tells how it went. */
export async function waitFor(call: Call, queued: Task): Promise<ExitCode> {
  const { context, output } = call;
  const doors = await context.open();
  if (doors === null) throw new Error("The database vanished");
  if (!output.quiet && !output.json) {
    context.stderr.write(`Task #${queued.id} is queued; waiting for its end.\n`);
  }
  let task: Task | null = queued;
  while (task !== null && !isFinal(task.state) && task.state !== "waiting") {
    if (context.interrupted.aborted) return EXIT.interrupted;
    await context.clock.sleep(LOOK_EVERY_MS, context.interrupted);
    task = (await doors.queries.task(queued.id))?.task ?? null;
  }
  if (task === null) return output.fail(EXIT.notFound, "not-found", "The task was deleted.");
  const ended = task;
  output.answer(ended, () => `Task #${ended.id} ${wordsOf(call, ended)}`);
  return exitCodeOfTask(ended);
}

function wordsOf(call: Call, task: Task): string {
  if (task.state !== "waiting") return endingOf(viewOf(call), task);
  const question = printableLine(task.question?.text ?? "a decision");
  return `waits for you: ${question} (\`sle answer ${task.id} "…"\`)`;
}

function exitCodeOfTask(task: Task): ExitCode {
  if (task.state === "succeeded") return EXIT.ok;
  const timedOut = task.failure?.failure === "timeout" || task.failure?.failure === "stalled";
  return task.state === "failed" && timedOut ? EXIT.taskTimeout : EXIT.taskFailed;
}
