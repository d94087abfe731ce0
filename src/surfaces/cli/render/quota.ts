import type { AdmissionRules } from "../../../core/hold.ts";
import { nextMoment } from "../../../core/hours.ts";
import { isLongWindow, type QuotaWindow, thresholdsOf } from "../../../core/quota.ts";
import { printableLine } from "../../../core/terminal.ts";
import type { UsageTotal } from "../../../ports/usage-store.ts";
import {
  allTokens,
  counted,
  formatCount,
  formatPercent,
  formatShare,
  formatUsd,
} from "./numbers.ts";
import { type Cell, table } from "./table.ts";
import { type View, ago, when } from "./view.ts";

/** One quota window in words: `42% used, resets 23:10, seen 2m ago`. */
export function windowWords(view: View, window: QuotaWindow): string {
  const { resetsAt, observedAt, source, status } = window;
  const passed = resetsAt !== null && resetsAt <= view.now;
  if (passed) return `reset ${ago(view, resetsAt)}, not seen since`;
  return [
    ...(status === "closed" ? ["closed by the provider"] : []),
    formatShare(window.used),
    resetsAt === null ? "reset unknown" : `resets ${when(view, resetsAt)}`,
    `${source === "estimated" ? "estimated" : "seen"} ${ago(view, observedAt)}`,
  ].join(", ");
}

/** When tasks no longer start on a window: `tasks stop at 20% by day, 80% by night; 30% stay free for tomorrow 08:00`, or `tasks stop at 97%`. */
export function limitWords(
  view: View,
  window: QuotaWindow,
  { hours, quota }: Pick<AdmissionRules, "hours" | "quota">,
): string {
  const { day, night } = thresholdsOf(quota, window);
  const kept = quota.reserves.flatMap((reserve) => {
    const at = nextMoment(hours.timeZone, reserve, view.now);
    const isPast = at === null || (window.resetsAt !== null && window.resetsAt <= at);
    return isPast || isLongWindow(window.window)
      ? []
      : [`; ${formatPercent(reserve.share)} stay free for ${when(view, at)}`];
  });
  const until =
    day === night
      ? formatPercent(day)
      : `${formatPercent(day)} by day, ${formatPercent(night)} by night`;
  return `tasks stop at ${until}${kept.join("")}`;
}

/** Every quota window on a line of its own. */
export function windowLines(view: View, windows: readonly QuotaWindow[]): readonly string[] {
  if (windows.length === 0) return ["unknown: no provider has told yet"];
  return windows.map((window) => windowLine(view, window));
}

/** A quota window by its name, in words. */
export function windowLine(view: View, window: QuotaWindow): string {
  const words = windowWords(view, window);
  const name = `${window.provider} ${printableLine(window.window)}`;
  return `${name}: ${window.status === "closed" ? view.paint("yellow", words) : words}`;
}

/** What was spent, all models together: `$1.24, 3 attempts, 120k tokens`. */
export function spentWords(totals: readonly UsageTotal[]): string {
  if (totals.length === 0) return "nothing";
  const usd = totals.reduce((sum, total) => sum + total.usd, 0);
  const attempts = totals.reduce((sum, total) => sum + total.attempts, 0);
  const tokens = totals.reduce((sum, total) => sum + allTokens(total.tokens), 0);
  return `${formatUsd(usd)}, ${counted(attempts, "attempt")}, ${formatCount(tokens)} tokens`;
}

/** What was spent, model by model. */
export function spentTable(view: View, totals: readonly UsageTotal[]): string {
  const rows = totals.map((total): readonly Cell[] => [
    printableLine(total.model),
    String(total.attempts),
    formatCount(total.tokens.input),
    formatCount(total.tokens.output),
    formatCount(total.tokens.cacheRead),
    formatCount(total.tokens.cacheWrite),
    formatUsd(total.usd),
  ]);
  const head = ["MODEL", "ATTEMPTS", "INPUT", "OUTPUT", "CACHE READ", "CACHE WRITE", "COST"];
  return table(head, rows, view.columns);
}
