import type { AdmissionRules, Hold, LocalFacts, Policy } from "../hold.ts";
import type { Instant } from "../task.ts";

/** How soon free memory and disk are worth another look. */
const RECHECK_MS = 5000;
const MIB_BYTES = 1_048_576;

/** Holds while this machine has less free memory or disk than asked for; what is unknown holds nothing. */
export const resources: Policy = (_task, snapshot) => resourcesHold(snapshot);

/** The same for every task, so that the health of a daemon is judged by it too. */
export function resourcesHold(facts: {
  readonly now: Instant;
  readonly rules: AdmissionRules;
  readonly memoryFreeBytes: LocalFacts["memoryFreeBytes"];
  readonly diskFreeBytes: LocalFacts["diskFreeBytes"];
}): Hold | null {
  const { now, rules } = facts;
  return (
    short("memory", facts.memoryFreeBytes, rules.memoryFreeMinBytes, now) ??
    short("disk", facts.diskFreeBytes, rules.diskFreeMinBytes, now)
  );
}

function short(
  what: "memory" | "disk",
  freeBytes: number | null,
  minBytes: number | null,
  now: Instant,
): Hold | null {
  if (freeBytes === null || minBytes === null || freeBytes >= minBytes) return null;
  // Rounded apart, so that the two numbers never look equal when they are not.
  const free = `${Math.floor(freeBytes / MIB_BYTES)} MiB`;
  const asked = `${Math.ceil(minBytes / MIB_BYTES)} MiB`;
  return {
    policy: "resources",
    reason: `${free} of ${what} are free, a start asks for ${asked}.`,
    nextCheckAt: now + RECHECK_MS,
  };
}
