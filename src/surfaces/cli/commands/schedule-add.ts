import { ok } from "../../../core/problem.ts";
import { printable, printableLine } from "../../../core/terminal.ts";
import type { Call, RunCommand } from "../command.ts";
import { notFoundYet } from "../nothing-yet.ts";
import { readDuration } from "../read-words.ts";
import { refuseSettings } from "../refuse-settings.ts";
import { viewOf } from "../render/view.ts";
import { timeIn } from "./schedule.ts";
import { submissionOf } from "./think.ts";

/** Adds a schedule and says when it comes first. */
export const addSchedule: RunCommand = async (call) => {
  const { context, output, options, words } = call;
  const [cron = "", ...text] = words;
  const submission = await submissionOf({ ...call, words: text });
  if (!submission.ok) return output.refuse(submission.problem);
  const written = options.text("deadline-in");
  const deadline = written === null ? ok(null) : readDuration("--deadline-in", written);
  if (!deadline.ok) return output.refuse(deadline.problem);
  const zone = await zoneOf(call);
  if (!zone.ok) return refuseSettings(call, zone.problems);
  await context.begin();
  const { notBefore: _, deadlineAt: __, dependsOn: ___, ...task } = submission.value;
  const input = {
    cron,
    timeZone: zone.timeZone,
    name: options.text("name"),
    catchUp: options.text("catch-up"),
    overlap: options.text("overlap"),
    deadlineInMs: deadline.value,
    task,
  };
  const added = await (await context.schedules()).add(input, { by: context.by, source: "cli" });
  if (!added.ok) return output.refuse(added.problem);
  const { schedule, open, warnings } = added.value;
  const exit = output.answer(added.value, () => {
    const { name, timeZone } = schedule;
    if (output.quiet) return name;
    const first = open === null ? "never" : timeIn(viewOf(call), timeZone, open.dueAt);
    const when = `${printableLine(schedule.cron)} in ${timeZone}, first ${first}`;
    return `Schedule ${name} added: ${when}\n${printable(schedule.task.text)}`;
  });
  for (const warning of warnings) output.hint(warning);
  if (!(await context.daemonLives())) {
    output.hint("No daemon is running; `sle daemon start` starts one.");
  }
  return exit;
};

/** Says when a cron comes next. */
export const previewSchedule: RunCommand = async (call) => {
  const { context, output, words } = call;
  const zone = await zoneOf(call);
  if (!zone.ok) return refuseSettings(call, zone.problems);
  const { timeZone } = zone;
  if ((await context.open()) === null) return notFoundYet(call);
  const times = (await context.schedules()).preview(words[0] ?? "", timeZone);
  if (!times.ok) return output.refuse(times.problem);
  return output.answer({ timeZone, times: times.value }, () =>
    times.value.map((at) => timeIn(viewOf(call), timeZone, at)).join("\n"),
  );
};

type Zone =
  | { readonly ok: true; readonly timeZone: string }
  | { readonly ok: false; readonly problems: readonly string[] };

/** The zone that was asked for, else the one of the settings, by which days and nights are told. */
async function zoneOf({ context, options }: Call): Promise<Zone> {
  const given = options.text("tz");
  if (given !== null) return { ok: true, timeZone: given };
  const read = await (await context.settings()).read();
  if (!read.ok) return read;
  const setting = read.values.find(({ key }) => key === "hours.time_zone")?.value;
  const isNamed = typeof setting === "string" && setting !== "system";
  return { ok: true, timeZone: isNamed ? setting : context.timeZone() };
}
