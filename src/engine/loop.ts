import type { Clock } from "../ports/clock.ts";
import type { Log } from "../ports/log.ts";
import type { Service } from "./service.ts";

/** One turn of a loop; answers how long to sleep when nobody wakes it. */
export type Turn = (signal: AbortSignal) => Promise<number>;

/** A service that takes turns: at once when woken, else after the time its last turn named. */
export interface Loop extends Service {
  /** Asks for a turn soon; many calls before the turn are one. */
  readonly wake: () => void;
}

/** After a failed turn; the next success resets nothing because each turn stands alone. */
const FAILED_TURN_SLEEP_MS = 1000;

/** Makes a loop of `turn`. A turn that throws is logged and followed by another after a second. */
export function makeLoop(parts: {
  readonly name: string;
  readonly turn: Turn;
  readonly clock: Clock;
  readonly log: Log;
}): Loop {
  const { name, clock } = parts;
  const log = parts.log.with({ service: name });
  const stopping = new AbortController();
  let woken = false;
  let sleeper: AbortController | null = null;
  let ended: Promise<void> = Promise.resolve();

  const takeTurn = async (): Promise<number> => {
    try {
      return await parts.turn(stopping.signal);
    } catch (error) {
      if (!stopping.signal.aborted) log.error("A turn failed", { error });
      return FAILED_TURN_SLEEP_MS;
    }
  };
  const run = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      woken = false;
      const sleepMs = await takeTurn();
      if (woken || stopping.signal.aborted) continue;
      sleeper = new AbortController();
      await clock.sleep(sleepMs, AbortSignal.any([stopping.signal, sleeper.signal]));
      sleeper = null;
    }
  };
  return {
    name,
    start: () => {
      ended = run();
      return Promise.resolve();
    },
    stop: async () => {
      stopping.abort();
      await ended;
    },
    wake: () => {
      woken = true;
      sleeper?.abort();
    },
  };
}
