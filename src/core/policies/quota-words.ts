import type { Hold } from "../hold.ts";
import { iso } from "../iso.ts";
import type { QuotaWindow } from "../quota.ts";
import type { Instant } from "../task.ts";

/** How far a window is used, as the beginning of a sentence. */
export function usedWords({ window, provider }: QuotaWindow, share: number): string {
  return `The ${window} window of ${provider} is used to ${percent(share)}`;
}

/** When a window ends, as the end of a sentence. */
export function endsAt(window: QuotaWindow, until: Instant): string {
  return window.resetsAt === null
    ? `its reset is unknown, the next try is at ${iso(until)}`
    : `it resets at ${iso(until)}`;
}

/** Cut to a tenth, so that a share below a threshold never reads as if it had reached it. */
export function percent(share: number): string {
  return `${Math.floor(Number((share * 1000).toFixed(6))) / 10} %`;
}

/** When a hold can end; no hold ends before all others. */
export function endOf(hold: Hold | null): number {
  return hold?.nextCheckAt ?? -Infinity;
}
