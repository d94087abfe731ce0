import type { Clock } from "../../ports/clock.ts";

/** The longest delay that a timer of this platform can hold, in milliseconds. */
const TIMER_MAX_MS = 2 ** 31 - 1;

/** The machine's own time. */
export function systemClock(): Clock {
  return { now: Date.now, monotonicMs, sleep };
}

/** The zone this machine keeps time in, an IANA name; `UTC` when it says none. */
export function systemTimeZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone ?? "UTC";
}

function monotonicMs(): number {
  return performance.now();
}

function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  if (signal?.aborted === true || !(ms > 0)) return Promise.resolve();
  const dueAt = monotonicMs() + ms;
  return new Promise((resolve) => {
    let timer = arm();
    signal?.addEventListener("abort", wake, { once: true });

    // Timers may fire a little early and hold no more than TIMER_MAX_MS: look at the time again.
    function arm(): NodeJS.Timeout {
      return setTimeout(check, Math.min(Math.ceil(dueAt - monotonicMs()), TIMER_MAX_MS));
    }
    function check(): void {
      if (monotonicMs() >= dueAt) wake();
      else timer = arm();
    }
    function wake(): void {
      clearTimeout(timer);
      signal?.removeEventListener("abort", wake);
      resolve();
    }
  });
}
