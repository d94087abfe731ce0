import type { FailureClass } from "../../src/core/failure.ts";
import type { Executor, Run, RunEvent, RunOutcome, RunSpec } from "../../src/ports/executor.ts";
import type { Draw } from "./draw.ts";
import { type Provider, PROVIDER } from "./provider.ts";
import type { NightTime } from "./time.ts";

/** The agents of a night: they outlive the daemon that started them. */
export interface Agents {
  readonly executors: (isAlive: () => boolean) => readonly Executor[];
  /** Ends what was left of an attempt; false when it does not die at once. */
  readonly end: (mark: string) => boolean;
  /** Tasks with more than one living agent. */
  readonly doubled: () => readonly number[];
  readonly starts: () => number;
  /** From now on whatever begins succeeds soon. */
  readonly relent: () => void;
}

/** The executor that names no provider, and so has no quota. */
export const FREE = "free";
export const CLAUDE = "claude";

const MINUTE_MS = 60_000;

interface Living {
  readonly spec: RunSpec;
  readonly end: () => void;
}

interface World {
  readonly time: NightTime;
  readonly draw: Draw;
  readonly provider: Provider;
  readonly alive: Map<string, Living>;
  readonly tell: (problem: string) => void;
  /** True just after a daemon was thawed, which may start what is not its own any more, for a moment. */
  readonly isExcused: () => boolean;
  relented: boolean;
  starts: number;
}

/** Agents that work, fail, hang and meet limits as they are drawn; `tell` hears of what may never be. */
export function openAgents(
  parts: Pick<World, "time" | "draw" | "provider" | "tell" | "isExcused">,
): Agents {
  const world: World = { ...parts, alive: new Map(), relented: false, starts: 0 };
  const executorNamed = (name: string, isAlive: () => boolean): Executor => ({
    name,
    provider: name === CLAUDE ? PROVIDER : null,
    can: { steer: true, resume: true, costs: true, quota: true },
    probe: async () => ({ ready: true, provider: name === CLAUDE ? PROVIDER : null, detail: "" }),
    ...(name === CLAUDE ? { askQuota: async () => answerOf(world) } : {}),
    start: (spec) => startAgent(world, name, spec, isAlive),
  });
  return {
    executors: (isAlive) => [CLAUDE, FREE].map((name) => executorNamed(name, isAlive)),
    end: (mark) => {
      const living = world.alive.get(mark);
      if (living === undefined) return true;
      if (!world.relented && world.draw.chance(0.2)) return false;
      living.end();
      return true;
    },
    doubled: () => {
      const ids = [...world.alive.values()].map(({ spec }) => spec.taskId);
      return ids.filter((id, index) => ids.indexOf(id) !== index);
    },
    starts: () => world.starts,
    relent: () => {
      world.relented = true;
    },
  };
}

function answerOf({ provider, draw, relented }: World): ReturnType<Provider["tell"]> | null {
  if (!relented && draw.chance(0.2)) throw new Error("The provider does not answer.");
  const told = provider.tell();
  return told.length === 0 ? null : told;
}

function startAgent(world: World, name: string, spec: RunSpec, isAlive: () => boolean): Run {
  const { alive, time } = world;
  // What is left of a dead daemon in this process does nothing any more.
  if (!isAlive()) return NOTHING;
  world.starts += 1;
  for (const other of alive.values()) {
    if (other.spec.taskId !== spec.taskId || world.isExcused()) continue;
    world.tell(`task ${spec.taskId} had two agents at once: ${other.spec.mark} and ${spec.mark}`);
  }
  const settled = Promise.withResolvers<RunOutcome>();
  const channel = openChannel();
  let takeBack = (): void => {};
  const end = (outcome: RunOutcome | null): void => {
    if (alive.get(spec.mark) !== living) return;
    alive.delete(spec.mark);
    takeBack();
    channel.end();
    if (outcome !== null) settled.resolve(outcome);
  };
  const living: Living = { spec, end: () => end(null) };
  alive.set(spec.mark, living);
  channel.push({ type: "launched", process: null });
  channel.push({ type: "started", model: spec.model, sessionId: spec.sessionId });
  const { lastsMs, come } = work(world, name, spec);
  takeBack = time.alarm(lastsMs, () => end(come(channel.push)));
  return {
    events: channel.events,
    outcome: settled.promise,
    steer: () => alive.get(spec.mark) === living,
    stop: (how) => end({ type: "stopped", how }),
  };
}

const NOTHING: Run = {
  events: { [Symbol.asyncIterator]: () => ({ next: () => new Promise(() => {}) }) },
  outcome: new Promise(() => {}),
  steer: () => false,
  stop: () => {},
};

interface Work {
  readonly lastsMs: number;
  readonly come: (emit: (event: RunEvent) => void) => RunOutcome;
}

const TROUBLE: readonly (FailureClass | "done")[] = [
  ...Array.from({ length: 30 }, () => "done" as const),
  "crash",
  "crash",
  "overloaded",
  "overloaded",
  "stalled",
  "timeout",
  "billing",
  "policy",
  "disk",
  "sandbox",
];

/** What comes of it is drawn when it begins, so that it is the same whoever hears of it. */
function work(world: World, name: string, spec: RunSpec): Work {
  const { draw, provider, relented } = world;
  if (relented) return { lastsMs: 1000, come: () => ({ type: "done", text: "done" }) };
  const isLong = draw.chance(0.1);
  const lastsMs = isLong ? draw.int(5, 15) * MINUTE_MS : draw.int(1000, 3 * MINUTE_MS);
  const share = draw.int(1, isLong ? 40 : 15) / 100;
  const trouble = draw.one(TROUBLE);
  const isNamed = draw.chance(0.5);
  const come: Work["come"] = (emit) => {
    if (name === CLAUDE) {
      const isGiven = provider.use(share, spec.model);
      const windows = provider.tell();
      if (windows.length > 0) emit({ type: "quota", windows });
      if (!isGiven) return limitHit(world, spec, isNamed);
      emit(useOf(share));
    }
    if (trouble === "done") return { type: "done", text: "done" };
    const retryAt = isNamed ? world.time.now() + 5 * MINUTE_MS : null;
    return { type: "failed", failure: trouble, message: `It was ${trouble}.`, retryAt };
  };
  // Against a closed window nothing works for long.
  const isClosed = name === CLAUDE && provider.closedUntil(spec.model) !== null;
  return { lastsMs: isClosed ? 2000 : lastsMs, come };
}

function limitHit({ provider }: World, { model }: RunSpec, isNamed: boolean): RunOutcome {
  const retryAt = isNamed ? provider.closedUntil(model) : null;
  return { type: "failed", failure: "quota", message: "You have hit your limit.", retryAt };
}

function useOf(share: number): RunEvent {
  const tokens = { input: 1000, output: 1000, cacheRead: 0, cacheWrite: 0 };
  return { type: "usage", provider: PROVIDER, model: "opus", tokens, usd: share * 10 };
}

interface Channel {
  readonly push: (event: RunEvent) => void;
  readonly end: () => void;
  readonly events: AsyncIterable<RunEvent>;
}

function openChannel(): Channel {
  const items: RunEvent[] = [];
  let ended = false;
  let wake = (): void => {};
  return {
    push: (event) => {
      items.push(event);
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
