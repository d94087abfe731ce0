import type { Attempt } from "../../../core/attempt.ts";
import type { Queries } from "../../../engine/queries.ts";
import type { Call, RunCommand } from "../command.ts";
import type { CliContext } from "../context.ts";
import { EXIT, type ExitCode } from "../exit-codes.ts";
import { notFoundYet } from "../nothing-yet.ts";
import { readCount, readId } from "../read-words.ts";
import { type ReadPart, followRecord, readTail } from "../record-reader.ts";
import { type RenderLine, plainLines, transcriptLines } from "../render/transcript.ts";
import { noTask } from "./show.ts";

const LINES_DEFAULT = 100;
const LOOK_EVERY_MS = 250;

/** The records that executors write, the most telling first. */
const RECORDS = ["transcript.jsonl", "stdout.log", "stderr.log"] as const;
type RecordName = (typeof RECORDS)[number];

/** Shows what the newest attempt of a task did, and with `-f` goes on until the attempt ends. */
export const logs: RunCommand = async (call) => {
  const { context, output, options, words } = call;
  const id = readId(words[0]);
  if (!id.ok) return output.refuse(id.problem);
  const count = readCount("-n", options.text("lines") ?? String(LINES_DEFAULT));
  if (!count.ok) return output.refuse(count.problem);
  const doors = await context.open();
  if (doors === null) return notFoundYet(call);
  const record = await findRecord(context, doors.queries, id.value, options.has("follow"));
  switch (record) {
    case "no-task":
      return noTask(output, id.value);
    case "interrupted":
      return EXIT.interrupted;
    case "nothing":
      output.hint(`Task ${id.value} has left no record yet; \`sle why ${id.value}\` says more.`);
      return EXIT.ok;
  }
  return showRecord(call, doors.queries, record, count.value);
};

/** One file that an attempt writes while it works. */
interface FoundRecord {
  readonly attempt: Attempt;
  readonly name: RecordName;
  readonly read: ReadPart;
}

/** The newest attempt's record; when following, waits for the attempt and its first output. */
async function findRecord(
  context: CliContext,
  queries: Queries,
  taskId: number,
  follow: boolean,
): Promise<FoundRecord | "no-task" | "nothing" | "interrupted"> {
  for (;;) {
    const detail = await queries.task(taskId);
    if (detail === null) return "no-task";
    const attempt = detail.attempts.at(-1);
    const found = attempt === undefined ? null : await recordOf(context, attempt);
    if (found !== null) return found;
    const mayCome = detail.task.state === "running" || detail.task.state === "queued";
    if (!follow || !mayCome) return "nothing";
    if (context.interrupted.aborted) return "interrupted";
    await context.clock.sleep(LOOK_EVERY_MS, context.interrupted);
  }
}

async function recordOf(context: CliContext, attempt: Attempt): Promise<FoundRecord | null> {
  const folder = attempt.results;
  if (folder === null) return null;
  for (const name of RECORDS) {
    const read: ReadPart = (range) => context.readResult(folder, name, range);
    const part = await read({ offset: 0, length: 1 });
    if (part !== null && part.size > 0) return { attempt, name, read };
  }
  return null;
}

async function showRecord(
  call: Call,
  queries: Queries,
  { attempt, name, read }: FoundRecord,
  count: number,
): Promise<ExitCode> {
  const { context, options } = call;
  const render = rendererFor(call, name);
  const write = (lines: readonly string[]): void => {
    for (const line of lines) context.stdout.write(`${line}\n`);
  };
  const follow = options.has("follow");
  const tail = await readTail(read, (lines) => lines.flatMap(render).length >= count);
  const last = follow || tail.rest === "" ? tail.lines : [...tail.lines, tail.rest];
  write(lastOf(last.flatMap(render), count));
  if (!follow) return EXIT.ok;
  await followRecord(
    read,
    tail.reached,
    (lines) => write(lines.flatMap(render)),
    () => moreToCome(context, queries, attempt),
  );
  return context.interrupted.aborted ? EXIT.interrupted : EXIT.ok;
}

/** Readable lines for people, one JSON value a line for machines. */
function rendererFor({ output }: Call, name: RecordName): RenderLine {
  if (name !== "transcript.jsonl") return output.json ? quoted : plainLines();
  return output.json ? (line) => (line === "" ? [] : [line]) : transcriptLines(output.paint);
}

function quoted(line: string): readonly string[] {
  return [JSON.stringify(line)];
}

function lastOf(lines: readonly string[], count: number): readonly string[] {
  return count === 0 ? [] : lines.slice(-count);
}

async function moreToCome(
  { clock, interrupted }: CliContext,
  queries: Queries,
  attempt: Attempt,
): Promise<"more" | "ended" | "stop"> {
  await clock.sleep(LOOK_EVERY_MS, interrupted);
  if (interrupted.aborted) return "stop";
  const detail = await queries.task(attempt.taskId);
  const now = detail?.attempts.find((each) => each.number === attempt.number);
  return now === undefined || now.endedAt !== null ? "ended" : "more";
}
