import { randomUUID } from "node:crypto";
import { join } from "node:path";
import type { Run, RunEvent, RunOutcome, RunSpec, StopReason } from "../../ports/executor.ts";
import { isFenced } from "../../core/isolation.ts";
import { brokenOff, type EndCause, neverBegan, outcomeOf } from "../process/ending.ts";
import { createEventQueue, type EventQueue } from "../process/event-queue.ts";
import { openOutputFile, type OutputFile } from "../process/output-file.ts";
import { startWatchdog } from "../process/watchdog.ts";
import type { FoundBinary } from "./binary.ts";
import { confinedCli, type ConfinedCli } from "./confined.ts";
import { type FailureFacts, failureOf, isTakenSession, isUnknownSession } from "./failures.ts";
import { readInstructions } from "./instructions.ts";
import { isSuccess, type Leg, startLeg } from "./leg.ts";
import { createMessageReader } from "./messages.ts";
import { CLAUDE_PROVIDER, type ClaudeCodeOptions } from "./options.ts";
import { loadQuery } from "./sdk.ts";
import { text } from "./shape.ts";

/** The final text is kept up to this length; the transcript has all of it. */
const FINAL_TEXT_MAX_CHARS = 64 * 1024;
/** How long an interrupted CLI may take to tell its result with the cost. */
const INTERRUPT_MS = 5000;
/** From SIGTERM to SIGKILL. */
const GRACE_MS = 2000;

/** What a run needs of its executor. */
export interface RunParts extends ClaudeCodeOptions {
  readonly allowedTools: readonly string[];
  readonly findBinary: () => Promise<FoundBinary>;
  /** Has the CLI outside renew a stored login that has run out. */
  readonly renew: () => Promise<unknown>;
}

interface RunState {
  readonly parts: RunParts;
  readonly spec: RunSpec;
  readonly queue: EventQueue<RunEvent>;
  leg: Leg | null;
  cause: EndCause | null;
}

interface OutputFiles {
  readonly transcript: OutputFile;
  readonly stderr: OutputFile;
}

/** Starts a run of Claude Code. */
export function startRun(parts: RunParts, spec: RunSpec): Run {
  const queue = createEventQueue<RunEvent>();
  const state: RunState = { parts, spec, queue, leg: null, cause: null };
  return {
    events: queue.events,
    outcome: settle(state),
    steer: (words) => state.cause === null && (state.leg?.steer(words) ?? false),
    stop: (how) => end(state, { type: "stop", how }),
  };
}

/** The one place where whatever was thrown becomes an outcome. */
async function settle(state: RunState): Promise<RunOutcome> {
  try {
    const outcome = await work(state);
    return state.cause === null ? outcome : outcomeOf(state.cause);
  } catch (error) {
    return brokenOff(error);
  } finally {
    state.queue.end();
  }
}

async function work(state: RunState): Promise<RunOutcome> {
  const { spec } = state;
  const onError = (error: NodeJS.ErrnoException): void => end(state, { type: "output", error });
  const transcript = await openOutputFile(join(spec.outputDir, "transcript.jsonl"), onError);
  const stderr = await openOutputFile(join(spec.outputDir, "stderr.log"), onError);
  try {
    using watchdog = startWatchdog(spec, (overrun) => {
      const limitMs = overrun === "timeout" ? spec.timeoutMs : spec.stallMs;
      end(state, { type: "overrun", overrun, limitMs });
    });
    return await workWithFiles(state, { transcript, stderr }, watchdog.seen);
  } finally {
    await Promise.all([transcript.close(), stderr.close()]);
  }
}

async function workWithFiles(
  state: RunState,
  files: OutputFiles,
  seen: () => void,
): Promise<RunOutcome> {
  const { parts, spec } = state;
  const binary = await parts.findBinary();
  if (!binary.ok) return configFailure(binary.reason);
  const query = await loadQuery();
  if (query === null) {
    return configFailure("The package @anthropic-ai/claude-agent-sdk is not installed.");
  }
  const instructions = await readInstructions(spec.workspace);
  const runLeg = async (sessionId: string, resume: boolean): Promise<FailureFacts | null> => {
    if (state.cause !== null) return null;
    const { allowedTools, launcher, now } = parts;
    const { env, confinement } = cliOf(parts, spec);
    state.leg = startLeg({
      spec,
      launcher,
      query,
      leg: { spec, sessionId, resume, binary: binary.path, instructions, env, allowedTools },
      confinement,
      reader: createMessageReader({ provider: CLAUDE_PROVIDER, resumed: resume, now }),
      ...files,
      onEvent: (event) => state.queue.push(event),
      onOverLimit: (what) => end(state, { type: "over-limit", what }),
      onSeen: seen,
    });
    return await state.leg.facts;
  };
  const facts = await inSession(spec, runLeg);
  return facts === null ? configFailure("The run was ended before it began.") : outcomeOfLeg(facts);
}

/**
 * Runs in the session that was chosen and stored before. One that broke off before its first words
 * is unknown to the CLI and begins under its own id, so that a run that dies again can be resumed;
 * only where the CLI holds that id for taken is another one made.
 */
async function inSession(
  { sessionId, resume }: RunSpec,
  runLeg: (sessionId: string, resume: boolean) => Promise<FailureFacts | null>,
): Promise<FailureFacts | null> {
  const resumed = await runLeg(sessionId, resume);
  if (!resume || resumed === null || !isUnknownSession(resumed)) return resumed;
  const begun = await runLeg(sessionId, false);
  return begun !== null && isTakenSession(begun) ? runLeg(randomUUID(), false) : begun;
}

function outcomeOfLeg(facts: FailureFacts): RunOutcome {
  const { result } = facts;
  if (!facts.begun) return neverBegan(facts.stderr);
  if (!isSuccess(result)) return failureOf(facts);
  return { type: "done", text: (text(result?.["result"]) ?? "").slice(0, FINAL_TEXT_MAX_CHARS) };
}

function cliOf(parts: RunParts, spec: RunSpec): Partial<ConfinedCli> & Pick<ConfinedCli, "env"> {
  const { env, fence } = parts;
  if (fence === undefined) return { env };
  const confinement = fence.confine(spec);
  return isFenced(confinement.level)
    ? confinedCli(parts, { ...fence, confinement }, spec)
    : { env, confinement };
}

/** Ends the run for a reason of ours; the first reason counts, and none after a success was told. */
function end(state: RunState, cause: EndCause): void {
  const { leg } = state;
  if (leg?.succeeded() === true && cause.type !== "output") {
    if (isAtOnce(cause)) leg.kill(0);
    return;
  }
  state.cause ??= cause;
  if (leg === null) return;
  if (!isGentle(cause)) {
    leg.kill(isAtOnce(cause) ? 0 : GRACE_MS);
    return;
  }
  leg.interrupt();
  setTimeout(() => leg.kill(0), INTERRUPT_MS).unref();
}

/** Where the cost is worth a short wait. */
function isGentle(cause: EndCause): boolean {
  return cause.type === "stop"
    ? (["cancel", "budget"] satisfies StopReason[]).some((how) => how === cause.how)
    : cause.type === "overrun" && cause.overrun === "timeout";
}

function isAtOnce(cause: EndCause): boolean {
  return cause.type === "output" || (cause.type === "stop" && cause.how === "lease-lost");
}

function configFailure(message: string): RunOutcome {
  return { type: "failed", failure: "config", message, retryAt: null };
}
