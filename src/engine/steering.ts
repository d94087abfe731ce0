import type { EventType } from "../core/event.ts";
import type { Clock } from "../ports/clock.ts";
import type { Log } from "../ports/log.ts";
import type { Store } from "../ports/store.ts";
import type { RunningAttempt } from "./attempt.ts";
import { type Loop, makeLoop } from "./loop.ts";

const STEERING_EVENTS: readonly EventType[] = ["task.cancel-requested", "task.said"];
const BATCH = 100;
/** The lease keeper finds the same facts with its heartbeat; this only bounds a lost hint. */
const LOOK_EVERY_MS = 5000;

/**
 * Sees soon after it was written that a running task was cancelled or spoken to, and pokes its
 * attempt. Wake it on every hint of the store.
 */
export function makeSteering(parts: {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly running: ReadonlyMap<number, RunningAttempt>;
}): Loop {
  const { store, running } = parts;
  let seen: number | null = null;
  const turn = async (): Promise<number> => {
    if (running.size === 0) {
      // What is said now is read by the next attempt itself.
      seen = null;
      return LOOK_EVERY_MS;
    }
    if (seen === null) {
      // Those that began since the last look may have missed a word.
      seen = await store.events.lastSeq();
      for (const attempt of running.values()) attempt.poke();
    }
    const events = await store.events.after(seen, BATCH, { types: STEERING_EVENTS });
    for (const event of events) {
      seen = event.seq;
      if (event.taskId !== null) running.get(event.taskId)?.poke();
    }
    return events.length === BATCH ? 0 : LOOK_EVERY_MS;
  };
  return makeLoop({ name: "steering", clock: parts.clock, log: parts.log, turn });
}
