import type { AdmissionRules, LocalFacts } from "../core/hold.ts";
import type { Clock } from "../ports/clock.ts";
import type { Log } from "../ports/log.ts";
import type { Machine } from "../ports/machine.ts";
import type { DaemonRecord, Store } from "../ports/store.ts";
import { type Loop, makeLoop } from "./loop.ts";
import type { Service } from "./service.ts";

/** How often a daemon says that it lives. */
export const PRESENCE_EVERY_MS = 15_000;

/** Registers this daemon, keeps its sign of life fresh, and signs it off on stop. */
export function makePresence(parts: {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly machine: Machine;
  readonly owner: string;
  readonly version: string;
  readonly rules: () => AdmissionRules;
  readonly local: () => Promise<LocalFacts>;
}): Service & { readonly wake: () => void } {
  const { store, clock, machine, owner } = parts;
  const startedAt = clock.now();
  const record = async (stoppedAt: number | null): Promise<DaemonRecord> => ({
    owner,
    host: machine.host,
    process: machine.self,
    version: parts.version,
    startedAt,
    seenAt: clock.now(),
    stoppedAt,
    local: await parts.local(),
    rules: parts.rules(),
  });
  const loop: Loop = makeLoop({
    name: "presence",
    clock,
    log: parts.log,
    turn: async () => {
      await store.shared.putDaemon(await record(null));
      return PRESENCE_EVERY_MS;
    },
  });
  let registered = false;
  return {
    name: "presence",
    start: async () => {
      await store.shared.putDaemon(await record(null));
      registered = true;
      await loop.start();
    },
    stop: async () => {
      await loop.stop();
      if (!registered) return;
      registered = false;
      await store.shared.putDaemon(await record(clock.now()));
    },
    wake: () => loop.wake(),
  };
}
