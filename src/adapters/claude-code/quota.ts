import type { QuotaWindow } from "../../core/quota.ts";
import type { Instant } from "../../core/task.ts";
import { type Data, data, number, text } from "./shape.ts";

/** What a rate_limit_event tells: the windows, and the reset of the one that refuses work. */
export interface QuotaNews {
  readonly windows: readonly QuotaWindow[];
  /** Present when the provider refuses work now; its reset is null when it was not named. */
  readonly refused: { readonly resetsAt: Instant | null } | null;
}

/** Reads `rate_limit_info`: every window where the CLI tells them all, else the one it speaks of. */
export function readQuota(info: Data, provider: string, observedAt: Instant): QuotaNews {
  const claimed = text(info["rateLimitType"]);
  const rejected = info["status"] === "rejected";
  const window = (name: string, facts: Data): QuotaWindow => ({
    provider,
    window: name,
    used: number(facts["utilization"]),
    resetsAt: instant(facts["resetsAt"]),
    status: facts["status"] === "rejected" || (rejected && name === claimed) ? "closed" : "open",
    source: "observed",
    observedAt,
  });
  const unified = Object.entries(data(info["unifiedWindows"])).map(([name, facts]) =>
    window(name, data(facts)),
  );
  const named = unified.some((each) => each.window === claimed);
  const windows =
    claimed === null || named
      ? unified
      : [...unified, window(claimed, { ...info, status: rejected ? "rejected" : "allowed" })];
  return { windows, refused: rejected ? { resetsAt: instant(info["resetsAt"]) } : null };
}

function instant(seconds: unknown): Instant | null {
  const value = number(seconds);
  return value === null ? null : value * 1000;
}
