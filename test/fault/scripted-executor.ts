import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { childEnd, outcomeOf as outcomeOfCause } from "../../src/adapters/process/ending.ts";
import { createEventQueue, type EventQueue } from "../../src/adapters/process/event-queue.ts";
import type { Executor, Run, RunEvent, RunOutcome, RunSpec } from "../../src/ports/executor.ts";
import type { StopReason } from "../../src/ports/executor.ts";
import type { Launched, Launcher } from "../../src/ports/launcher.ts";
import type { AgentOrder, AgentWord } from "./agent.ts";

/** From SIGTERM to SIGKILL when a run is stopped. */
const GRACE_MS = 200;

const AGENT = join(import.meta.dirname, "agent.ts");

/** What the executor of the daemon under test needs. */
export interface ScriptedExecutorOptions {
  readonly launcher: Launcher;
  readonly den: string;
  /** The complete environment of agents. */
  readonly env: Readonly<Record<string, string>>;
}

interface RunState {
  readonly queue: EventQueue<RunEvent>;
  launched: Launched | null;
  stopped: StopReason | null;
  text: string | null;
}

/** An executor whose agent is a real process with sessions that can be resumed (see agent.ts). */
export function scriptedExecutor(options: ScriptedExecutorOptions): Executor {
  return {
    name: "scripted",
    provider: "scripted",
    can: { steer: false, resume: true, costs: true, quota: false },
    probe: () => Promise.resolve({ ready: true, provider: "scripted", detail: "a script" }),
    start: (spec) => startRun(options, spec),
  };
}

function startRun(options: ScriptedExecutorOptions, spec: RunSpec): Run {
  const state: RunState = {
    queue: createEventQueue<RunEvent>(),
    launched: null,
    stopped: null,
    text: null,
  };
  return {
    events: state.queue.events,
    outcome: settle(options, spec, state),
    steer: () => false,
    stop: (how) => {
      state.stopped ??= how;
      void state.launched?.kill(how === "lease-lost" ? 0 : GRACE_MS);
    },
  };
}

async function settle(
  options: ScriptedExecutorOptions,
  spec: RunSpec,
  state: RunState,
): Promise<RunOutcome> {
  try {
    // A stop that comes with the start is seen before anything runs.
    await Promise.resolve();
    const ended = state.stopped === null ? await follow(options, spec, state) : null;
    if (ended?.code === 0 && state.text !== null) return { type: "done", text: state.text };
    if (state.stopped !== null) return outcomeOfCause({ type: "stop", how: state.stopped });
    const message = `The agent ended with ${ended?.signal ?? ended?.code}.`;
    return { type: "failed", failure: "crash", message, retryAt: null };
  } finally {
    state.queue.end();
  }
}

async function follow(
  options: ScriptedExecutorOptions,
  spec: RunSpec,
  state: RunState,
): Promise<Awaited<ReturnType<typeof childEnd>>> {
  const launched = launch(options, spec);
  state.launched = launched;
  state.queue.push({ type: "launched", process: launched.identity });
  const { child } = launched;
  child.stdin?.on("error", () => {});
  child.stdin?.end(spec.prompt);
  child.stderr?.pipe(process.stderr, { end: false });
  const ending = childEnd(child);
  const hearing = hearAll(child.stdout, (word) => hear(state, spec, word));
  const ended = await ending;
  await launched.kill(0);
  await hearing;
  return ended;
}

async function hearAll(stream: Readable | null, take: (word: AgentWord) => void): Promise<void> {
  if (stream === null) return;
  for await (const line of createInterface({ input: stream })) {
    // The last line of a killed agent may be cut.
    if (line.endsWith("}")) take(JSON.parse(line) as AgentWord);
  }
}

function launch(options: ScriptedExecutorOptions, spec: RunSpec): Launched {
  const order: AgentOrder = {
    den: options.den,
    taskId: spec.taskId,
    attempt: spec.attempt,
    sessionId: spec.sessionId,
    resume: spec.resume,
  };
  return options.launcher.spawn({
    command: process.execPath,
    args: ["--disable-warning=ExperimentalWarning", AGENT],
    cwd: spec.workspace,
    env: { ...options.env, AGENT_ORDER: JSON.stringify(order) },
    mark: spec.mark,
  });
}

function hear(state: RunState, spec: RunSpec, word: AgentWord): void {
  switch (word.type) {
    case "started":
      state.queue.push({ type: "started", model: "script-1", sessionId: spec.sessionId });
      return;
    case "beat":
      state.queue.push({ type: "text", text: `beat ${word.beat} of ${word.of}` });
      state.queue.push({
        type: "usage",
        provider: "scripted",
        model: "script-1",
        tokens: { input: 10, output: 1, cacheRead: 0, cacheWrite: 0 },
        usd: 0.001,
      });
      return;
    case "done":
      state.text = word.text;
  }
}
