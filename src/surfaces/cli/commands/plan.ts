import { type Result, ok } from "../../../core/problem.ts";
import { printableLine } from "../../../core/terminal.ts";
import type { Instant } from "../../../core/task.ts";
import type { Call, RunCommand } from "../command.ts";
import { nothingYet } from "../nothing-yet.ts";
import { readTime, usage } from "../read-words.ts";
import { renderPlan } from "../render/plan.ts";
import { viewOf } from "../render/view.ts";

/** Shows what will start when, and what will not fit. */
export const plan: RunCommand = async (call) => {
  const { context, output } = call;
  const until = await untilOf(call);
  if (!until.ok) return output.refuse(until.problem);
  const doors = await context.open();
  if (doors === null) return nothingYet(call, null);
  const planned = await doors.queries.plan(until.value);
  return output.answer(planned, () => renderPlan(viewOf(call), planned));
};

/** The end that was asked for; null for the end of the night. */
export async function untilOf({ context, options }: Call): Promise<Result<Instant | null>> {
  const word = options.text("until");
  if (word === null) return ok(null);
  const until = await readTime(context, "--until", word);
  if (!until.ok || until.value > context.clock.now()) return until;
  return usage(`--until "${printableLine(word)}" has passed; give a later time or none.`);
}
