import type { Clock } from "../../src/ports/clock.ts";

/** The time of a night: the provider's own, the clock on the wall, and what passed on this machine. */
export interface NightTime {
  /** What really is the time, for those outside of this machine. */
  readonly trueNow: () => number;
  /** What the clock on the wall shows. */
  readonly now: () => number;
  /** Never goes back, and stands still while the machine sleeps. */
  readonly elapsedMs: () => number;
  /** Moves everything forward and wakes who is due by then, in that order. */
  readonly move: (ms: number) => void;
  /** The machine sleeps: the wall goes on, nothing else does. */
  readonly suspend: (ms: number) => void;
  /** Sets the clock on the wall, either way. */
  readonly jump: (ms: number) => void;
  /** In how many milliseconds the first alarm is due; null for none. */
  readonly nextAlarmMs: () => number | null;
  /** Wakes at its very moment; the answer takes it back. */
  readonly alarm: (ms: number, ring: () => void) => () => void;
  readonly open: () => ProcessClock;
}

/** The clock of one process, which can be stopped and can die. */
export interface ProcessClock {
  readonly clock: Clock;
  /** Who sleeps is not woken until it is thawed. */
  readonly freeze: () => void;
  readonly thaw: () => void;
  /** Nobody in it wakes any more. */
  readonly die: () => void;
}

interface Sleeper {
  readonly dueMs: number;
  readonly wake: () => void;
}

/**
 * A clock that is moved from event to event: those who only look now and then are woken late, as on a
 * busy machine, so that a night costs as much as happens in it.
 */
export function nightTime(startsAt: number): NightTime {
  let elapsedMs = 0;
  let sleptMs = 0;
  let skewMs = 0;
  const alarms = new Set<Sleeper>();
  const processes = new Set<Process>();
  const trueNow = (): number => startsAt + elapsedMs + sleptMs;
  const now = (): number => trueNow() + skewMs;
  return {
    trueNow,
    now,
    elapsedMs: () => elapsedMs,
    move: (ms) => {
      elapsedMs += ms;
      const due = [...alarms].filter(({ dueMs }) => dueMs <= elapsedMs);
      for (const { isFrozen, sleepers } of processes) {
        if (isFrozen) continue;
        for (const sleeper of sleepers) if (sleeper.dueMs <= elapsedMs) due.push(sleeper);
      }
      for (const { wake } of due.toSorted((a, b) => a.dueMs - b.dueMs)) wake();
    },
    suspend: (ms) => {
      sleptMs += ms;
    },
    jump: (ms) => {
      skewMs += ms;
    },
    nextAlarmMs: () => {
      let first: number | null = null;
      for (const { dueMs } of alarms) first = Math.min(first ?? dueMs, dueMs);
      return first === null ? null : Math.max(0, first - elapsedMs);
    },
    alarm: (ms, ring) => {
      const wake = (): void => {
        alarms.delete(alarm);
        ring();
      };
      const alarm: Sleeper = { dueMs: elapsedMs + ms, wake };
      alarms.add(alarm);
      return () => void alarms.delete(alarm);
    },
    open: () => {
      const own: Process = { sleepers: new Set(), isFrozen: false };
      processes.add(own);
      return {
        clock: {
          now,
          monotonicMs: () => elapsedMs,
          sleep: (ms, signal) => sleepIn(own, elapsedMs, ms, signal),
        },
        freeze: () => {
          own.isFrozen = true;
        },
        thaw: () => {
          own.isFrozen = false;
        },
        die: () => {
          processes.delete(own);
          own.sleepers.clear();
        },
      };
    },
  };
}

interface Process {
  readonly sleepers: Set<Sleeper>;
  isFrozen: boolean;
}

function sleepIn(
  { sleepers }: Process,
  nowMs: number,
  ms: number,
  signal?: AbortSignal,
): Promise<void> {
  if (signal?.aborted === true || !(ms > 0)) return Promise.resolve();
  return new Promise((resolve) => {
    const wake = (): void => {
      sleepers.delete(sleeper);
      signal?.removeEventListener("abort", wake);
      resolve();
    };
    const sleeper: Sleeper = { dueMs: nowMs + ms, wake };
    sleepers.add(sleeper);
    signal?.addEventListener("abort", wake, { once: true });
  });
}
