import type { Attempt } from "../core/attempt.ts";
import type { Instant, Lease } from "../core/task.ts";
import type { Clock } from "../ports/clock.ts";
import type { Launcher } from "../ports/launcher.ts";
import type { Log } from "../ports/log.ts";
import type { Machine } from "../ports/machine.ts";
import type { DaemonRecord, Store } from "../ports/store.ts";
import { HEARTBEAT_MS } from "./lease-keeper.ts";
import { type Loop, makeLoop } from "./loop.ts";
import { attemptMark } from "./steps/work.ts";

const RESCUE_EVERY_MS = 5000;
/** A lease of another machine is given this much more, for clocks that differ. */
const FOREIGN_LEASE_GRACE_MS = 15_000;
/** An ended lease of a living daemon must stay unrenewed for so long: the clock may have jumped. */
const UNRENEWED_MS: number = HEARTBEAT_MS + RESCUE_EVERY_MS;

/** What the rescuer works with. */
export interface RescuerParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly machine: Machine;
  readonly launcher: Launcher;
  /** The attempts of this daemon, by task id. */
  readonly running: ReadonlyMap<number, { readonly attempt: Attempt }>;
  /** Told when a task is back in the queue. */
  readonly onRescued: () => void;
}

/** Looks for abandoned tasks every few seconds. */
export interface Rescuer extends Loop {
  /** One pass; also taken once before a daemon starts to claim. */
  readonly rescueAll: (signal: AbortSignal) => Promise<void>;
}

/**
 * Brings back the tasks of daemons that died: first everything their agents left running is ended
 * and seen dead, then the task is queued again with its session. At once for a dead daemon of this
 * machine, after the lease for any other, and for a task that this daemon had to let go itself.
 */
export function makeRescuer(parts: RescuerParts): Rescuer {
  const { clock, log } = parts;
  const unrenewed = new Map<string, Unrenewed>();
  const rescueAll = (signal: AbortSignal): Promise<void> => takeTurn(parts, unrenewed, signal);
  const loop = makeLoop({
    name: "rescuer",
    clock,
    log,
    turn: async (signal) => {
      await rescueAll(signal);
      return RESCUE_EVERY_MS;
    },
  });
  return { ...loop, rescueAll };
}

/** A lease that has ended by the clock on the wall, and since when it was seen so. */
interface Unrenewed {
  readonly expiresAt: Instant;
  readonly sinceMonotonicMs: number;
}

async function takeTurn(
  parts: RescuerParts,
  unrenewed: Map<string, Unrenewed>,
  signal: AbortSignal,
): Promise<void> {
  const running = await parts.store.attempts.running();
  // Looked at after the store has answered, so that what was claimed meanwhile is in it.
  const others = running.filter(
    ({ attempt, lease }) => parts.running.get(attempt.taskId)?.attempt.leaseId !== lease.id,
  );
  forget(unrenewed, others);
  if (others.length === 0) return;
  const daemons = await parts.store.shared.daemons();
  for (const { attempt, lease } of others) {
    if (signal.aborted) return;
    const daemon = daemons.find((each) => each.owner === lease.owner) ?? null;
    if (await isAbandoned(parts, unrenewed, lease, daemon)) {
      await rescue(parts, attempt, lease, daemon);
    }
  }
}

function forget(
  unrenewed: Map<string, Unrenewed>,
  others: readonly { readonly lease: Lease }[],
): void {
  const leases = new Set(others.map(({ lease }) => lease.id));
  for (const id of unrenewed.keys()) if (!leases.has(id)) unrenewed.delete(id);
}

async function isAbandoned(
  parts: RescuerParts,
  unrenewed: Map<string, Unrenewed>,
  lease: Lease,
  daemon: DaemonRecord | null,
): Promise<boolean> {
  const here = daemon !== null && daemon.host === parts.machine.host;
  if (here && !(await parts.machine.isAlive(daemon.process))) return true;
  const endsAt = lease.expiresAt + (here ? 0 : FOREIGN_LEASE_GRACE_MS);
  if (parts.clock.now() <= endsAt) return false;
  const nowMs = parts.clock.monotonicMs();
  const seen = unrenewed.get(lease.id);
  if (seen?.expiresAt === lease.expiresAt) return nowMs - seen.sinceMonotonicMs >= UNRENEWED_MS;
  unrenewed.set(lease.id, { expiresAt: lease.expiresAt, sinceMonotonicMs: nowMs });
  return false;
}

async function rescue(
  parts: RescuerParts,
  attempt: Attempt,
  lease: Lease,
  daemon: DaemonRecord | null,
): Promise<void> {
  const { store, clock, launcher, machine } = parts;
  const log = parts.log.with({ taskId: attempt.taskId, attempt: attempt.number });
  const here = daemon === null || daemon.host === machine.host;
  if (here && !(await launcher.endLeftovers(attemptMark(attempt), attempt.process))) {
    log.warn("Processes of an abandoned attempt still live; it is looked at again");
    return;
  }
  const changed = await store.tasks.change(attempt.taskId, {
    type: "recover",
    at: clock.now(),
    leaseId: lease.id,
    // An attempt that died before it recorded its session leaves that of the attempts before it.
    ...(attempt.sessionId === null ? {} : { sessionId: attempt.sessionId }),
  });
  if (!changed.ok) return;
  log.info("An abandoned task was queued again", { owner: lease.owner });
  parts.onRescued();
}
