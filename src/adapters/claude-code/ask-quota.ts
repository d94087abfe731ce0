import { randomUUID } from "node:crypto";
import type { query as SdkQuery, SpawnedProcess } from "@anthropic-ai/claude-agent-sdk";
import type { ChildProcess } from "node:child_process";
import type { QuotaWindow } from "../../core/quota.ts";
import type { Instant } from "../../core/task.ts";
import type { Launched, Launcher } from "../../ports/launcher.ts";
import { CLAUDE_PROVIDER, askingEnvironment } from "./options.ts";
import { type Data, data, number, text } from "./shape.ts";

/** What asking needs. */
export interface AskParts {
  readonly launcher: Launcher;
  readonly env: Readonly<Record<string, string>>;
  readonly now: () => Instant;
  readonly query: typeof SdkQuery;
  /** Absolute path of the CLI. */
  readonly binary: string;
}

const ANSWER_TIMEOUT_MS = 30_000;

/** The windows that hold up a run, by the provider's names; the answer has others besides. */
const WINDOWS = ["five_hour", "seven_day", "seven_day_opus", "seven_day_sonnet"] as const;

/**
 * Asks the CLI what is used of the plan, in a session in which nothing is ever said, so that nothing
 * is spent. Null when it does not tell: with an API key, a bare token, or no answer in time.
 */
export async function askQuota(
  parts: AskParts,
  signal: AbortSignal,
): Promise<readonly QuotaWindow[] | null> {
  const over = new AbortController();
  const limit = AbortSignal.any([over.signal, signal, AbortSignal.timeout(ANSWER_TIMEOUT_MS)]);
  const processes: Launched[] = [];
  try {
    const session = parts.query({
      prompt: sayNothing(limit),
      options: {
        cwd: "/",
        env: askingEnvironment(parts.env),
        pathToClaudeCodeExecutable: parts.binary,
        settingSources: [],
        strictMcpConfig: true,
        permissionMode: "dontAsk",
        spawnClaudeCodeProcess: ({ command, args, env }) => {
          const launched = spawn(parts.launcher, command, args, env);
          processes.push(launched);
          return launched.child as ChildProcess & SpawnedProcess;
        },
      },
    });
    const asked = session.usage_EXPERIMENTAL_MAY_CHANGE_DO_NOT_RELY_ON_THIS_API_YET({
      skipBehaviors: true,
    });
    return readUsage(data(await Promise.race([asked, rejection(limit)])), parts.now());
  } catch {
    // The request is an experiment of the vendor: whatever becomes of it, runs tell their windows.
    return null;
  } finally {
    over.abort();
    await Promise.all(processes.map(({ kill }) => kill(0)));
  }
}

/** The windows in an answer of the CLI: shares in percent there, resets as ISO times. */
export function readUsage(answer: Data, observedAt: Instant): readonly QuotaWindow[] | null {
  if (answer["rate_limits_available"] !== true) return null;
  const limits = data(answer["rate_limits"]);
  const windows = WINDOWS.flatMap((name): QuotaWindow[] => {
    const facts = data(limits[name]);
    const percent = number(facts["utilization"]);
    if (percent === null) return [];
    const resetsAt = Date.parse(text(facts["resets_at"]) ?? "");
    return [
      {
        provider: CLAUDE_PROVIDER,
        window: name,
        used: percent / 100,
        resetsAt: Number.isNaN(resetsAt) ? null : resetsAt,
        status: percent >= 100 ? "closed" : "open",
        source: "observed",
        observedAt,
      },
    ];
  });
  return windows.length === 0 ? null : windows;
}

/** An input that stays open and empty until the limit. */
function sayNothing(limit: AbortSignal): AsyncIterable<never> {
  const next = (): Promise<IteratorResult<never>> =>
    rejection(limit).catch(() => ({ done: true, value: undefined }));
  return { [Symbol.asyncIterator]: () => ({ next }) };
}

function rejection(limit: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    const fail = (): void => reject(limit.reason as Error);
    if (limit.aborted) fail();
    else limit.addEventListener("abort", fail, { once: true });
  });
}

function spawn(
  launcher: Launcher,
  command: string,
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): Launched {
  const whole = Object.entries(env).filter((entry): entry is [string, string] => entry[1] != null);
  const mark = `short/${randomUUID()}`;
  const launched = launcher.spawn({
    command,
    args,
    cwd: "/",
    env: Object.fromEntries(whole),
    mark,
  });
  launched.child.on("error", () => undefined);
  launched.child.stderr?.resume();
  return launched;
}
