import type { Readiness } from "../core/hold.ts";
import type { QuotaWindow } from "../core/quota.ts";
import type { Instant } from "../core/task.ts";
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
/** Where nothing waits it is asked so seldom, only to learn when the person uses it. */
const ASK_IDLY_MS = 3_600_000;
/** How long after the reset of a window that was used up it is asked whether it is open again. */
const AFTER_RESET_MS = 500;
/** For so long after a reset it is asked again soon when the answer did not come, or was too early. */
const RESET_ASK_FOR_MS = 60_000;
const RESET_ASK_EVERY_MS = 15_000;

/** What the watcher works with. */
export interface UsageWatcherParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly executors: readonly Executor[];
  /** What each executor last said of itself; one that is not ready is not asked. */
  readonly readiness: () => Readonly<Record<string, Readiness>>;
  /** Shares at which it is told how far a window is used. */
  readonly alerts: () => readonly number[];
}

/** What is remembered of asking one provider. */
interface Asked {
  readonly failures: number;
  readonly nextAt: number;
}

/**
 * Keeps the quota windows fresh where runs do not: asks each provider that tells without spending,
 * once when it is first ready, then while tasks are queued and what is known has aged, else once an
 * hour, and right after a window that was used up should be open again. Wake it when an executor's
 * readiness changes.
 */
export function makeUsageWatcher(parts: UsageWatcherParts): Loop {
  const { store, clock } = parts;
  const asked = new Map<string, Asked>();
  const turn = async (signal: AbortSignal): Promise<number> => {
    const { queued } = await store.tasks.counts();
    const freshMs = queued === 0 ? ASK_IDLY_MS : QUOTA_FRESH_MS;
    let sleepMs = LOOK_EVERY_MS;
    for (const executor of parts.executors) {
      if (parts.readiness()[executor.name]?.ready !== true) continue;
      if (executor.askQuota === undefined) continue;
      const windows = await windowsOf(store, executor);
      const now = clock.now();
      sleepMs = Math.min(sleepMs, untilResetMs(windows, now));
      const before = asked.get(executor.name);
      if (queued > 0 && isResetUnconfirmed(windows, now)) {
        await ask(parts, executor, signal);
        sleepMs = Math.min(sleepMs, RESET_ASK_EVERY_MS);
        continue;
      }
      if (clock.monotonicMs() < (before?.nextAt ?? Number.NEGATIVE_INFINITY)) continue;
      // One of a time that has not come was seen by a clock that was wrong.
      if (windows.some(({ observedAt }) => Math.abs(now - observedAt) < freshMs)) continue;
      const failures = (await ask(parts, executor, signal)) ? 0 : (before?.failures ?? 0) + 1;
      const pauseMs = Math.min(ASK_AGAIN_MAX_MS, QUOTA_FRESH_MS * 2 ** Math.max(0, failures - 1));
      asked.set(executor.name, { failures, nextAt: clock.monotonicMs() + pauseMs });
    }
    return sleepMs;
  };
  return makeLoop({ name: "usage-watcher", clock, log: parts.log, turn });
}

async function windowsOf(store: Store, { provider }: Executor): Promise<readonly QuotaWindow[]> {
  return (await store.usage.windows()).filter((window) => window.provider === provider);
}

/** How long until the next reset of a window that is used up, and a moment for the provider. */
function untilResetMs(windows: readonly QuotaWindow[], now: Instant): number {
  const ahead = windows
    .filter(({ status }) => status === "closed")
    .map(({ resetsAt }) => (resetsAt ?? 0) + AFTER_RESET_MS - now);
  return Math.min(...ahead.filter((ms) => ms > 0), LOOK_EVERY_MS);
}

function isResetUnconfirmed(windows: readonly QuotaWindow[], now: Instant): boolean {
  return windows.some(({ status, resetsAt }) => {
    if (status !== "closed" || resetsAt === null) return false;
    return now >= resetsAt + AFTER_RESET_MS && now < resetsAt + RESET_ASK_FOR_MS;
  });
}

async function ask(
  { store, log, alerts }: Pick<UsageWatcherParts, "store" | "log" | "alerts">,
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
    await store.usage.observe(windows, alerts());
    return true;
  } catch (error) {
    log.warn("A provider could not be asked what is used", { ...facts, error });
    return false;
  }
}
