import type { Clock } from "../ports/clock.ts";

/** A clock that stands still until it is told to move. */
export interface ManualClock extends Clock {
  /**
   * Moves both times forward and wakes sleepers in the order in which they are due, each at its own
   * time. What a woken sleeper does at once is done before the next one wakes.
   */
  readonly advance: (ms: number) => Promise<void>;
  /** Moves the wall clock only, either way; nobody wakes. */
  readonly jump: (ms: number) => void;
  /** How many sleep now. */
  readonly sleepers: () => number;
  /** In how many milliseconds the next sleeper wakes; null when nobody sleeps. */
  readonly nextWakeMs: () => number | null;
  /** Resolves when at least `count` sleep at the same time. */
  readonly untilSleeping: (count?: number) => Promise<void>;
}

/** The wall clock a test begins with unless it says otherwise: 2027-01-15T22:00:00Z. */
export const TEST_NOW: number = Date.UTC(2027, 0, 15, 22);

/** A clock for tests that begins at `startsAt` (epoch milliseconds). */
export function manualClock(startsAt: number = TEST_NOW): ManualClock {
  const queue = makeSleepQueue();
  let wallMs = startsAt;
  let elapsedMs = 0;

  function moveTo(dueMs: number): void {
    wallMs += dueMs - elapsedMs;
    elapsedMs = dueMs;
  }

  async function advance(ms: number): Promise<void> {
    const untilMs = elapsedMs + ms;
    await settle();
    let next = queue.first();
    while (next !== undefined && next.dueMs <= untilMs) {
      moveTo(next.dueMs);
      next.wake();
      await settle();
      next = queue.first();
    }
    moveTo(untilMs);
  }

  return {
    now: () => wallMs,
    monotonicMs: () => elapsedMs,
    sleep: (ms, signal) => queue.sleepUntil(elapsedMs + Math.max(0, ms || 0), elapsedMs, signal),
    advance,
    jump: (ms) => {
      wallMs += ms;
    },
    sleepers: queue.count,
    nextWakeMs: () => {
      const first = queue.first();
      return first === undefined ? null : first.dueMs - elapsedMs;
    },
    untilSleeping: queue.untilCount,
  };
}

interface Sleeper {
  readonly dueMs: number;
  readonly wake: () => void;
}

/** Those who sleep, and those who wait until enough sleep. */
interface SleepQueue {
  readonly sleepUntil: (dueMs: number, nowMs: number, signal?: AbortSignal) => Promise<void>;
  /** The one due first; of those due together the one that fell asleep first. */
  readonly first: () => Sleeper | undefined;
  readonly count: () => number;
  readonly untilCount: (count?: number) => Promise<void>;
}

function makeSleepQueue(): SleepQueue {
  const sleepers = new Set<Sleeper>();
  const watchers = new Map<() => void, number>();

  function tellWatchers(): void {
    for (const [tell, count] of watchers) {
      if (count > sleepers.size) continue;
      watchers.delete(tell);
      tell();
    }
  }

  function sleepUntil(dueMs: number, nowMs: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted === true || dueMs <= nowMs) return Promise.resolve();
    return new Promise((resolve) => {
      const sleeper: Sleeper = { dueMs, wake };
      sleepers.add(sleeper);
      signal?.addEventListener("abort", wake, { once: true });
      tellWatchers();

      function wake(): void {
        sleepers.delete(sleeper);
        signal?.removeEventListener("abort", wake);
        resolve();
      }
    });
  }

  function untilCount(count = 1): Promise<void> {
    return new Promise((tell) => {
      watchers.set(tell, count);
      tellWatchers();
    });
  }

  return { sleepUntil, first: () => earliest(sleepers), count: () => sleepers.size, untilCount };
}

function earliest(sleepers: Iterable<Sleeper>): Sleeper | undefined {
  let first: Sleeper | undefined;
  for (const sleeper of sleepers) {
    if (first === undefined || sleeper.dueMs < first.dueMs) first = sleeper;
  }
  return first;
}

/** Lets everything that is already due to run in this process run. */
function settle(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
