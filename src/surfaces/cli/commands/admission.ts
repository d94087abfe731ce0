import type { Admission } from "../../../core/hold.ts";
import type { Instant } from "../../../core/task.ts";
import type { Call, RunCommand } from "../command.ts";
import { EXIT, type ExitCode } from "../exit-codes.ts";
import { notFoundYet } from "../nothing-yet.ts";
import { readDuration } from "../read-words.ts";
import { type View, viewOf, when } from "../render/view.ts";

/** Starts no further tasks until resumed or for a while; running ones go on. */
export const pause: RunCommand = (call) => {
  const length = call.options.text("for");
  if (length === null) return admit(call, "paused");
  const duration = readDuration("--for", length);
  if (!duration.ok) return call.output.refuse(duration.problem);
  return admit(call, "paused", call.context.clock.now() + duration.value);
};

/** Lets tasks start again. */
export const resume: RunCommand = (call) => admit(call, "open");

/** Lets running tasks end and starts no others. */
export const drain: RunCommand = (call) => admit(call, "draining");

async function admit(call: Call, mode: Admission["mode"], until?: Instant): Promise<ExitCode> {
  const { context, output } = call;
  const doors = await context.open();
  if (doors === null) return notFoundYet(call);
  const result = await doors.tasks.setAdmission(mode, context.by, until);
  if (!result.ok) return output.refuse(result.problem);
  if (output.json) return output.answer(result.value, () => "");
  output.confirm(told(viewOf(call), result.value));
  return EXIT.ok;
}

function told(view: View, { mode, until }: Admission): string {
  switch (mode) {
    case "open":
      return "Open: tasks start again.";
    case "paused":
      return `Paused${until === null ? "" : ` until ${when(view, until)}`}: running tasks go on, no others start.`;
    case "draining":
      return "Draining: running tasks may end, no others start until `sle resume`.";
  }
}
