import type { Readiness } from "../core/hold.ts";
import type { Clock } from "../ports/clock.ts";
import type { Executor } from "../ports/executor.ts";
import type { Log } from "../ports/log.ts";
import { type Loop, makeLoop } from "./loop.ts";

/** The executors of this daemon and what each last said of itself. */
export interface ExecutorDesk {
  readonly get: (name: string) => Executor | null;
  readonly readiness: () => Readonly<Record<string, Readiness>>;
  /** An attempt learned that the executor cannot work (login refused): no start until it is asked again. */
  readonly reportUnready: (name: string, reason: string) => void;
  /** Asks every executor now and then; sooner after a no. */
  readonly prober: Loop;
}

const PROBE_READY_MS = 600_000;
/** After a no; doubles with each further one, since a probe starts a program. */
const PROBE_UNREADY_MS = 30_000;
const PROBE_UNREADY_MAX_MS = 240_000;
/** A refused login looks valid to the probe, so an attempt's word stands this long. */
export const UNREADY_MS = 300_000;

const NOT_ASKED: Readiness = { ready: false, reason: "It is being asked.", nextCheckAt: null };

/** Makes the desk; call `prober.start()` to keep it fresh, and `onChange` tells of news. */
export function openExecutorDesk(parts: {
  readonly executors: readonly Executor[];
  readonly clock: Clock;
  readonly log: Log;
  readonly onChange: () => void;
}): ExecutorDesk {
  const { executors, clock, log } = parts;
  const byName = new Map(executors.map((executor) => [executor.name, executor]));
  const said = new Map<string, Readiness>(executors.map(({ name }) => [name, NOT_ASKED]));
  const distrustedUntil = new Map<string, number>();

  const probe = async (executor: Executor, signal: AbortSignal): Promise<boolean> => {
    if ((distrustedUntil.get(executor.name) ?? 0) > clock.now()) return false;
    const { detail, ...readiness } = await executor.probe(signal);
    const before = said.get(executor.name);
    said.set(executor.name, readiness);
    if (reasonOf(before) !== reasonOf(readiness)) {
      log.info("An executor was asked whether it is ready", {
        executor: executor.name,
        ...readiness,
        detail,
      });
      parts.onChange();
    }
    return readiness.ready;
  };
  let unreadyTurns = 0;
  const prober = makeLoop({
    name: "executor-prober",
    clock,
    log,
    turn: async (signal) => {
      const ready = await Promise.all(executors.map((executor) => probe(executor, signal)));
      unreadyTurns = ready.every(Boolean) ? 0 : unreadyTurns + 1;
      if (unreadyTurns === 0) return PROBE_READY_MS;
      return Math.min(PROBE_UNREADY_MAX_MS, PROBE_UNREADY_MS * 2 ** (unreadyTurns - 1));
    },
  });
  return {
    get: (name) => byName.get(name) ?? null,
    readiness: () => Object.fromEntries(said),
    reportUnready: (name, reason) => {
      const until = clock.now() + UNREADY_MS;
      distrustedUntil.set(name, until);
      said.set(name, { ready: false, reason, nextCheckAt: until });
      parts.onChange();
    },
    prober,
  };
}

/** Why not; null for one that is ready. */
function reasonOf(readiness: Readiness | undefined): string | null {
  return readiness?.ready === false ? readiness.reason : null;
}
