import type { Condition } from "../../../core/dependency.ts";
import { type Result, ok } from "../../../core/problem.ts";
import type { SubmissionInput } from "../../../core/submission.ts";
import type { SubmittedChain } from "../../../engine/chain.ts";
import type { Tasks } from "../../../engine/tasks.ts";
import type { Call } from "../command.ts";
import { EXIT, type ExitCode } from "../exit-codes.ts";
import { usage } from "../read-words.ts";
import { counted } from "../render/numbers.ts";

/** Queues tasks of which each waits for the one before; `shared` is what they have in common. */
export async function thinkChain(
  call: Call,
  shared: Omit<SubmissionInput, "text">,
  fileText: string | null,
): Promise<ExitCode> {
  const { context, output, options } = call;
  const condition = options.text("chain") ?? "";
  const texts = textsOf(call, fileText);
  if (!texts.ok) return output.refuse(texts.problem);
  const tasks = await context.begin();
  const wanted = { shared, texts: texts.value, condition };
  if (options.has("dry-run")) return dryRun(call, tasks, wanted);
  const submitted = await tasks.submitChain(wanted, { by: context.by, source: "cli" });
  if (!submitted.ok) return output.refuse(submitted.problem);
  output.answer(submitted.value, () =>
    output.quiet ? idsOf(submitted.value) : queuedWords(submitted.value, condition as Condition),
  );
  for (const warning of submitted.value.warnings) output.hint(warning);
  if (!(await context.daemonLives())) {
    output.hint("No daemon is running; `sle daemon start` starts one.");
  }
  return EXIT.ok;
}

/** What parts the tasks of a file: a line of three dashes. */
const BETWEEN = /^---[ \t]*$/mu;

function textsOf({ options, words }: Call, fileText: string | null): Result<readonly string[]> {
  if (options.has("wait")) return usage("A chain is not waited for: leave out --wait or --chain.");
  if (fileText === null) {
    const isSentence = words.length > 0 && words.every((word) => !/\s/u.test(word.trim()));
    return isSentence ? usage(QUOTE) : ok(words);
  }
  if (words.length > 0) {
    return usage("The tasks of a chain come from the file or from words, not from both.");
  }
  const parts = fileText.replace(/\r\n?/gu, "\n").split(BETWEEN);
  // A line before the first or after the last task parts nothing.
  if (parts[0]?.trim() === "") parts.shift();
  if (parts.at(-1)?.trim() === "") parts.pop();
  return ok(parts);
}

const QUOTE =
  'Put each task of a chain in quotes: `sle think --chain succeeded "Rename it" "Test it"`.';

async function dryRun(
  { output }: Call,
  tasks: Tasks,
  wanted: Parameters<Tasks["submitChain"]>[0],
): Promise<ExitCode> {
  for (const text of wanted.texts) {
    const checked = tasks.check({ ...wanted.shared, text }, "cli");
    if (!checked.ok) return output.refuse(checked.problem);
  }
  const { texts, condition } = wanted;
  return output.answer({ texts, condition }, () => `Would queue ${counted(texts.length, "task")}`);
}

const ONCE: Readonly<Record<Condition, string>> = {
  succeeded: "has succeeded",
  verified: "is verified",
  landed: "has landed",
  failed: "has failed",
  finished: "has ended",
};

function queuedWords({ firstId, lastId }: SubmittedChain, condition: Condition): string {
  const count = counted(lastId - firstId + 1, "task");
  return `${count} queued, #${firstId} to #${lastId}, each to start once the one before ${ONCE[condition]}`;
}

function idsOf({ firstId, lastId }: SubmittedChain): string {
  return Array.from({ length: lastId - firstId + 1 }, (_, index) => firstId + index).join("\n");
}
