import { NOTHING_SPENT, spendingSince } from "../budget.ts";
import type { Hold, RunningTask, Snapshot } from "../hold.ts";
import { executorOf, readinessOf } from "../hold.ts";
import { asRunning, contendersIn, nextCheckAt, plan } from "../plan.ts";
import { dependencies } from "../policies/dependencies.ts";
import { type QuotaWindow, windowLengthMs } from "../quota.ts";
import type { Instant, Task } from "../task.ts";
import { afterTurn, type Turns, turnsOf } from "../turns.ts";
import { personUse, runShare } from "./forecast.ts";
import { quantileOf } from "./runs.ts";

/** How one task went in one play. */
export interface PlayedTask {
  readonly taskId: number;
  /** Null when it did not start before the end. */
  readonly startsAt: Instant | null;
  readonly endsAt: Instant | null;
  /** What held it last; null when nothing ever did. */
  readonly hold: Hold | null;
}

/** What is played. */
export interface Play {
  readonly snapshot: Snapshot;
  /** Every queued task that is to be played, and those that run. */
  readonly queued: readonly Task[];
  readonly until: Instant;
  /** A number from 0 to 1, a new one each time. */
  readonly draw: () => number;
}

/** Of each lane so many are looked at, as a daemon does. */
const PER_LANE = 3;
/** So many moments are played at most: what would need more is not of this night. */
const MOMENTS_MAX = 2000;
/** What is drawn stays between these: what comes once in fifty times is no plan. */
const DRAW_MIN = 0.02;
/** So little use begins no window. */
const BEGINS_MIN = 0.002;

interface Running {
  readonly run: RunningTask;
  readonly endsAt: Instant;
  /** By `provider/window`: share of the window in a millisecond. */
  readonly rates: ReadonlyMap<string, number>;
}

/** All that goes on. */
interface World {
  now: Instant;
  readonly snapshot: Snapshot;
  readonly draw: () => number;
  readonly waiting: Map<number, Task>;
  readonly running: Map<number, Running>;
  windows: QuotaWindow[];
  turns: Turns;
  readonly played: Map<number, PlayedTask>;
  /** Tasks that wait for the one of the key. */
  readonly dependents: ReadonlyMap<number, readonly number[]>;
}

/**
 * Plays the time ahead once, by the very admission and order that daemons use: runs take what is
 * drawn of what such runs took, the person uses what is expected of them, and everything succeeds.
 * Costs about as much as plans of as many moments as something starts, ends or changes at.
 */
export function playOnce(play: Play): readonly PlayedTask[] {
  const world = openWorld(play);
  for (let moments = 0; moments < MOMENTS_MAX && world.now < play.until; moments += 1) {
    const next = startWhatMay(world);
    advance(world, Math.min(play.until, next ?? play.until));
  }
  return play.queued.map(({ id }) => {
    const waiting = world.waiting.get(id);
    const hold = waiting === undefined ? null : dependencies(waiting, snapshotOf(world));
    return world.played.get(id) ?? { taskId: id, startsAt: null, endsAt: null, hold };
  });
}

function openWorld({ snapshot, queued, draw }: Play): World {
  const dependents = new Map<number, number[]>();
  for (const { id, dependsOn } of queued) {
    for (const { taskId, condition } of dependsOn) {
      // A person lands, and nothing fails here.
      if (condition === "landed" || condition === "failed") continue;
      dependents.set(taskId, [...(dependents.get(taskId) ?? []), id]);
    }
  }
  const world: World = {
    now: snapshot.now,
    snapshot,
    draw,
    waiting: new Map(queued.map((task) => [task.id, task])),
    running: new Map(),
    windows: [...snapshot.quotaWindows],
    turns: turnsOf(snapshot.running, snapshot.rules.order),
    played: new Map(),
    dependents,
  };
  for (const run of snapshot.running) begin(world, run, snapshot.now - run.admittedAt);
  return world;
}

/** Answers when something can change next; null for never. */
function startWhatMay(world: World): Instant | null {
  const { waiting, played, now, snapshot } = world;
  for (;;) {
    const decisions = plan(headsOf(world), snapshotOf(world), world.turns);
    const fairness = { order: snapshot.rules.order, contenders: contendersIn(decisions) };
    let started = 0;
    for (const { task, holds } of decisions) {
      if (holds.length > 0) {
        const hold = holds[0] as Hold;
        played.set(task.id, { taskId: task.id, startsAt: null, endsAt: null, hold });
        continue;
      }
      waiting.delete(task.id);
      world.turns = afterTurn(world.turns, task, fairness);
      const endsAt = begin(world, asRunning(task, snapshotOf(world)), 0);
      const hold = played.get(task.id)?.hold ?? null;
      played.set(task.id, { taskId: task.id, startsAt: now, endsAt, hold });
      started += 1;
    }
    if (started === 0) {
      const check = nextCheckAt(decisions.filter(({ holds }) => !holds.some(isLasting)));
      return earliest([check !== null && check > now ? check : null, ...momentsAhead(world)]);
    }
  }
}

/** The machine and its executors are not played: what they hold now is held to the end. */
function isLasting({ policy }: Hold): boolean {
  return policy === "resources" || policy === "executor-ready";
}

function begin(world: World, run: RunningTask, ranMs: number): Instant {
  const { snapshot, now, draw } = world;
  const { forecast } = snapshot;
  const lengthMs = Math.max(1, quantileOf(forecast.runs, run, "durationMs", drawn(draw)));
  const effort = drawn(draw);
  const provider = providerOf(run, snapshot);
  const rates = new Map(
    world.windows
      .filter((window) => window.provider === provider)
      .map((window) => [nameOf(window), runShare(forecast, window, run, effort) / lengthMs]),
  );
  // One that has run for longer than was drawn ends soon.
  const endsAt = now + Math.max(lengthMs - ranMs, lengthMs / 10);
  world.running.set(run.id, { run, endsAt, rates });
  return endsAt;
}

function advance(world: World, until: Instant): void {
  const elapsedMs = Math.max(1, until - world.now);
  world.windows = world.windows.map((window) => usedFurther(world, window, elapsedMs));
  world.now += elapsedMs;
  for (const [id, { endsAt }] of world.running) {
    if (endsAt > world.now) continue;
    world.running.delete(id);
    meetDependencies(world, id);
  }
}

function usedFurther(world: World, window: QuotaWindow, elapsedMs: number): QuotaWindow {
  const { snapshot, now } = world;
  const until = now + elapsedMs;
  const person = personUse(snapshot.forecast, window, { from: now, until, care: 0 }).mean;
  let ours = 0;
  for (const { rates } of world.running.values())
    ours += (rates.get(nameOf(window)) ?? 0) * elapsedMs;
  const lengthMs = windowLengthMs(window.window);
  const isOver = window.resetsAt !== null && window.resetsAt <= now;
  // The one task that tries is told at once that the window is open again.
  if (isOver && lengthMs === null) return ours > 0 ? { ...window, status: "open" } : window;
  if (isOver && ours === 0 && person < BEGINS_MIN) return window;
  const begun: QuotaWindow = isOver
    ? { ...window, used: 0, resetsAt: now + (lengthMs as number), status: "open", observedAt: now }
    : window;
  if (begun.used === null) return begun;
  const used = begun.used + person + ours;
  return { ...begun, used, status: used >= 1 ? "closed" : begun.status };
}

function meetDependencies({ waiting, dependents }: World, done: number): void {
  for (const id of dependents.get(done) ?? []) {
    const task = waiting.get(id);
    // What was met stays met when the other task is tried again: it may have gone before.
    if (task === undefined) continue;
    waiting.set(id, { ...task, unmetDependencies: Math.max(0, task.unmetDependencies - 1) });
  }
}

function headsOf({ waiting, now }: World): readonly Task[] {
  const ready = [...waiting.values()].filter(
    ({ unmetDependencies, notBefore }) =>
      unmetDependencies === 0 && (notBefore === null || notBefore <= now),
  );
  return [...Map.groupBy(ready, ({ lane }) => lane).values()].flatMap((tasks) =>
    tasks.toSorted((a, b) => a.orderKey - b.orderKey || a.id - b.id).slice(0, PER_LANE),
  );
}

function snapshotOf({ snapshot, now, running, windows }: World): Snapshot {
  return {
    ...snapshot,
    ...spentAt(snapshot, now),
    now,
    running: [...running.values()].map(({ run }) => run),
    quotaWindows: windows,
  };
}

/** What was spent of budgets is counted anew with the next day and the next night. */
function spentAt(snapshot: Snapshot, now: Instant): Pick<Snapshot, "usdToday" | "spending"> {
  const { usdToday, spending, rules } = snapshot;
  const began = spendingSince(rules.hours, snapshot.now);
  const begins = spendingSince(rules.hours, now);
  const isSameDay = began.day === begins.day;
  if (spending === undefined) return { usdToday: isSameDay ? usdToday : 0 };
  const isSameNight = began.night === begins.night;
  const tonight = begins.night === null ? null : NOTHING_SPENT;
  const projects = Object.entries(spending.projects).map(
    ([name, each]) => [name, { ...each, spentToday: NOTHING_SPENT }] as const,
  );
  return {
    usdToday: isSameDay ? usdToday : 0,
    spending: {
      tokensToday: isSameDay ? spending.tokensToday : 0,
      tonight: isSameNight ? spending.tonight : tonight,
      projects: isSameDay ? spending.projects : Object.fromEntries(projects),
    },
  };
}

function momentsAhead({ waiting, running, windows, now }: World): readonly Instant[] {
  return [
    ...[...running.values()].map(({ endsAt }) => endsAt),
    ...[...waiting.values()].flatMap(({ notBefore }) => notBefore ?? []),
    ...windows.flatMap(({ resetsAt }) => resetsAt ?? []),
  ].filter((at) => at > now);
}

function earliest(moments: readonly (Instant | null)[]): Instant | null {
  const known = moments.filter((at) => at !== null);
  return known.length === 0 ? null : Math.min(...known);
}

function drawn(draw: () => number): number {
  return Math.min(1 - DRAW_MIN, Math.max(DRAW_MIN, draw()));
}

function providerOf(run: RunningTask, snapshot: Snapshot): string | null {
  const readiness = readinessOf(snapshot, executorOf(run, snapshot.rules));
  return readiness?.ready === true ? readiness.provider : null;
}

function nameOf({ provider, window }: QuotaWindow): string {
  return `${provider}/${window}`;
}
