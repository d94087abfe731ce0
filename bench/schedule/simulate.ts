import { nextMoment } from "../../src/core/hours.ts";
import type { AdmissionRules, RunningTask, Snapshot } from "../../src/core/hold.ts";
import { yielding } from "../../src/core/policies/held-back.ts";
import { newTask } from "../../src/core/new-task.ts";
import type { QuotaWindow } from "../../src/core/quota.ts";
import type { Instant, Task, TaskKind } from "../../src/core/task.ts";
import { EXECUTOR, openProvider, type Provider, PROVIDER } from "./provider.ts";
import { openMemory, type Memory } from "./memory.ts";
import type { Trace, TraceTask } from "./trace.ts";

/** Chooses what starts now, of tasks that are queued and may as far as their own times go. */
export type Decider = (queued: readonly Task[], snapshot: Snapshot) => readonly number[];

/** What came of a trace. */
export interface Played {
  /** Shares of a five-hour window that finished tasks took. */
  readonly work: number;
  readonly finished: number;
  readonly blockedMinutes: number;
  /** Mornings at which less was free than was to be, because of tasks. */
  readonly reserveViolations: number;
  readonly closedLaunches: number;
  /** Runs that were stopped for the person. */
  readonly gaveWay: number;
  readonly deadlineMisses: number;
  /** Hours from asking to the end, for each kind. */
  readonly waitHours: Map<TaskKind, readonly number[]>;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
/** What an agent uses to read again what it was at. */
const RESUME_SHARE = 0.01;
/** How often it is looked what may start. */
const LOOK_EVERY_MS = 5 * MINUTE_MS;
/** The provider is asked when nothing was heard for so long and something waits. */
const ASK_EVERY_MS = 15 * MINUTE_MS;
/** And otherwise, to learn when the person works. */
const ASK_IDLY_MS = HOUR_MS;

interface Running {
  readonly task: Task;
  readonly of: TraceTask;
  readonly startedAt: Instant;
}

/** All that goes on. */
interface World {
  readonly trace: Trace;
  readonly rules: AdmissionRules;
  readonly provider: Provider;
  readonly queued: Map<number, Task>;
  readonly running: Map<number, Running>;
  /** What is left to do of each task that came. */
  readonly left: Map<number, { ms: number; share: number }>;
  readonly played: Writable<Played>;
  /** Tasks that came so far. */
  arrived: number;
  told: { readonly windows: readonly QuotaWindow[]; readonly at: Instant };
  /** What is learned from what was seen. */
  readonly memory: Memory;
  /** When the reserve is looked at next. */
  morning: Instant | null;
}

type Writable<T> = { -readonly [Name in keyof T]: T[Name] };

/** Plays a trace minute by minute; a decider that starts nothing shows what the person alone would have met. */
export function simulate(
  trace: Trace,
  rules: AdmissionRules,
  decide: Decider,
  options: { readonly givesWay: boolean } = { givesWay: false },
): Played {
  const world = openWorld(trace, rules);
  for (let now = trace.from; now < trace.until; now += MINUTE_MS) {
    lookAtReserve(world, now);
    personWorks(world, now);
    agentsWork(world, now);
    tasksArrive(world, now);
    providerTells(world, now);
    if (options.givesWay) giveWay(world, now);
    startTasks(world, decide, now);
  }
  world.played.deadlineMisses += unfinishedLate(world);
  return world.played;
}

function openWorld(trace: Trace, rules: AdmissionRules): World {
  const [reserve] = rules.quota.reserves;
  return {
    trace,
    rules,
    provider: openProvider(trace.weekShares),
    queued: new Map(),
    running: new Map(),
    left: new Map(),
    played: {
      work: 0,
      finished: 0,
      blockedMinutes: 0,
      reserveViolations: 0,
      closedLaunches: 0,
      gaveWay: 0,
      deadlineMisses: 0,
      waitHours: new Map(),
    },
    arrived: 0,
    told: { windows: [], at: Number.NEGATIVE_INFINITY },
    memory: openMemory(trace.timeZone),
    morning: reserve === undefined ? null : nextMoment(trace.timeZone, reserve, trace.from),
  };
}

function lookAtReserve(world: World, now: Instant): void {
  const { morning, played, provider, rules, trace } = world;
  const [reserve] = rules.quota.reserves;
  if (morning === null || reserve === undefined || now < morning) return;
  if (provider.free(now) < reserve.share) played.reserveViolations += 1;
  world.morning = nextMoment(trace.timeZone, reserve, now);
}

function personWorks({ trace, provider, played }: World, now: Instant): void {
  for (const { from, until, share } of trace.human) {
    if (now < from || now >= until) continue;
    const minutes = (until - from) / MINUTE_MS;
    if (!provider.use(now, share / minutes)) played.blockedMinutes += 1;
  }
}

/** An attempt that meets the limit is parked with what is left of it, until the reset. */
function agentsWork(world: World, now: Instant): void {
  const { running, left, provider, queued, played } = world;
  for (const { task, of, startedAt } of running.values()) {
    const rest = left.get(task.id) ?? { ms: 0, share: 0 };
    const share = rest.share / Math.max(1, rest.ms / MINUTE_MS);
    if (!provider.use(now, share)) {
      running.delete(task.id);
      world.memory.ended(of, startedAt, now);
      queued.set(task.id, { ...task, notBefore: provider.closedUntil(now) });
      continue;
    }
    rest.share -= share;
    rest.ms -= MINUTE_MS;
    if (rest.ms > 0) continue;
    running.delete(task.id);
    world.memory.ended(of, startedAt, now);
    finish(played, of, now);
  }
}

function finish(played: Writable<Played>, of: TraceTask, now: Instant): void {
  played.work += of.share;
  played.finished += 1;
  const waited = played.waitHours.get(of.kind) ?? [];
  played.waitHours.set(of.kind, [...waited, (now - of.at) / HOUR_MS]);
  if (of.deadlineAt !== null && now > of.deadlineAt) played.deadlineMisses += 1;
}

function tasksArrive(world: World, now: Instant): void {
  const { trace, queued, left } = world;
  for (let of = trace.tasks[world.arrived]; of !== undefined && of.at <= now;) {
    world.arrived += 1;
    queued.set(world.arrived, asTask(world.arrived, of));
    left.set(world.arrived, { ms: of.durationMs, share: of.share });
    of = trace.tasks[world.arrived];
  }
}

function providerTells(world: World, now: Instant): void {
  const { running, queued, provider, told } = world;
  const isAsked = now - told.at >= (queued.size > 0 ? ASK_EVERY_MS : ASK_IDLY_MS);
  if (running.size === 0 && !isAsked) return;
  const windows = provider.tell(now);
  world.memory.seen(windows);
  // A window that ended is not told of; a daemon keeps what it saw last.
  const others = told.windows.filter(({ window }) =>
    windows.every((each) => each.window !== window),
  );
  world.told = { windows: [...windows, ...others], at: now };
}

/** What the daemon stops so that the person has what they need: done again from where it was, at a price. */
function giveWay(world: World, now: Instant): void {
  const { running, queued, left, played } = world;
  if (running.size === 0) return;
  const found = yielding(snapshotOf(world, now));
  const run = found === null ? undefined : running.get(found.taskId);
  if (run === undefined) return;
  played.gaveWay += 1;
  running.delete(run.task.id);
  world.memory.ended(run.of, run.startedAt, now);
  const rest = left.get(run.task.id);
  if (rest !== undefined) rest.share += RESUME_SHARE;
  queued.set(run.task.id, { ...run.task, notBefore: now + ASK_EVERY_MS });
}

function startTasks(world: World, decide: Decider, now: Instant): void {
  const { queued, running, rules, trace, provider, played } = world;
  const startable = [...queued.values()].filter(
    ({ notBefore }) => notBefore === null || notBefore <= now,
  );
  if (startable.length === 0 || running.size >= rules.parallelMax) return;
  // A plan costs as much as a minute of everything else, and little changes from one to the next.
  if (now % LOOK_EVERY_MS !== 0) return;
  for (const id of decide(startable, snapshotOf(world, now))) {
    const task = queued.get(id);
    const of = trace.tasks[id - 1];
    if (task === undefined || of === undefined) continue;
    if (provider.closedUntil(now) !== null) played.closedLaunches += 1;
    queued.delete(id);
    running.set(id, { task, of, startedAt: now });
  }
}

/** Tasks whose deadline passed and that were not done at the end. */
function unfinishedLate({ trace, left }: World): number {
  return trace.tasks.filter(
    ({ deadlineAt }, index) =>
      deadlineAt !== null && deadlineAt < trace.until && (left.get(index + 1)?.ms ?? 1) > 0,
  ).length;
}

function asTask(id: number, of: TraceTask): Task {
  const { at, kind, priority, project, deadlineAt } = of;
  const asked = {
    at,
    kind,
    priority,
    project,
    deadlineAt,
    source: "cli" as const,
    text: "simulated",
    executor: null,
    model: null,
    timeoutMs: null,
    isolation: null,
    attemptsMax: 3,
    notBefore: null,
    nightOnly: false,
    dependsOn: [],
    by: "person",
  };
  return newTask(id, asked, 0);
}

function asRunning({ task: { id, project, kind, model }, startedAt }: Running): RunningTask {
  return { id, project, kind, executor: EXECUTOR, model, admittedAt: startedAt };
}

function snapshotOf({ rules, told, running, memory }: World, now: Instant): Snapshot {
  return {
    now,
    rules,
    forecast: memory.forecast(now),
    admission: { mode: "open", until: null, by: "person" },
    running: [...running.values()].map(asRunning),
    quotaWindows: told.windows,
    projectParallelMax: {},
    usdToday: 0,
    executors: { [EXECUTOR]: { ready: true, provider: PROVIDER } },
    memoryFreeBytes: null,
    diskFreeBytes: null,
  };
}
