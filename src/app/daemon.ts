import type { Engine } from "../engine/engine.ts";
import type { Log } from "../ports/log.ts";

/** Signals that end a daemon. */
const END_SIGNALS = ["SIGTERM", "SIGINT", "SIGHUP"] as const;

/** Where signals come from; the process, or a stand-in. */
export interface SignalSource {
  readonly on: (signal: NodeJS.Signals, listener: () => void) => unknown;
  readonly off: (signal: NodeJS.Signals, listener: () => void) => unknown;
}

/**
 * Runs an engine until a signal. The first lets agents finish up to the grace and interrupts the
 * rest, so that they resume later; the second interrupts at once.
 */
export async function runUntilSignal(parts: {
  readonly engine: Engine;
  readonly log: Log;
  readonly graceMs: number;
  readonly signals: SignalSource;
  /** Told once the engine works. */
  readonly onStarted: () => void;
  /** Told when a signal came: how many agents are still at work. */
  readonly onStopping: (running: number) => void;
}): Promise<void> {
  const { engine, log, signals } = parts;
  const first = Promise.withResolvers<void>();
  let seen = 0;
  const listener = (): void => {
    seen += 1;
    if (seen === 1) return first.resolve();
    engine.hurry();
  };
  for (const signal of END_SIGNALS) signals.on(signal, listener);
  try {
    await engine.start();
    log.info("The daemon works");
    parts.onStarted();
    await first.promise;
    log.info("The daemon was told to stop", { running: engine.runningCount() });
    parts.onStopping(engine.runningCount());
    await engine.stop(parts.graceMs);
    log.info("The daemon has stopped");
  } finally {
    for (const signal of END_SIGNALS) signals.off(signal, listener);
  }
}
