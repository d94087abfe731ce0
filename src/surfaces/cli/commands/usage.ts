import { parseDuration } from "../../../core/duration.ts";
import { type Result, ok } from "../../../core/problem.ts";
import type { Expected } from "../../../core/forecast/person.ts";
import type { AdmissionRules } from "../../../core/hold.ts";
import { isLongWindow } from "../../../core/quota.ts";
import type { Instant } from "../../../core/task.ts";
import type { UsageView } from "../../../engine/views.ts";
import type { RunCommand } from "../command.ts";
import type { CliContext } from "../context.ts";
import { nothingYet } from "../nothing-yet.ts";
import { readTime } from "../read-words.ts";
import { limitWords, spentTable, spentWords, windowLine, windowLines } from "../render/quota.ts";
import { formatPercent } from "../render/numbers.ts";
import { weekPicture } from "../render/week.ts";
import { type View, viewOf, when } from "../render/view.ts";

/** Shows every quota window with its age, and what was spent since a time. */
export const usage: RunCommand = async (call) => {
  const { context, output, options } = call;
  const since = await sinceOf(context, options.text("since") ?? "24h");
  if (!since.ok) return output.refuse(since.problem);
  const doors = await context.open();
  if (doors === null) return nothingYet(call, null);
  const used = await doors.queries.usage(since.value);
  return output.answer(used, () => renderUsage(viewOf(call), used));
};

/** So long ago, or a moment in a person's words. */
async function sinceOf(context: CliContext, word: string): Promise<Result<Instant>> {
  const duration = parseDuration(word);
  if (duration.ok) return ok(context.clock.now() - duration.value);
  return readTime(context, "--since", word);
}

function renderUsage(view: View, used: UsageView): string {
  const { totals, since, expected } = used;
  // One window of hours shows a day's shape best.
  const short = expected.find(({ window }) => !isLongWindow(window)) ?? expected[0];
  const week = short === undefined ? [] : weekPicture(view, short);
  return [
    view.paint("bold", "Quota"),
    ...quotaLines(view, used).map((line) => `  ${line}`),
    "",
    `${view.paint("bold", `Spent since ${when(view, since)}`)}: ${spentWords(totals)}`,
    ...(totals.length === 0 ? [] : [spentTable(view, totals)]),
    ...(week.length === 0 ? [] : ["", ...week]),
  ].join("\n");
}

function quotaLines(view: View, { windows, rules, expected }: UsageView): readonly string[] {
  if (rules === null || windows.length === 0) return windowLines(view, windows);
  return windows.flatMap((window, index) => [
    windowLine(view, window),
    `  ${limitWords(view, window, rules)}`,
    ...expectedWords(rules, expected[index]?.untilReset ?? null),
  ]);
}

/** What the person is expected to use, and what is kept for them. */
function expectedWords({ quota }: AdmissionRules, expected: Expected | null): readonly string[] {
  if (expected === null || expected.mean < EXPECTED_MIN) return [];
  const kept =
    quota.care === null ? "" : `; ${formatPercent(expected.upper)} are held back for you`;
  return [`  you are expected to use ${formatPercent(expected.mean)} more of it${kept}`];
}

const EXPECTED_MIN = 0.005;
