import { parseDuration } from "../../../core/duration.ts";
import { type Result, ok } from "../../../core/problem.ts";
import type { Instant } from "../../../core/task.ts";
import type { UsageView } from "../../../engine/views.ts";
import type { RunCommand } from "../command.ts";
import type { CliContext } from "../context.ts";
import { nothingYet } from "../nothing-yet.ts";
import { readTime } from "../read-words.ts";
import { limitWords, spentTable, spentWords, windowLine, windowLines } from "../render/quota.ts";
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
  const { totals, since } = used;
  return [
    view.paint("bold", "Quota"),
    ...quotaLines(view, used).map((line) => `  ${line}`),
    "",
    `${view.paint("bold", `Spent since ${when(view, since)}`)}: ${spentWords(totals)}`,
    ...(totals.length === 0 ? [] : [spentTable(view, totals)]),
  ].join("\n");
}

function quotaLines(view: View, { windows, rules }: UsageView): readonly string[] {
  if (rules === null || windows.length === 0) return windowLines(view, windows);
  return windows.flatMap((window) => [
    windowLine(view, window),
    `  ${limitWords(view, window, rules)}`,
  ]);
}
