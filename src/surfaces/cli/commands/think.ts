import { type Result, ok } from "../../../core/problem.ts";
import type { Submission, SubmissionInput } from "../../../core/submission.ts";
import type { Task } from "../../../core/task.ts";
import { printable } from "../../../core/terminal.ts";
import type { Call, RunCommand } from "../command.ts";
import { EXIT } from "../exit-codes.ts";
import { readCount, readDuration, readIds, readTime, usage } from "../read-words.ts";

/** Largest input file that is read at all; what a task may hold is judged by the door. */
const INPUT_MAX_BYTES = 1_048_576;

/** Queues a task and shows what became of it; with `--wait` stays until it has ended. */
export const think: RunCommand = async (call) => {
  const { context, output, options } = call;
  const input = await submissionOf(call);
  if (!input.ok) return output.refuse(input.problem);
  const tasks = await context.begin();
  if (options.has("dry-run")) {
    const checked = tasks.check(input.value, "cli");
    if (!checked.ok) return output.refuse(checked.problem);
    return output.answer(checked.value, () => `Would queue: ${summary(checked.value)}`);
  }
  const submitted = await tasks.submit(input.value, { by: context.by, source: "cli" });
  if (!submitted.ok) return output.refuse(submitted.problem);
  const { task, warnings } = submitted.value;
  if (!options.has("wait")) output.answer(task, () => (output.quiet ? `${task.id}` : queued(task)));
  for (const warning of warnings) output.hint(warning);
  if (!(await context.daemonLives())) {
    output.hint("No daemon is running; `sle daemon start` starts one.");
  }
  if (!options.has("wait")) return EXIT.ok;
  const { waitFor } = await import("../wait.ts");
  return waitFor(call, task);
};

/** The two lines that say what was queued. */
export function queued(task: Task): string {
  return `${heading(task, `task #${task.id} queued`)}\n${printable(task.text)}`;
}

function summary(submission: Submission): string {
  return `${heading(submission, "task")}\n${printable(submission.text)}`;
}

function heading(task: Pick<Task, "kind" | "project">, what: string): string {
  const kind = { thought: "Thought", serious: "Serious", generated: "Generated" }[task.kind];
  return `${kind} ${what}${task.project === null ? "" : ` [Project: ${task.project}]`}:`;
}

/** What the options and words of a call ask for. */
export async function submissionOf(call: Call): Promise<Result<SubmissionInput>> {
  const { options } = call;
  const text = await textOf(call);
  if (!text.ok) return text;
  const dependsOn = readIds(options.list("after"));
  if (!dependsOn.ok) return dependsOn;
  const at = options.text("at");
  const notBefore = at === null ? null : await readTime(call.context, "--at", at);
  if (notBefore?.ok === false) return notBefore;
  const until = options.text("deadline");
  const deadline = until === null ? null : await readTime(call.context, "--deadline", until, true);
  if (deadline?.ok === false) return deadline;
  const retries = options.text("retries");
  const attempts = retries === null ? null : readCount("--retries", retries);
  if (attempts?.ok === false) return attempts;
  const limit = options.text("timeout");
  const timeout = limit === null ? null : readDuration("--timeout", limit);
  if (timeout?.ok === false) return timeout;
  return ok({
    text: text.value,
    project: options.text("project"),
    priority: options.text("priority"),
    executor: options.text("executor"),
    model: options.text("model"),
    timeoutMs: timeout?.value ?? null,
    isolation: options.text("isolation"),
    attemptsMax: attempts === null ? null : attempts.value + 1,
    notBefore: notBefore?.value ?? null,
    nightOnly: options.has("night"),
    deadlineAt: deadline?.value ?? null,
    dependsOn: dependsOn.value,
  });
}

async function textOf({ context, options, words }: Call): Promise<Result<string>> {
  const file = options.text("file");
  const said = words.join(" ");
  if (file === null) return words.length > 0 ? ok(said) : usage(NO_TEXT);
  const bytes = await context.readInput(file, INPUT_MAX_BYTES);
  if (!bytes.ok) return bytes;
  const text = decode(bytes.value);
  if (text === null) {
    const name = file === "-" ? "The standard input" : `The file ${file}`;
    return usage(`${name} is not valid UTF-8; save it as UTF-8 and try again.`);
  }
  return ok(said === "" ? text : `${said}\n\n${text}`);
}

const NO_TEXT = 'Say what is to be done: `sle think "…"`, or give a file with `-f`.';

function decode(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}
