import { type Result, ok } from "../../../core/problem.ts";
import type { Submission, SubmissionInput } from "../../../core/submission.ts";
import type { Task } from "../../../core/task.ts";
import { printable } from "../../../core/terminal.ts";
import type { Call, RunCommand } from "../command.ts";
import { EXIT, type ExitCode } from "../exit-codes.ts";
import { readCount, readDependencies, readDuration, readTime, usage } from "../read-words.ts";

/** Largest input file that is read at all; what a task may hold is judged by the door. */
const INPUT_MAX_BYTES = 1_048_576;

/** Largest file with the tasks of a chain. */
const CHAIN_MAX_BYTES = 16_777_216;

/** Queues a task and shows what became of it; with `--wait` stays until it has ended. */
export const think: RunCommand = async (call) => {
  const { context, output, options } = call;
  if (options.has("chain")) return chain(call);
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

async function chain(call: Call): Promise<ExitCode> {
  const { output, options } = call;
  if (options.has("template") || options.has("set")) {
    return output.fail(EXIT.usage, "invalid", "A chain is not made of a template: leave out one.");
  }
  const shared = await sharedOf(call);
  if (!shared.ok) return output.refuse(shared.problem);
  const text = await fileTextOf(call, CHAIN_MAX_BYTES);
  if (!text.ok) return output.refuse(text.problem);
  const { thinkChain } = await import("./think-chain.ts");
  return thinkChain(call, shared.value, text.value);
}

/** What the options and words of a call ask for. */
export async function submissionOf(call: Call): Promise<Result<SubmissionInput>> {
  if (call.options.has("template")) return filledSubmission(call);
  if (call.options.has("set")) return usage("--set fills a template: name one with --template.");
  const text = await textOf(call);
  if (!text.ok) return text;
  const shared = await sharedOf(call);
  return shared.ok ? ok({ ...shared.value, text: text.value }) : shared;
}

/** What a template makes of it; words and a file are added to its text. */
async function filledSubmission(call: Call): Promise<Result<SubmissionInput>> {
  const shared = await sharedOf(call);
  if (!shared.ok) return shared;
  const more = await fileTextOf(call, INPUT_MAX_BYTES);
  if (!more.ok) return more;
  const { fillFrom } = await import("../fill-from.ts");
  const said = [call.words.join(" "), more.value ?? ""].filter((each) => each.trim() !== "");
  return fillFrom(call, shared.value, said);
}

/** All that is asked for but the text. */
async function sharedOf(call: Call): Promise<Result<Omit<SubmissionInput, "text">>> {
  const { options } = call;
  const dependsOn = readDependencies(options.list("after"));
  if (!dependsOn.ok) return dependsOn;
  const at = options.text("at");
  const notBefore = at === null ? null : await readTime(call.context, "--at", at);
  if (notBefore?.ok === false) return notBefore;
  const until = options.text("deadline");
  const deadline = until === null ? null : await readTime(call.context, "--deadline", until, true);
  if (deadline?.ok === false) return deadline;
  const touches = options.list("touches");
  const retries = options.text("retries");
  const attempts = retries === null ? null : readCount("--retries", retries);
  if (attempts?.ok === false) return attempts;
  const limit = options.text("timeout");
  const timeout = limit === null ? null : readDuration("--timeout", limit);
  if (timeout?.ok === false) return timeout;
  return ok({
    project: options.text("project"),
    priority: options.text("priority"),
    executor: options.text("executor"),
    model: options.text("model"),
    timeoutMs: timeout?.value ?? null,
    isolation: options.text("isolation"),
    budget: options.text("budget"),
    attemptsMax: attempts === null ? null : attempts.value + 1,
    notBefore: notBefore?.value ?? null,
    nightOnly: options.has("night"),
    deadlineAt: deadline?.value ?? null,
    touches: touches.length === 0 ? null : touches,
    dependsOn: dependsOn.value,
  });
}

async function textOf(call: Call): Promise<Result<string>> {
  const said = call.words.join(" ");
  const file = await fileTextOf(call, INPUT_MAX_BYTES);
  if (!file.ok) return file;
  if (file.value === null) return call.words.length > 0 ? ok(said) : usage(NO_TEXT);
  return ok(said === "" ? file.value : `${said}\n\n${file.value}`);
}

/** The text of the file that was named; null when none was. */
async function fileTextOf(
  { context, options }: Call,
  maxBytes: number,
): Promise<Result<string | null>> {
  const file = options.text("file");
  if (file === null) return ok(null);
  const bytes = await context.readInput(file, maxBytes);
  if (!bytes.ok) return bytes;
  const text = decode(bytes.value);
  if (text !== null) return ok(text);
  const name = file === "-" ? "The standard input" : `The file ${file}`;
  return usage(`${name} is not valid UTF-8; save it as UTF-8 and try again.`);
}

const NO_TEXT = 'Say what is to be done: `sle think "…"`, or give a file with `-f`.';

function decode(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}
