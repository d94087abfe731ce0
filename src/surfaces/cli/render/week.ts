import type { ExpectedUse } from "../../../engine/views.ts";
import { printableLine } from "../../../core/terminal.ts";
import { formatPercent } from "./numbers.ts";
import type { View } from "./view.ts";

const DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
const BARS = "▁▂▃▄▅▆▇█";
const DAY_HOURS = 24;

/** When a person uses a window, as a picture: a line for each day, a column for each hour. */
export function weekPicture(view: View, expected: ExpectedUse): readonly string[] {
  const { provider, window, week, days } = expected;
  const most = Math.max(...week);
  const name = `${provider} ${printableLine(window)}`;
  if (days === 0 || most <= 0) return [];
  const lines = DAYS.map((day, index) => {
    const hours = week.slice(index * DAY_HOURS, (index + 1) * DAY_HOURS);
    const total = hours.reduce((sum, use) => sum + use, 0);
    return `${day} ${hours.map((use) => bar(use, most)).join("")} ${formatPercent(total)}`;
  });
  return [
    `${view.paint("bold", "When you use it")}: ${name}, learned from ${days} ${days === 1 ? "day" : "days"}`,
    `    ${"0     6     12    18".padEnd(DAY_HOURS)}`.trimEnd(),
    ...lines,
  ];
}

/** So little of an hour's use is none. */
const NONE = 0.001;

function bar(use: number, most: number): string {
  if (use < NONE) return "·";
  return BARS[Math.min(BARS.length - 1, Math.floor((use / most) * BARS.length))] ?? "·";
}
