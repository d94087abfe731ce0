import type { FailureClass } from "../core/failure.ts";
import type { Readiness } from "../core/hold.ts";
import type { Instant } from "../core/task.ts";
import type { Clock } from "../ports/clock.ts";
import type {
  Executor,
  Run,
  RunEvent,
  RunOutcome,
  RunSpec,
  StopReason,
} from "../ports/executor.ts";

/** What a fake agent may do while it works. */
export interface FakeAgent {
  readonly spec: RunSpec;
  readonly emit: (event: RunEvent) => void;
  /** Words given by `steer`, oldest first. */
  readonly said: readonly string[];
  /** Resolves with the next words given by `steer`. */
  readonly nextSaid: () => Promise<string>;
}

/** The work of a fake agent. It is broken off when the run is stopped or goes over a limit. */
export type FakeWork = (agent: FakeAgent) => Promise<RunOutcome>;

/** An executor without processes, for tests of what stands above executors. */
export interface FakeExecutor extends Executor {
  /** Every spec it was started with, oldest first. */
  readonly started: readonly RunSpec[];
  /** How many runs have not settled. */
  readonly running: () => number;
  /** What all further runs do. */
  readonly set: (work: FakeWork) => void;
  readonly setReadiness: (readiness: Readiness) => void;
}

/** Limits are watched on `clock`; without one they are not watched. Starts with `works()`. */
export interface FakeExecutorOptions {
  readonly name?: string;
  readonly provider?: string | null;
  readonly can?: Partial<Executor["can"]>;
  readonly clock?: Clock;
  readonly work?: FakeWork;
}

/** Mode "works": tells the given events, then is done. */
export function works(text = "done", events: readonly RunEvent[] = []): FakeWork {
  return async ({ emit }) => {
    for (const event of events) emit(event);
    return { type: "done", text };
  };
}

/** Mode "fails": with this class. */
export function fails(
  failure: FailureClass,
  message = `failed: ${failure}`,
  retryAt: Instant | null = null,
): FakeWork {
  return async () => ({ type: "failed", failure, message, retryAt });
}

/** Mode "hangs": until it is stopped or goes over a limit. */
export function hangs(): FakeWork {
  return async () => await new Promise<RunOutcome>(() => {});
}

/** Makes a fake executor. */
export function createFakeExecutor(options: FakeExecutorOptions = {}): FakeExecutor {
  const started: RunSpec[] = [];
  const sessions = new Set<string>();
  const provider = options.provider ?? null;
  let running = 0;
  let work = options.work ?? works();
  let readiness: Readiness = { ready: true, provider };
  const can = { steer: true, resume: true, costs: true, quota: true, ...options.can };
  return {
    name: options.name ?? "fake",
    provider,
    can,
    started,
    running: () => running,
    set: (next) => {
      work = next;
    },
    setReadiness: (next) => {
      readiness = next;
    },
    probe: async () => ({ ...readiness, detail: "a fake agent" }),
    start: (spec) => {
      started.push(spec);
      running += 1;
      const run = startFake({ spec, work, can, sessions, clock: options.clock });
      void run.outcome.finally(() => {
        running -= 1;
      });
      return run;
    },
  };
}

interface FakeStart {
  readonly spec: RunSpec;
  readonly work: FakeWork;
  readonly can: Executor["can"];
  readonly sessions: Set<string>;
  readonly clock: Clock | undefined;
}

function startFake({ spec, work, can, sessions, clock }: FakeStart): Run {
  const channel = createChannel<RunEvent>();
  const said: string[] = [];
  const listeners: ((text: string) => void)[] = [];
  const broken = Promise.withResolvers<RunOutcome>();
  const limits = new AbortController();
  const emit = (event: RunEvent): void => {
    channel.push(event);
    watchStall();
  };
  const watchStall = clock === undefined ? () => {} : stallWatch(clock, spec, limits, broken);
  // An unknown session cannot be resumed; a new one begins instead, as with real agents.
  const known = !spec.resume || sessions.has(spec.sessionId);
  const sessionId = known ? spec.sessionId : `${spec.sessionId}-afresh`;
  sessions.add(sessionId);
  emit({ type: "launched", process: null });
  emit({ type: "started", model: spec.model, sessionId });
  const nextSaid = async (): Promise<string> =>
    await new Promise((resolve) => listeners.push(resolve));
  const settle = async (): Promise<RunOutcome> => {
    const outcome = await Promise.race([broken.promise, work({ spec, emit, said, nextSaid })]);
    limits.abort();
    channel.end();
    return outcome;
  };
  if (clock !== undefined) watch(clock, spec.timeoutMs, limits.signal, broken, "timeout");
  return {
    events: channel.events,
    outcome: settle(),
    steer: (text) => {
      if (!can.steer || limits.signal.aborted) return false;
      said.push(text);
      for (const listener of listeners.splice(0)) listener(text);
      return true;
    },
    stop: (how: StopReason) => broken.resolve({ type: "stopped", how }),
  };
}

function stallWatch(
  clock: Clock,
  spec: RunSpec,
  limits: AbortController,
  broken: PromiseWithResolvers<RunOutcome>,
): () => void {
  let quiet = new AbortController();
  return () => {
    quiet.abort();
    quiet = new AbortController();
    const signal = AbortSignal.any([limits.signal, quiet.signal]);
    watch(clock, spec.stallMs, signal, broken, "stalled");
  };
}

function watch(
  clock: Clock,
  ms: number,
  signal: AbortSignal,
  broken: PromiseWithResolvers<RunOutcome>,
  failure: "timeout" | "stalled",
): void {
  const over = (): void => {
    if (signal.aborted) return;
    broken.resolve({ type: "failed", failure, message: `over ${ms} ms`, retryAt: null });
  };
  void clock.sleep(ms, signal).then(over);
}

interface Channel<T> {
  readonly push: (item: T) => void;
  readonly end: () => void;
  readonly events: AsyncIterable<T>;
}

function createChannel<T>(): Channel<T> {
  const items: T[] = [];
  let ended = false;
  let wake = (): void => {};
  return {
    push: (item) => {
      if (!ended) items.push(item);
      wake();
    },
    end: () => {
      ended = true;
      wake();
    },
    events: {
      async *[Symbol.asyncIterator]() {
        for (;;) {
          yield* items.splice(0);
          if (items.length > 0) continue;
          if (ended) return;
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        }
      },
    },
  };
}
