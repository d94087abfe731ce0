import type { Clock } from "../ports/clock.ts";
import type { Log } from "../ports/log.ts";
import type { Notifier } from "../ports/notifier.ts";
import type { Store } from "../ports/store.ts";
import { type Loop, makeLoop } from "./loop.ts";

const BATCH = 200;
const LOOK_EVERY_MS = 5000;
const FAILED_SLEEP_BASE_MS = 1000;
const FAILED_SLEEP_MAX_MS = 300_000;

/**
 * Tells one notifier of every event, in order, at least once: its cursor moves only after it took a
 * batch. One that fails is asked again with growing pauses and never holds up another. Wake it on
 * every hint of the store.
 */
export function makeOutbox(parts: {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly notifier: Notifier;
}): Loop {
  const { store, notifier } = parts;
  const log = parts.log.with({ notifier: notifier.name });
  let failures = 0;
  const turn = async (signal: AbortSignal): Promise<number> => {
    const events = await store.events.after(await store.events.cursor(notifier.name), BATCH);
    const last = events.at(-1);
    if (last === undefined) return LOOK_EVERY_MS;
    try {
      await notifier.notify(events, signal);
      failures = 0;
    } catch (error) {
      failures += 1;
      log.warn("A notifier did not take its events", { error, failures });
      return Math.min(FAILED_SLEEP_MAX_MS, FAILED_SLEEP_BASE_MS * 2 ** (failures - 1));
    }
    await store.events.moveCursor(notifier.name, last.seq);
    return events.length === BATCH ? 0 : LOOK_EVERY_MS;
  };
  return makeLoop({ name: `outbox:${notifier.name}`, clock: parts.clock, log: parts.log, turn });
}
