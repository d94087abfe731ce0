import { learnedNeed } from "../core/memory-need.ts";
import type { ProcessIdentity } from "../core/attempt.ts";
import type { LocalFacts } from "../core/hold.ts";
import type { Clock } from "../ports/clock.ts";
import type { Executor } from "../ports/executor.ts";
import type { Log } from "../ports/log.ts";
import type { Machine } from "../ports/machine.ts";
import type { Store } from "../ports/store.ts";

/** Learns how much memory the agents of each executor take. */
export interface MemoryWatch {
  /** An attempt was claimed: what it will need is promised from now on. */
  readonly begin: (executor: string) => AttemptMemory;
  /** Looks at every tree that is watched, at most every few seconds, and answers what is known. */
  readonly look: () => Promise<
    Required<Pick<LocalFacts, "memoryNeedBytes" | "memoryPromisedBytes">>
  >;
}

/** The memory of one attempt. */
export interface AttemptMemory {
  /** Its agent runs, as the tree of this process; a later one takes its place. */
  readonly launched: (process: ProcessIdentity) => void;
  /** It has ended: nothing is promised any more, and what was learnt is kept. */
  readonly end: () => void;
}

const LOOK_EVERY_MS = 10_000;

/** One attempt under watch. */
interface Watched {
  readonly executor: string;
  process: ProcessIdentity | null;
  nowBytes: number;
  peakBytes: number;
}

/** Makes the watch; what was learnt stays in the store over restarts. */
export function makeMemoryWatch(parts: {
  readonly store: Store;
  readonly machine: Machine;
  readonly clock: Clock;
  readonly log: Log;
  readonly executors: readonly Executor[];
}): MemoryWatch {
  const { store, machine, clock, log } = parts;
  const watched = new Set<Watched>();
  const needs = new Map<string, number>();
  let isRead = false;
  let lookedAtMs = Number.NEGATIVE_INFINITY;

  const read = async (): Promise<void> => {
    if (isRead) return;
    isRead = true;
    for (const { name } of parts.executors) {
      const bytes = Number(await store.shared.setting(settingOf(name)));
      if (bytes > 0) needs.set(name, bytes);
    }
  };
  const keep = async ({ executor, peakBytes }: Watched): Promise<void> => {
    const need = learnedNeed(needs.get(executor) ?? null, peakBytes);
    needs.set(executor, need);
    try {
      await store.shared.setSetting(settingOf(executor), String(need));
    } catch (error) {
      log.warn("How much memory an agent took could not be kept", { executor, error });
    }
  };
  return {
    begin: (executor) => {
      const tree: Watched = { executor, process: null, nowBytes: 0, peakBytes: 0 };
      watched.add(tree);
      return {
        launched: (process) => void (tree.process = process),
        end: () => {
          if (watched.delete(tree) && tree.peakBytes > 0) void keep(tree);
        },
      };
    },
    look: async () => {
      await read();
      if (clock.monotonicMs() - lookedAtMs >= LOOK_EVERY_MS) {
        lookedAtMs = clock.monotonicMs();
        for (const tree of watched) await measure(machine, tree);
      }
      const promised = [...watched].map(({ executor, nowBytes }) =>
        Math.max(0, (needs.get(executor) ?? 0) - nowBytes),
      );
      return {
        memoryNeedBytes: Object.fromEntries(needs),
        memoryPromisedBytes: promised.reduce((all, bytes) => all + bytes, 0),
      };
    },
  };
}

async function measure(machine: Machine, tree: Watched): Promise<void> {
  const bytes = tree.process === null ? null : await machine.treeMemoryBytes(tree.process);
  if (bytes === null) return;
  tree.nowBytes = bytes;
  tree.peakBytes = Math.max(tree.peakBytes, bytes);
}

function settingOf(executor: string): string {
  return `memory-need/${executor}`;
}
