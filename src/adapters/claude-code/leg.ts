import type { ChildProcess } from "node:child_process";
import type {
  query as SdkQuery,
  Query,
  SDKMessage,
  SDKUserMessage,
  SpawnedProcess,
  SpawnOptions,
} from "@anthropic-ai/claude-agent-sdk";
import type { RunEvent, RunSpec } from "../../ports/executor.ts";
import type {
  Confinement,
  Launched,
  Launcher,
  LaunchSpec,
  OverLimit,
} from "../../ports/launcher.ts";
import { childEnd, type ChildEnd, endInWords } from "../process/ending.ts";
import { createEventQueue, type EventQueue } from "../process/event-queue.ts";
import { fenced } from "../process/fenced.ts";
import type { OutputFile } from "../process/output-file.ts";
import { createTail } from "../process/tail.ts";
import type { FailureFacts } from "./failures.ts";
import type { MessageReader } from "./messages.ts";
import { type LegSpec, sdkOptions } from "./options.ts";
import { type Data, data } from "./shape.ts";

const STDERR_TAIL_MAX_BYTES = 4096;
/** So many refusals of the login are believed; the CLI itself would go on for minutes. */
const LOGIN_REFUSALS_MAX = 2;
/** For the CLI to end after we have given up on its login. */
const GIVE_UP_GRACE_MS = 1000;

/** For the CLI to end after it has done its work. */
const TIDY_UP_GRACE_MS = 2000;

/** Before the prompt of a session that goes on, whose end the agent may not have seen. */
const RESUME_WORDS =
  "Go on with this task from where you left off; look at what is already done before you do it again.";

/** What one process of the CLI works with. */
export interface LegParts {
  readonly spec: RunSpec;
  readonly launcher: Launcher;
  readonly query: typeof SdkQuery;
  readonly leg: Omit<LegSpec, "spawn">;
  /** Absent: it is not fenced in. */
  readonly confinement?: Confinement | undefined;
  readonly reader: MessageReader;
  readonly transcript: OutputFile;
  readonly stderr: OutputFile;
  readonly onEvent: (event: RunEvent) => void;
  readonly onOverLimit: (what: OverLimit) => void;
  /** Called for every sign of life. */
  readonly onSeen: () => void;
}

/** One process of the CLI, from its start to its end. */
export interface Leg {
  /** False once a result has come: nothing more can be said then. */
  readonly steer: (text: string) => boolean;
  /** Asks it to stop what it does and to tell its result with the cost. */
  readonly interrupt: () => void;
  readonly kill: (graceMs: number) => void;
  /** True once the CLI told a result that is a success. */
  readonly succeeded: () => boolean;
  /** Settles when its tree is gone; rejects only when it could not be launched. */
  readonly facts: Promise<FailureFacts>;
}

/** Starts a process of the CLI; `stopped` is asked right after, for a stop that came meanwhile. */
export function startLeg(parts: LegParts): Leg {
  const { leg, reader, spec } = parts;
  const prompt = leg.resume ? `${RESUME_WORDS}\n\n${spec.prompt}` : spec.prompt;
  const input = createInput(prompt, leg.sessionId);
  const running = createProcess(parts);
  let over = false;
  let wasSteered = false;
  let query: Query | null = null;

  const follow = async (): Promise<string | null> => {
    try {
      query = parts.query({
        prompt: input.events,
        options: sdkOptions({ ...leg, spawn: running.spawn }),
      });
      for await (const message of query) {
        await take(parts, data(message));
        if (message.type === "result") {
          over = true;
          input.end();
        }
        // Idle after its result it only tidies up, which may take seconds; SIGTERM makes that short.
        if (over && !wasSteered && isIdle(message)) running.kill(TIDY_UP_GRACE_MS);
        if (reader.loginRefusals() >= LOGIN_REFUSALS_MAX) running.kill(GIVE_UP_GRACE_MS);
      }
      return null;
    } catch (error) {
      // The SDK also throws after an error result, and when the process ended without one.
      return error instanceof Error ? error.message : String(error);
    } finally {
      over = true;
      input.end();
      running.kill(0);
    }
  };

  return {
    steer: (text) => {
      if (over) return false;
      wasSteered = true;
      input.push(userMessage(text, leg.sessionId));
      return true;
    },
    interrupt: () => void query?.interrupt().catch(() => {}),
    kill: running.kill,
    succeeded: () => isSuccess(reader.facts().result),
    facts: follow().then(async (thrown) => ({
      ...reader.facts(),
      ...(await running.ended(thrown)),
    })),
  };
}

/** True for a result that says the work was done. */
export function isSuccess(result: Data | null): boolean {
  return result !== null && result["subtype"] === "success" && result["is_error"] !== true;
}

function isIdle(message: SDKMessage): boolean {
  return (
    message.type === "system" &&
    message.subtype === "session_state_changed" &&
    message.state === "idle"
  );
}

async function take(parts: LegParts, message: Data): Promise<void> {
  parts.onSeen();
  // Pieces of a block come again as a whole; everything else is kept, known or not.
  if (data(message["event"])["type"] !== "content_block_delta") {
    await parts.transcript.write(Buffer.from(`${JSON.stringify(message)}\n`));
  }
  for (const event of parts.reader.read(message)) parts.onEvent(event);
}

function createInput(prompt: string, sessionId: string): EventQueue<SDKUserMessage> {
  const input = createEventQueue<SDKUserMessage>();
  input.push(userMessage(prompt, sessionId));
  return input;
}

function userMessage(content: string, sessionId: string): SDKUserMessage {
  return {
    type: "user",
    message: { role: "user", content },
    parent_tool_use_id: null,
    session_id: sessionId,
  };
}

interface LegProcess {
  readonly spawn: (options: SpawnOptions) => SpawnedProcess;
  readonly kill: (graceMs: number) => void;
  readonly ended: (
    thrown: string | null,
  ) => Promise<Pick<FailureFacts, "exit" | "stderr" | "begun">>;
}

/** The CLI's process, which the SDK asks for when it is ready; it may never do so. */
function createProcess(parts: LegParts): LegProcess {
  const stderr = createTail(STDERR_TAIL_MAX_BYTES);
  let launched: Launched | null = null;
  let ended: Promise<ChildEnd> | null = null;
  let isUnwanted = false;
  let refusal: unknown = null;

  // The SDK would tell of it in words of its own.
  const launch = (spec: LaunchSpec): Launched => {
    try {
      return parts.launcher.spawn(spec);
    } catch (error) {
      refusal = error;
      throw error;
    }
  };

  const readStderr = async (child: ChildProcess): Promise<void> => {
    try {
      for await (const chunk of child.stderr ?? []) {
        stderr.add(chunk as Uint8Array);
        await parts.stderr.write(chunk as Uint8Array);
      }
    } catch {
      // A broken pipe ends the output.
    }
  };
  const follow = async ({ child, kill }: Launched): Promise<ChildEnd> => {
    const reading = readStderr(child);
    const end = await childEnd(child);
    // What it left behind holds the pipes open, and may not outlive it.
    await kill(0);
    await reading;
    return end;
  };
  return {
    spawn: ({ args, command, cwd, env }) => {
      launched = launch({
        command,
        args,
        cwd: cwd ?? parts.spec.workspace,
        env: Object.fromEntries(
          Object.entries(env).flatMap(([name, value]) =>
            value === undefined ? [] : [[name, value]],
          ),
        ),
        mark: parts.spec.mark,
        ...fenced(parts.confinement, parts.onEvent, parts.onOverLimit),
      });
      ended = follow(launched);
      if (isUnwanted) void launched.kill(0);
      parts.onEvent({ type: "launched", process: launched.identity });
      // All three streams of our children are pipes, which is what the SDK's type asks for.
      return launched.child as ChildProcess & SpawnedProcess;
    },
    kill: (graceMs) => {
      isUnwanted = true;
      void launched?.kill(graceMs);
    },
    ended: async (thrown) => {
      if (refusal !== null) throw refusal;
      const end = await ended;
      const exit = end === null ? `could not be started: ${thrown}` : endInWords(end);
      return { exit, stderr: stderr.text(), begun: (await launched?.begun) ?? true };
    },
  };
}
