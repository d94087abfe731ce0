import type { LocalFacts } from "../core/hold.ts";
import type { Clock } from "../ports/clock.ts";
import type { Machine } from "../ports/machine.ts";
import type { ExecutorDesk } from "./executors.ts";
import type { MemoryWatch } from "./memory-watch.ts";

const MACHINE_FACTS_AGE_MS = 2000;

/** What this daemon knows of its machine, read at most every two seconds. */
export function localFacts(parts: {
  readonly machine: Machine;
  readonly clock: Clock;
  readonly desk: ExecutorDesk;
  readonly memory: MemoryWatch;
}): () => Promise<LocalFacts> {
  const { machine, clock, desk, memory } = parts;
  let readAtMs = Number.NEGATIVE_INFINITY;
  let facts: Omit<LocalFacts, "executors"> = { memoryFreeBytes: null, diskFreeBytes: null };
  return async () => {
    if (clock.monotonicMs() - readAtMs >= MACHINE_FACTS_AGE_MS) {
      readAtMs = clock.monotonicMs();
      facts = {
        memoryFreeBytes: await machine.memoryFreeBytes(),
        diskFreeBytes: await machine.diskFreeBytes(),
        loadPerProcessor: await machine.loadPerProcessor(),
        battery: await machine.battery(),
      };
    }
    return { executors: desk.readiness(), ...facts, ...(await memory.look()) };
  };
}
