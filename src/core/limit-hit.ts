import type { QuotaWindow } from "./quota.ts";
import type { Instant } from "./task.ts";

/** The name of the window that stands for a limit of which the provider told no window. */
export const LIMIT_WINDOW = "limit";
/** No outside word holds for longer than a month and a day. */
const HELD_MAX_MS = 32 * 86_400_000;

/**
 * The window to keep after an attempt met a limit, so that no other one starts against it; null
 * when the provider has told itself of a window that is closed.
 */
export function windowOfLimit(
  known: readonly QuotaWindow[],
  hit: { readonly provider: string; readonly retryAt: Instant | null; readonly at: Instant },
): QuotaWindow | null {
  const { provider, retryAt, at } = hit;
  const isTold = known.some(
    (each) => each.provider === provider && each.status === "closed" && isAhead(each.resetsAt, at),
  );
  if (isTold) return null;
  const resetsAt = isAhead(retryAt, at) ? Math.min(retryAt, at + HELD_MAX_MS) : null;
  const window = { provider, window: LIMIT_WINDOW, used: 1, resetsAt };
  return { ...window, status: "closed", source: "estimated", observedAt: at };
}

function isAhead(moment: Instant | null, at: Instant): moment is Instant {
  return moment !== null && moment > at;
}
