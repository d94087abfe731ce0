import type { QuotaWindow } from "../../src/core/quota.ts";
import type { Draw } from "./draw.ts";
import type { NightTime } from "./time.ts";

/** The provider of a night, which counts use and tells of it more or less well. */
export interface Provider {
  /** Uses a share of the five hours; false when it refuses. */
  readonly use: (share: number, model: string | null) => boolean;
  /** When it works again for this model, by its own clock; null while it does. */
  readonly closedUntil: (model: string | null) => number | null;
  /** What it says of its windows. */
  readonly tell: () => readonly QuotaWindow[];
  /** From now on all that is asked for is given, and told truly. */
  readonly relent: () => void;
}

export const PROVIDER = "claude";
export const MODEL = "opus";
const HOUR_MS = 3_600_000;
/** A week holds so many times five hours; little, so that it closes, too. */
const WEEKS = { seven_day: 7, seven_day_opus: 3 } as const;

interface Window {
  readonly name: string;
  readonly lengthMs: number;
  /** How often five hours fit in. */
  readonly size: number;
  used: number;
  resetsAt: number | null;
}

/** How well it tells: a provider that lies now and then is one of those there are. */
export type Manner = "well" | "badly" | "never";

export function openProvider(time: NightTime, draw: Draw, drawn: Manner): Provider {
  let manner = drawn;
  let limit = 1;
  const windows: readonly Window[] = [
    { name: "five_hour", lengthMs: 5 * HOUR_MS, size: 1, used: 0, resetsAt: null },
    ...Object.entries(WEEKS).map(([name, size]) => {
      return { name, lengthMs: 168 * HOUR_MS, size, used: 0, resetsAt: null };
    }),
  ];
  const current = (model: string | null): readonly Window[] => {
    for (const window of windows) {
      if (window.resetsAt === null || window.resetsAt > time.trueNow()) continue;
      window.used = 0;
      window.resetsAt = null;
    }
    return windows.filter(({ name }) => !name.endsWith(MODEL) || model === MODEL);
  };
  const closedUntil = (model: string | null): number | null => {
    const closed = current(model).filter(({ used }) => used >= limit);
    if (closed.length === 0) return null;
    return Math.max(...closed.map(({ resetsAt }) => resetsAt ?? 0));
  };
  return {
    closedUntil,
    use: (share, model) => {
      if (closedUntil(model) !== null) return false;
      for (const window of current(model)) {
        window.used += share / window.size;
        window.resetsAt ??= time.trueNow() + window.lengthMs;
      }
      return true;
    },
    tell: () => {
      if (manner === "never") return [];
      const told = current(MODEL).map((window) => asTold(window, time, limit));
      return manner === "well" ? told : told.flatMap((window) => garbled(window, draw));
    },
    relent: () => {
      manner = drawn === "never" ? "never" : "well";
      limit = Infinity;
    },
  };
}

function asTold({ name, used, resetsAt }: Window, time: NightTime, limit: number): QuotaWindow {
  return {
    provider: PROVIDER,
    window: name,
    used: Math.min(1, used),
    resetsAt,
    status: used >= limit ? "closed" : "open",
    source: "observed",
    observedAt: time.now(),
  };
}

/** Late, backwards, without a reset, without a number, or not at all. */
function garbled(window: QuotaWindow, draw: Draw): readonly QuotaWindow[] {
  switch (draw.int(0, 9)) {
    case 0:
      return [];
    case 1:
      return [{ ...window, observedAt: window.observedAt - draw.int(1, 2 * HOUR_MS) }];
    case 2:
      return [{ ...window, used: draw.int(0, 100) / 100 }];
    case 3:
      return [{ ...window, resetsAt: null }];
    case 4:
      return [{ ...window, used: null }];
    case 5:
      return [window, { ...window, used: 0, status: "open" }];
    default:
      return [window];
  }
}
