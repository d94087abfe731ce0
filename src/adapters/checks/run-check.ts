import { createHash } from "node:crypto";
import type { Readable } from "node:stream";
import type { CheckRun } from "../../core/proof.ts";
import type { Confinement, Launched, Launcher } from "../../ports/launcher.ts";
import type { CheckSpec } from "../../ports/proof.ts";
import { childEnd, endInWords } from "../process/ending.ts";
import { FenceFailed } from "../process/fence-failed.ts";
import { openOutputFile, type OutputFile } from "../process/output-file.ts";
import { createTail } from "../process/tail.ts";

const TAIL_BYTES = 2048;

/** What checks are run with. */
export interface CheckParts {
  readonly launcher: Launcher;
  /** The complete environment; nothing in it tells a check that it is one. */
  readonly env: Readonly<Record<string, string>>;
  readonly confine: (spec: CheckSpec) => Confinement;
}

/** Runs checks by the launcher that agents are started with. */
export function checkRunner(
  parts: CheckParts,
): (spec: CheckSpec, signal: AbortSignal) => Promise<CheckRun> {
  return async (spec, signal) => {
    signal.throwIfAborted();
    const startedAtMs = performance.now();
    const hash = createHash("sha256");
    const output = await openOutputFile(spec.outputPath, () => {});
    let problem: string | null = null;
    let exitCode: number | null = null;
    try {
      ({ exitCode, problem } = await runOnce(parts, spec, signal, {
        hash: hash.update.bind(hash),
        output,
      }));
    } catch (error) {
      if (!(error instanceof FenceFailed)) throw error;
      problem = error.message;
    } finally {
      await output.close();
    }
    signal.throwIfAborted();
    const durationMs = Math.round(performance.now() - startedAtMs);
    return { exitCode, problem, durationMs, outputSha256: hash.digest("hex") };
  };
}

interface Taker {
  readonly hash: (chunk: Uint8Array) => unknown;
  readonly output: OutputFile;
}

async function runOnce(
  { launcher, env, confine }: CheckParts,
  spec: CheckSpec,
  signal: AbortSignal,
  taker: Taker,
): Promise<Pick<CheckRun, "exitCode" | "problem">> {
  let over: string | null = null;
  const launched = launcher.spawn({
    command: "/bin/sh",
    args: ["-c", spec.command],
    cwd: spec.folder,
    env,
    mark: spec.mark,
    confinement: confine(spec),
    onOverLimit: (what) => {
      over = `it took more ${what} than it may`;
    },
  });
  const end = (why: string | null): void => {
    over ??= why;
    void launched.kill(0);
  };
  const stop = (): void => end(null);
  signal.addEventListener("abort", stop, { once: true });
  // An abort while the check was started is told to nobody any more.
  if (signal.aborted) stop();
  const timer = setTimeout(() => end("it took too long"), spec.timeoutMs);
  const stderr = createTail(TAIL_BYTES);
  launched.child.stdin?.on("error", () => {});
  launched.child.stdin?.end();
  const reading = Promise.all([
    take(launched.child.stdout, taker),
    take(launched.child.stderr, taker, stderr.add),
  ]);
  const ended = await childEnd(launched.child);
  await launched.kill(0);
  await reading;
  clearTimeout(timer);
  signal.removeEventListener("abort", stop);
  if (over !== null) return { exitCode: null, problem: over };
  return endOf(launched, ended, stderr.text());
}

async function endOf(
  launched: Launched,
  ended: Awaited<ReturnType<typeof childEnd>>,
  stderr: string,
): Promise<Pick<CheckRun, "exitCode" | "problem">> {
  if (!(await launched.begun)) {
    const words = stderr.trim().split("\n").at(-1) ?? "";
    return { exitCode: null, problem: `the sandbox could not be set up: ${words}` };
  }
  const exitCode = ended.signal === null ? ended.code : null;
  return { exitCode, problem: exitCode === null ? `it ${endInWords(ended)}` : null };
}

async function take(
  stream: Readable | null,
  { hash, output }: Taker,
  also: (chunk: Uint8Array) => void = () => {},
): Promise<void> {
  if (stream === null) return;
  try {
    for await (const chunk of stream) {
      hash(chunk as Uint8Array);
      also(chunk as Uint8Array);
      await output.write(chunk as Uint8Array);
    }
  } catch {
    // A broken pipe ends the output; the exit tells the rest.
  }
}
