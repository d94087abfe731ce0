import type { Clock } from "../ports/clock.ts";
import type { Log } from "../ports/log.ts";
import type { Store } from "../ports/store.ts";

/** How long a lease lasts when nobody renews it. */
export const LEASE_MS = 60_000;
/** How often it is renewed. */
export const HEARTBEAT_MS = 15_000;
/** Share of the lease after which its holder gives it up by itself when no renewal got through. */
export const SELF_FENCE_SHARE = 0.8;
/** Pause after a renewal that could not be asked for. */
const RENEW_AGAIN_MS = 1000;

/** What the keeper finds out while it renews. */
export interface LeaseNews {
  /** The lease is someone else's or could not be renewed in time: the work must end at once. */
  readonly onLost: () => void;
  readonly onCancelRequested: () => void;
  readonly onMessages: () => void;
}

/** Renews one lease until stopped. */
export interface LeaseKeeper {
  /** Renews now instead of at the next heartbeat, to learn of a cancel or a message. */
  readonly poke: () => void;
  readonly stop: () => Promise<void>;
}

/**
 * Keeps the lease of one attempt. Time is counted on the monotonic clock from before a renewal was
 * sent, so that a late answer never stretches the lease.
 */
export function keepLease(
  parts: { readonly store: Store; readonly clock: Clock; readonly log: Log },
  lease: { readonly taskId: number; readonly leaseId: string; readonly takenAtMonotonicMs: number },
  news: LeaseNews,
): LeaseKeeper {
  const { store, clock, log } = parts;
  const stopping = new AbortController();
  let renewedAtMs = lease.takenAtMonotonicMs;
  /** Aborted by a poke, also by one that comes while a renewal is under way. */
  let poked = new AbortController();

  const renewOnce = async (): Promise<"kept" | "lost" | "unknown"> => {
    const sentAtMs = clock.monotonicMs();
    try {
      const expiresAt = clock.now() + LEASE_MS;
      const renewal = await store.attempts.renew(lease.taskId, lease.leaseId, expiresAt);
      if (!renewal.ok) return "lost";
      renewedAtMs = sentAtMs;
      if (renewal.cancelRequested) news.onCancelRequested();
      if (renewal.unread > 0) news.onMessages();
      return "kept";
    } catch (error) {
      log.warn("A lease could not be renewed", { taskId: lease.taskId, error });
      return "unknown";
    }
  };
  const fenceAtMs = (): number => renewedAtMs + LEASE_MS * SELF_FENCE_SHARE;
  const run = async (): Promise<void> => {
    let sleepMs = HEARTBEAT_MS;
    while (!stopping.signal.aborted) {
      const leftMs = Math.max(0, fenceAtMs() - clock.monotonicMs());
      await clock.sleep(
        Math.min(sleepMs, leftMs),
        AbortSignal.any([stopping.signal, poked.signal]),
      );
      if (stopping.signal.aborted) return;
      poked = new AbortController();
      // A renewal that hangs must not outlive the fence.
      const answer = await Promise.race([
        renewOnce(),
        clock
          .sleep(Math.max(0, fenceAtMs() - clock.monotonicMs()), stopping.signal)
          .then((): "unknown" => "unknown"),
      ]);
      if (stopping.signal.aborted) return;
      if (answer === "lost" || clock.monotonicMs() >= fenceAtMs()) {
        log.warn("A lease was lost", { taskId: lease.taskId, answer });
        news.onLost();
        return;
      }
      sleepMs = answer === "kept" ? HEARTBEAT_MS : RENEW_AGAIN_MS;
    }
  };
  const ended = run();
  return {
    poke: () => poked.abort(),
    stop: async () => {
      stopping.abort();
      await ended;
    },
  };
}
