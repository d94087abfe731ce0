import { join } from "node:path";
import type { Readable } from "node:stream";
import type { Executor, Run, RunEvent, RunOutcome, RunSpec } from "../../ports/executor.ts";
import type { Confinement, Launched, Launcher } from "../../ports/launcher.ts";
import {
  brokenOff,
  childEnd,
  type ChildEnd,
  type EndCause,
  endInWords,
  neverBegan,
  outcomeOf,
} from "../process/ending.ts";
import { createEventQueue, type EventQueue } from "../process/event-queue.ts";
import { fenced } from "../process/fenced.ts";
import { findProgram } from "../process/find-program.ts";
import { ProgramMissing } from "../process/launcher.ts";
import { openOutputFile, type OutputFile } from "../process/output-file.ts";
import { createTail, type Tail } from "../process/tail.ts";
import { startWatchdog } from "../process/watchdog.ts";

/** The final text is the end of standard output, at most this long. */
export const FINAL_TEXT_MAX_BYTES: number = 64 * 1024;
/** Exit code by which a program says "try again later" (EX_TEMPFAIL of sysexits.h). */
const EXIT_TRY_AGAIN = 75;

const STDERR_TAIL_MAX_BYTES = 2048;
const TEXT_EVENT_MAX_CHARS = 500;
/** At most one text event in this time, so that a flood of output does not flood the store. */
const TEXT_EVENT_EVERY_MS = 1000;
/** From SIGTERM to SIGKILL, by the reason for ending. */
const GRACE_MS = {
  cancel: 5000,
  budget: 5000,
  shutdown: 2000,
  "gave-way": 2000,
  "lease-lost": 0,
  limit: 2000,
} as const;

/** A program to run for every task: the prompt on its standard input, the workspace as its folder. */
export interface CommandExecutorOptions {
  readonly name: string;
  /** A name to be found on the PATH of `env`, or an absolute path. */
  readonly command: string;
  readonly args: readonly string[];
  /** The complete environment (see cleanEnvironment). */
  readonly env: Readonly<Record<string, string>>;
  readonly launcher: Launcher;
  /** What a run may use; absent: it is not fenced in. */
  readonly confine?: (spec: RunSpec) => Confinement;
}

/** Runs a configured program; exit 0 is done, 75 is try again later, all else a crash. */
export function commandExecutor(options: CommandExecutorOptions): Executor {
  return {
    name: options.name,
    provider: null,
    can: { steer: false, resume: false, costs: false, quota: false },
    probe: async () => {
      const program = findProgram(options.command, options.env["PATH"]);
      if (program !== null) return { ready: true, provider: null, detail: program };
      const reason = missingMessage(options);
      return { ready: false, reason, nextCheckAt: null, detail: reason };
    },
    start: (spec) => startRun(options, spec),
  };
}

/** What the parts of one run share. */
interface RunState {
  readonly spec: RunSpec;
  readonly queue: EventQueue<RunEvent>;
  readonly stdout: Tail;
  readonly stderr: Tail;
  launched: Launched | null;
  cause: EndCause | null;
  /** Once it ended by itself, only a failure to keep its output can change the outcome. */
  ended: boolean;
}

function startRun(options: CommandExecutorOptions, spec: RunSpec): Run {
  const state: RunState = {
    spec,
    queue: createEventQueue<RunEvent>(),
    stdout: createTail(FINAL_TEXT_MAX_BYTES),
    stderr: createTail(STDERR_TAIL_MAX_BYTES),
    launched: null,
    cause: null,
    ended: false,
  };
  return {
    events: state.queue.events,
    outcome: settle(options, state),
    steer: () => false,
    stop: (how) => end(state, { type: "stop", how }),
  };
}

/** The one place where whatever was thrown becomes an outcome. */
async function settle(options: CommandExecutorOptions, state: RunState): Promise<RunOutcome> {
  try {
    const outcome = await work(options, state);
    return state.cause === null ? outcome : outcomeOf(state.cause);
  } catch (error) {
    if (error instanceof ProgramMissing) {
      return { type: "failed", failure: "config", message: missingMessage(options), retryAt: null };
    }
    return brokenOff(error);
  } finally {
    state.queue.end();
  }
}

async function work(options: CommandExecutorOptions, state: RunState): Promise<RunOutcome> {
  const { spec, queue } = state;
  const onError = (error: NodeJS.ErrnoException): void => end(state, { type: "output", error });
  const outFile = await openOutputFile(join(spec.outputDir, "stdout.log"), onError);
  const errFile = await openOutputFile(join(spec.outputDir, "stderr.log"), onError);
  try {
    if (state.cause !== null) return outcomeOf(state.cause);
    const launched = options.launcher.spawn({
      command: options.command,
      args: options.args,
      cwd: spec.workspace,
      env: options.env,
      mark: spec.mark,
      ...fenced(options.confine?.(spec), queue.push, (what) =>
        end(state, { type: "over-limit", what }),
      ),
    });
    state.launched = launched;
    queue.push({ type: "launched", process: launched.identity });
    using watchdog = startWatchdog(spec, (overrun) => {
      const limitMs = overrun === "timeout" ? spec.timeoutMs : spec.stallMs;
      end(state, { type: "overrun", overrun, limitMs });
    });
    // A program has begun when it is there: many say nothing until they are done.
    launched.child.once("spawn", () =>
      queue.push({ type: "started", model: null, sessionId: spec.sessionId }),
    );
    return await follow(state, launched, outFile, errFile, watchdog.seen);
  } finally {
    await Promise.all([outFile.close(), errFile.close()]);
  }
}

async function follow(
  state: RunState,
  launched: Launched,
  outFile: OutputFile,
  errFile: OutputFile,
  seen: () => void,
): Promise<RunOutcome> {
  const { child } = launched;
  const textEvents = textEventMaker(state.queue);
  const reading = Promise.all([
    keep(child.stdout, [outFile.write, state.stdout.add, textEvents, seen]),
    keep(child.stderr, [errFile.write, state.stderr.add, seen]),
  ]);
  // The program may end without reading; that is its affair.
  child.stdin?.on("error", () => {});
  child.stdin?.end(state.spec.prompt);
  const ended = await childEnd(child);
  state.ended = true;
  // Whatever it left behind holds the pipes open and may not outlive it.
  await launched.kill(0);
  await reading;
  if (!(await launched.begun)) return neverBegan(state.stderr.text());
  return outcomeOfExit(state, ended);
}

async function keep(
  stream: Readable | null,
  takers: readonly ((chunk: Uint8Array) => void | Promise<void>)[],
): Promise<void> {
  if (stream === null) return;
  try {
    for await (const chunk of stream) for (const take of takers) await take(chunk as Uint8Array);
  } catch {
    // A broken pipe ends the output; the exit tells the rest.
  }
}

function textEventMaker(queue: EventQueue<RunEvent>): (chunk: Uint8Array) => void {
  let nextAt = 0;
  return (chunk) => {
    const now = performance.now();
    if (now < nextAt) return;
    nextAt = now + TEXT_EVENT_EVERY_MS;
    const last = Buffer.from(chunk.subarray(-4 * TEXT_EVENT_MAX_CHARS)).toString("utf8");
    const line = last.trimEnd().split("\n").at(-1)?.slice(-TEXT_EVENT_MAX_CHARS) ?? "";
    if (line !== "") queue.offer({ type: "text", text: line });
  };
}

/** Ends the run for a reason of ours; of several reasons the first counts, the shortest grace too. */
function end(state: RunState, cause: EndCause): void {
  if (state.ended && cause.type !== "output") return;
  state.cause ??= cause;
  const graceMs = cause.type === "stop" ? GRACE_MS[cause.how] : GRACE_MS.limit;
  void state.launched?.kill(cause.type === "output" ? 0 : graceMs);
}

function outcomeOfExit(state: RunState, ended: ChildEnd): RunOutcome {
  if (ended.code === 0) return { type: "done", text: state.stdout.text().trim() };
  const lastWords = state.stderr.text().trim().split("\n").at(-1) ?? "";
  const message = `The command ${endInWords(ended)}${lastWords === "" ? "." : `: ${lastWords}`}`;
  const failure = ended.code === EXIT_TRY_AGAIN ? "overloaded" : "crash";
  return { type: "failed", failure, message, retryAt: null };
}

function missingMessage(options: CommandExecutorOptions): string {
  return `The program ${options.command} of the executor "${options.name}" was not found; correct its command in the configuration.`;
}
