import type { Hold, Policy } from "../hold.ts";
import type { Instant } from "../task.ts";

/** How soon free memory and disk are worth another look. */
const RECHECK_MS = 5000;
const MIB_BYTES = 1_048_576;

/** Holds while this machine has less free memory or disk than asked for; what is unknown holds nothing. */
export const resources: Policy = (_task, snapshot) => {
  const { now, rules } = snapshot;
  return (
    short("memory", snapshot.memoryFreeBytes, rules.memoryFreeMinBytes, now) ??
    short("disk", snapshot.diskFreeBytes, rules.diskFreeMinBytes, now)
  );
};

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
