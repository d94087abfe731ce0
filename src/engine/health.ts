import { resourcesHold } from "../core/policies/resources.ts";
import type { Clock } from "../ports/clock.ts";
import type { Machine } from "../ports/machine.ts";
import type { Store } from "../ports/store.ts";
import { daemonStatus } from "./overview.ts";
import type { DaemonStatus, HealthCheck } from "./views.ts";

/** A database that takes longer for one small read holds everything up. */
const SLOW_READ_MS = 1000;

/**
 * How the living daemons are: their sign of life, what their executors and machines last said, and
 * whether the database answers in good time. From stored facts, so that any process can ask.
 */
export async function readHealth(parts: {
  readonly store: Store;
  readonly clock: Clock;
  readonly machine: Machine;
}): Promise<readonly HealthCheck[]> {
  const startedMs = parts.clock.monotonicMs();
  const daemons = await daemonStatus(parts);
  const readMs = parts.clock.monotonicMs() - startedMs;
  const living = daemons.filter(({ status }) => status === "running" || status === "no-signal");
  const checks = living.flatMap((daemon) => daemonChecks(daemon, parts.clock.now()));
  return [...slowness(readMs), ...(living.length === 0 ? [NO_DAEMON] : checks)];
}

const NO_DAEMON: HealthCheck = {
  name: "daemon",
  status: "warning",
  detail: "none is running",
  advice: "Run `sle daemon start`.",
};

function slowness(readMs: number): readonly HealthCheck[] {
  if (readMs < SLOW_READ_MS) return [];
  const detail = `a small read took ${(readMs / 1000).toFixed(1)} s`;
  const advice = "See what else uses this disk, and how full it is.";
  return [{ name: "database", status: "warning", detail, advice }];
}

function daemonChecks(daemon: DaemonStatus, now: number): readonly HealthCheck[] {
  const { record, status, seenAgoMs } = daemon;
  const who = `process ${record.process.pid} on ${record.host}`;
  if (status === "no-signal") {
    const detail = `${who} gave no sign of life for ${Math.round(seenAgoMs / 1000)} s`;
    const advice = "If it does not come back, end it and run `sle daemon start`.";
    return [{ name: "daemon", status: "problem", detail, advice }];
  }
  const sound: HealthCheck = { name: "daemon", status: "ok", detail: who, advice: null };
  return [sound, ...executorChecks(daemon), ...machineChecks(daemon, now)];
}

/** The daemon may have another environment than the terminal that asks: its own word counts. */
function executorChecks({ record }: DaemonStatus): readonly HealthCheck[] {
  return Object.entries(record.local.executors).flatMap(([name, said]) => {
    if (said.ready) return [];
    const isDefault = name === record.rules.executorDefault;
    const status = isDefault ? "problem" : "warning";
    return [{ name, status, detail: `the daemon says: ${said.reason}`, advice: null } as const];
  });
}

function machineChecks({ record }: DaemonStatus, now: number): readonly HealthCheck[] {
  const hold = resourcesHold({ ...record.local, now, rules: record.rules });
  if (hold === null) return [];
  const advice = "Tasks start again by themselves once there is enough.";
  return [{ name: "resources", status: "warning", detail: hold.reason, advice }];
}
