import { randomUUID } from "node:crypto";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { TokenCounts } from "../../src/core/attempt.ts";
import { NO_TOKENS } from "../../src/core/attempt.ts";
import type { Executor, RunEvent, RunSpec } from "../../src/ports/executor.ts";
import { follow, markedPids, temporaryFolder, type TemporaryFolder } from "./support.ts";

/** An executor with an agent that does what the prompt says. */
export interface ExecutorUnderTest extends AsyncDisposable {
  readonly executor: Executor;
  readonly prompts: {
    /** Ends well with the words "It works." */
    readonly works: string;
    /** Ends badly by itself. */
    readonly fails: string;
    /** Begins, shows a sign of life, and never ends. */
    readonly hangs: string;
    /** Waits for words by `steer` and ends well with them as its text; null where none are taken. */
    readonly listens: string | null;
  };
  /** What `works` uses; null where nothing is counted. */
  readonly uses: { readonly tokens: TokenCounts; readonly usd: number } | null;
  /** Whether it writes files and starts processes. */
  readonly isReal: boolean;
}

const LONG_MS = 100_000;
const STOPS = ["cancel", "shutdown", "lease-lost"] as const;

/** What every executor promises, whatever is behind it. */
export function executorContract(
  name: string,
  open: (folder: string) => Promise<ExecutorUnderTest>,
): void {
  describe(`${name} keeps the contract of executors`, () => {
    it("is ready", async () => {
      await using bundle = await setup(open);
      const said = await bundle.executor.probe(AbortSignal.timeout(LONG_MS));
      expect(said).toEqual({
        ready: true,
        provider: bundle.executor.provider,
        detail: expect.any(String),
      });
    });

    it("does the work, tells that it began, and settles when nothing of it lives", async () => {
      await using bundle = await setup(open);
      const spec = await bundle.spec("works");
      const { events, outcome } = await follow(bundle.executor.start(spec));
      expect(outcome).toEqual({ type: "done", text: "It works." });
      expect(events[0]?.type).toBe("launched");
      expect(events[1]).toMatchObject({ type: "started", sessionId: spec.sessionId });
      expect(events.filter((event) => event.type === "started")).toHaveLength(1);
      expect(await markedPids(spec.mark)).toEqual([]);
    });

    it("tells how it failed as a value", async () => {
      await using bundle = await setup(open);
      const { outcome } = await follow(bundle.executor.start(await bundle.spec("fails")));
      expect(outcome).toMatchObject({ type: "failed", message: expect.stringMatching(/./) });
    });

    it.each(STOPS)("stops for %s, with its whole tree", async (how) => {
      await using bundle = await setup(open);
      const spec = await bundle.spec("hangs");
      const run = bundle.executor.start(spec);
      const { outcome } = await follow(run, (event) => {
        if (event.type === "started") run.stop(how);
      });
      expect(outcome).toEqual({ type: "stopped", how });
      expect(await markedPids(spec.mark)).toEqual([]);
    });

    it("stops even before it began, and the first reason counts", async () => {
      await using bundle = await setup(open);
      const spec = await bundle.spec("hangs");
      const run = bundle.executor.start(spec);
      run.stop("shutdown");
      run.stop("lease-lost");
      expect((await follow(run)).outcome).toEqual({ type: "stopped", how: "shutdown" });
      expect(await markedPids(spec.mark)).toEqual([]);
    });

    it("takes a stop after the end for nothing", async () => {
      await using bundle = await setup(open);
      const run = bundle.executor.start(await bundle.spec("works"));
      const { outcome } = await follow(run);
      run.stop("cancel");
      expect(await run.outcome).toBe(outcome);
      expect(run.steer("more")).toBe(false);
    });

    it.each([
      { failure: "timeout", limit: "timeoutMs" },
      { failure: "stalled", limit: "stallMs" },
    ])("ends a run by itself: $failure", async ({ failure, limit }) => {
      await using bundle = await setup(open);
      const limitMs = bundle.isReal ? 1500 : 30;
      const spec = { ...(await bundle.spec("hangs")), [limit]: limitMs };
      const { outcome } = await follow(bundle.executor.start(spec));
      expect(outcome).toMatchObject({ type: "failed", failure, retryAt: null });
      expect(await markedPids(spec.mark)).toEqual([]);
    });

    it("takes words while it works exactly when it says so", async () => {
      await using bundle = await setup(open);
      const { executor, prompts } = bundle;
      const run = executor.start(await bundle.spec(prompts.listens === null ? "hangs" : "listens"));
      const taken: boolean[] = [];
      const { outcome } = await follow(run, (event) => {
        if (event.type !== "started") return;
        taken.push(run.steer("Say hello."));
        if (!executor.can.steer) run.stop("lease-lost");
      });
      expect(taken).toEqual([executor.can.steer]);
      expect(outcome).toEqual(
        executor.can.steer
          ? { type: "done", text: "Say hello." }
          : { type: "stopped", how: "lease-lost" },
      );
    });

    it("goes on in the same session, or in a new one when it knows no such session", async () => {
      await using bundle = await setup(open);
      if (!bundle.executor.can.resume) return;
      const first = await bundle.spec("works");
      await follow(bundle.executor.start(first));
      const again = await follow(bundle.executor.start({ ...first, resume: true }));
      expect(startedSessions(again.events)).toEqual([first.sessionId]);
      expect(again.outcome).toMatchObject({ type: "done" });
      const unknown = { ...(await bundle.spec("works")), resume: true };
      const afresh = await follow(bundle.executor.start(unknown));
      expect(startedSessions(afresh.events)).toEqual([expect.any(String)]);
      expect(afresh.outcome).toEqual({ type: "done", text: "It works." });
    });

    it("tells what it used as differences that add up", async () => {
      await using bundle = await setup(open);
      const { events } = await follow(bundle.executor.start(await bundle.spec("works")));
      const used = addUp(events);
      expect(used).toEqual(bundle.uses ?? { tokens: NO_TOKENS, usd: 0 });
    });

    it("tells of an output folder that cannot be written as a value", async () => {
      await using bundle = await setup(open);
      if (!bundle.isReal) return;
      const spec = await bundle.spec("works");
      await rm(spec.outputDir, { recursive: true });
      const { events, outcome } = await follow(bundle.executor.start(spec));
      expect(events).toEqual([]);
      expect(outcome).toMatchObject({ type: "failed", failure: "config" });
    });
  });
}

interface ContractBundle extends ExecutorUnderTest {
  readonly folder: TemporaryFolder;
  /** A run in fresh folders. */
  readonly spec: (prompt: keyof ExecutorUnderTest["prompts"]) => Promise<RunSpec>;
}

async function setup(
  open: (folder: string) => Promise<ExecutorUnderTest>,
): Promise<ContractBundle> {
  const folder = await temporaryFolder();
  const opened = await open(folder.path);
  return {
    ...opened,
    folder,
    spec: async (prompt) => ({
      ...(await freshSpec(folder.path)),
      prompt: opened.prompts[prompt] ?? "",
    }),
    [Symbol.asyncDispose]: async () => {
      await opened[Symbol.asyncDispose]();
      await folder[Symbol.asyncDispose]();
    },
  };
}

/** A spec with a fresh workspace and output folder under `folder`, and generous limits. */
export async function freshSpec(folder: string, prompt = ""): Promise<RunSpec> {
  const id = randomUUID();
  const workspace = join(folder, id, "workspace");
  const outputDir = join(folder, id, "output");
  await mkdir(workspace, { recursive: true });
  await mkdir(outputDir);
  return {
    taskId: 1,
    project: null,
    isolation: null,
    attempt: 1,
    mark: `1/1/${id}`,
    prompt,
    workspace,
    readable: [],
    model: null,
    sessionId: randomUUID(),
    resume: false,
    stallMs: LONG_MS,
    timeoutMs: LONG_MS,
    outputDir,
  };
}

function startedSessions(events: readonly RunEvent[]): readonly string[] {
  return events.flatMap((event) => (event.type === "started" ? [event.sessionId] : []));
}

/** The sum of all usage events. */
export function addUp(events: readonly RunEvent[]): { tokens: TokenCounts; usd: number } {
  let tokens = NO_TOKENS;
  let usd = 0;
  for (const event of events) {
    if (event.type !== "usage") continue;
    usd += event.usd;
    tokens = {
      input: tokens.input + event.tokens.input,
      output: tokens.output + event.tokens.output,
      cacheRead: tokens.cacheRead + event.tokens.cacheRead,
      cacheWrite: tokens.cacheWrite + event.tokens.cacheWrite,
    };
  }
  return { tokens, usd: Math.round(usd * 1e6) / 1e6 };
}
