import type { Readiness } from "../core/hold.ts";
import type { Clock } from "../ports/clock.ts";
import type { Executor } from "../ports/executor.ts";
import type { Log } from "../ports/log.ts";
import type { Store } from "../ports/store.ts";
import { type Loop, makeLoop } from "./loop.ts";

/** What was seen of a provider's windows counts as fresh for so long. */
export const QUOTA_FRESH_MS = 900_000;
/** Longest pause after answers that did not come; the provider limits such questions too. */
const ASK_AGAIN_MAX_MS = 14_400_000;
const LOOK_EVERY_MS = 60_000;

/** What is remembered of asking one provider. */
interface Asked {
  readonly failures: number;
  readonly nextAt: number;
}

/**
 * Keeps the quota windows fresh where runs do not: asks each provider that tells without spending,
 * once when it is first ready, then only while tasks are queued and what is known has aged. Wake it
 * when an executor's readiness changes.
 */
export function makeUsageWatcher(parts: {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly executors: readonly Executor[];
  /** What each executor last said of itself; one that is not ready is not asked. */
  readonly readiness: () => Readonly<Record<string, Readiness>>;
}): Loop {
  const { store, clock } = parts;
  const asked = new Map<string, Asked>();
  const turn = async (signal: AbortSignal): Promise<number> => {
    const { queued } = await store.tasks.counts();
    for (const executor of parts.executors) {
      if (parts.readiness()[executor.name]?.ready !== true) continue;
      const before = asked.get(executor.name);
      if (before !== undefined && queued === 0) continue;
      if (clock.monotonicMs() < (before?.nextAt ?? Number.NEGATIVE_INFINITY)) continue;
      if (await isFresh(parts, executor)) continue;
      const failures = (await ask(parts, executor, signal)) ? 0 : (before?.failures ?? 0) + 1;
      const pauseMs = Math.min(ASK_AGAIN_MAX_MS, QUOTA_FRESH_MS * 2 ** Math.max(0, failures - 1));
      asked.set(executor.name, { failures, nextAt: clock.monotonicMs() + pauseMs });
    }
    return LOOK_EVERY_MS;
  };
  return makeLoop({ name: "usage-watcher", clock, log: parts.log, turn });
}

/** True when a window of its provider was seen lately, or when it cannot be asked at all. */
async function isFresh(
  { store, clock }: { readonly store: Store; readonly clock: Clock },
  executor: Executor,
): Promise<boolean> {
  if (executor.askQuota === undefined) return true;
  const since = clock.now() - QUOTA_FRESH_MS;
  const windows = await store.usage.windows();
  return windows.some((each) => each.provider === executor.provider && each.observedAt > since);
}

async function ask(
  { store, log }: { readonly store: Store; readonly log: Log },
  executor: Executor,
  signal: AbortSignal,
): Promise<boolean> {
  const facts = { executor: executor.name };
  try {
    const windows = (await executor.askQuota?.(signal)) ?? null;
    if (windows === null) {
      log.debug("A provider did not tell what is used", facts);
      return false;
    }
    await store.usage.observe(windows);
    return true;
  } catch (error) {
    log.warn("A provider could not be asked what is used", { ...facts, error });
    return false;
  }
}
