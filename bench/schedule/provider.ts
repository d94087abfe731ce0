import type { QuotaWindow } from "../../src/core/quota.ts";
import type { Instant } from "../../src/core/task.ts";

/** What a subscription allows: windows that begin with the first use after the last one ended. */
export interface Provider {
  /** Counts use; nothing is done and the answer is false while a window is used up. */
  readonly use: (at: Instant, share: number) => boolean;
  /** When work is possible again; null when it is. */
  readonly closedUntil: (at: Instant) => Instant | null;
  /** What a run, or a question that costs nothing, is told. */
  readonly tell: (at: Instant) => readonly QuotaWindow[];
  /** Share of the five-hour window that is free. */
  readonly free: (at: Instant) => number;
}

interface Window {
  readonly name: string;
  readonly lengthMs: number;
  readonly allowed: number;
  begunAt: Instant | null;
  used: number;
}

const HOUR_MS = 3_600_000;
export const PROVIDER = "claude";
export const EXECUTOR = "claude-code";

/** A fresh subscription. */
export function openProvider(weekShares: number): Provider {
  const windows: readonly Window[] = [
    { name: "five_hour", lengthMs: 5 * HOUR_MS, allowed: 1, begunAt: null, used: 0 },
    { name: "seven_day", lengthMs: 168 * HOUR_MS, allowed: weekShares, begunAt: null, used: 0 },
  ];
  const expire = (at: Instant): void => {
    for (const window of windows) {
      if (window.begunAt === null || at < window.begunAt + window.lengthMs) continue;
      window.begunAt = null;
      window.used = 0;
    }
  };
  const closedUntil = (at: Instant): Instant | null => {
    expire(at);
    const resets = windows.filter((window) => window.used >= window.allowed).map(resetOf);
    return resets.length === 0 ? null : Math.max(...resets);
  };
  return {
    closedUntil,
    use: (at, share) => {
      if (closedUntil(at) !== null) return false;
      for (const window of windows) {
        window.begunAt ??= at;
        window.used += share;
      }
      return true;
    },
    tell: (at) => {
      expire(at);
      return windows
        .filter(({ begunAt }) => begunAt !== null)
        .map((window) => ({
          provider: PROVIDER,
          window: window.name,
          used: window.used / window.allowed,
          resetsAt: resetOf(window),
          status: window.used >= window.allowed ? "closed" : "open",
          source: "observed",
          observedAt: at,
        }));
    },
    free: (at) => {
      expire(at);
      const [five] = windows;
      return five === undefined ? 1 : Math.max(0, five.allowed - five.used);
    },
  };
}

function resetOf({ begunAt, lengthMs }: Window): Instant {
  return (begunAt ?? 0) + lengthMs;
}
