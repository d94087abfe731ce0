import type { RunCommand } from "../command.ts";
import { nothingYet } from "../nothing-yet.ts";
import { renderOverview } from "../render/overview.ts";
import { viewOf } from "../render/view.ts";

/** Shows how everything stands; writes nothing. */
export const check: RunCommand = async (call) => {
  const doors = await call.context.open();
  if (doors === null) return nothingYet(call, null);
  const overview = await doors.queries.overview();
  return call.output.answer(overview, () => renderOverview(viewOf(call), overview));
};
