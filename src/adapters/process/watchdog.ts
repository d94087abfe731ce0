/** Which limit a run went over. */
export type Overrun = "timeout" | "stalled";

/** Watches one run: its whole time, and how long it gives no sign of life. */
export interface Watchdog extends Disposable {
  /** A sign of life. */
  readonly seen: () => void;
}

/** Longest time setTimeout can count. */
const TIMER_MAX_MS = 2 ** 31 - 1;

/** Calls `onOverrun` at most once, when either limit is passed; never after it was disposed. */
export function startWatchdog(
  limits: { readonly timeoutMs: number; readonly stallMs: number },
  onOverrun: (overrun: Overrun) => void,
): Watchdog {
  let over = false;
  const start = (ms: number, overrun: Overrun): NodeJS.Timeout =>
    setTimeout(
      () => {
        stop();
        onOverrun(overrun);
      },
      Math.min(ms, TIMER_MAX_MS),
    );
  const timeout = start(limits.timeoutMs, "timeout");
  const stall = start(limits.stallMs, "stalled");
  const stop = (): void => {
    over = true;
    clearTimeout(timeout);
    clearTimeout(stall);
  };
  return {
    seen: () => {
      // A refresh would start a stopped timer again.
      if (!over) stall.refresh();
    },
    [Symbol.dispose]: stop,
  };
}
