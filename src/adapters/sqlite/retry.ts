import { setTimeout as sleep } from "node:timers/promises";
import { busy, isBusy } from "./errors.ts";

/** How long a call waits for a lock of another program before it gives up. */
export const BUSY_MAX_MS = 30_000;
/** So many times a lock is waited for in this thread, as others of ours hold it for under a millisecond. */
const SHORT_WAITS = 40;
const SHORT_WAIT_MAX_MS = 0.5;
const LONG_WAIT_MAX_MS = 50;

/**
 * Runs `call` until no other program's lock is in its way, at most `BUSY_MAX_MS`. `call` must be
 * one transaction, so that what failed left no trace. No lock is held while it waits.
 */
export async function untilFree<T>(
  path: string,
  call: () => T | Promise<T>,
  busyMaxMs: number = BUSY_MAX_MS,
): Promise<T> {
  const startedMs = performance.now();
  for (let tries = 0; ; tries += 1) {
    try {
      return await call();
    } catch (error) {
      if (!isBusy(error)) throw error;
      const waitedMs = performance.now() - startedMs;
      if (waitedMs >= busyMaxMs) throw busy(path, waitedMs);
    }
    if (tries < SHORT_WAITS) block(jitter(SHORT_WAIT_MAX_MS));
    else await sleep(jitter(Math.min(LONG_WAIT_MAX_MS, tries - SHORT_WAITS + 2)));
  }
}

function jitter(maxMs: number): number {
  return maxMs * (0.2 + 0.8 * Math.random());
}

const never = new Int32Array(new SharedArrayBuffer(4));

function block(ms: number): void {
  Atomics.wait(never, 0, 0, ms);
}
