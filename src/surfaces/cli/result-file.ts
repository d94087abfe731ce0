import type { Call } from "./command.ts";
import { noTask } from "./commands/show.ts";
import type { FilePart } from "./context.ts";
import { EXIT, type ExitCode } from "./exit-codes.ts";
import { notFoundYet } from "./nothing-yet.ts";
import { readCount, readId } from "./read-words.ts";

/** A file that an attempt left, of which there is one at most. */
export interface ResultFileKind {
  readonly name: string;
  /** What a person calls it. */
  readonly noun: string;
  /** No more of it is read. */
  readonly bytesMax: number;
}

/** A file that an attempt left, as far as it was read. */
export interface ResultFile {
  readonly taskId: number;
  readonly attempt: number;
  readonly path: string;
  readonly part: FilePart;
}

/**
 * Reads the file of the attempt that was asked for, else of the newest that has one; the exit code
 * when there is none, which was said then.
 */
export async function readResultFile(
  call: Call,
  { name, noun, bytesMax }: ResultFileKind,
): Promise<ResultFile | ExitCode> {
  const { context, options, output, words } = call;
  const id = readId(words[0]);
  if (!id.ok) return output.refuse(id.problem);
  const written = options.text("attempt");
  const number = written === null ? null : readCount("--attempt", written);
  if (number?.ok === false) return output.refuse(number.problem);
  const doors = await context.open();
  if (doors === null) return notFoundYet(call);
  const detail = await doors.queries.task(id.value);
  if (detail === null) return noTask(output, id.value);
  const wanted = number === null ? null : number.value;
  const among = detail.attempts.filter((each) => wanted === null || each.number === wanted);
  for (const { number: attempt, results } of among.toReversed()) {
    if (results === null) continue;
    const part = await context.readResult(results, name, { offset: 0, length: bytesMax });
    const path = `${results}/${name}`;
    if (part !== null) return { taskId: id.value, attempt, path, part };
  }
  const owner = wanted === null ? "" : `, attempt ${wanted}`;
  const message = `There is no ${noun} of task ${id.value}${owner}; \`sle show ${id.value}\` shows its attempts.`;
  return output.fail(EXIT.notFound, "not-found", message);
}
