import type { Result } from "../../../core/problem.ts";
import type { Schedule, Slot } from "../../../core/schedule.ts";
import type { Instant, Task } from "../../../core/task.ts";
import { formatDuration } from "../../../core/duration.ts";
import { printable, printableLine } from "../../../core/terminal.ts";
import type { ScheduleDetail, Schedules } from "../../../engine/schedules.ts";
import type { ScheduleWithSlot } from "../../../ports/schedule-store.ts";
import type { Call, RunCommand } from "../command.ts";
import { EXIT, type ExitCode } from "../exit-codes.ts";
import { notFoundYet, nothingYet } from "../nothing-yet.ts";
import { type Cell, table } from "../render/table.ts";
import { endingOf } from "../render/task-line.ts";
import { type View, viewOf, when } from "../render/view.ts";

/** Lists what comes again. */
export const listSchedules: RunCommand = async (call) => {
  const { context, output } = call;
  if ((await context.open()) === null) return nothingYet(call, []);
  const schedules = await (await context.schedules()).list();
  return output.answer(schedules, () => renderSchedules(viewOf(call), schedules));
};

/** Shows one schedule with its slots. */
export const showSchedule: RunCommand = async (call) => {
  const { context, output, words } = call;
  if ((await context.open()) === null) return notFoundYet(call);
  const shown = await (await context.schedules()).show(words[0] ?? "");
  if (!shown.ok) return output.refuse(shown.problem);
  return output.answer(shown.value, () => renderSchedule(viewOf(call), shown.value));
};

/** Lets a schedule skip its times. */
export const pauseSchedule: RunCommand = (call) =>
  change(
    call,
    (schedules, name) => schedules.pause(name, call.context.by, call.options.text("reason")),
    (name) => `Schedule ${name} paused; \`sle schedule resume ${name}\` lets it go on`,
  );

/** Lets a schedule go on. */
export const resumeSchedule: RunCommand = (call) =>
  change(
    call,
    (schedules, name) => schedules.resume(name, call.context.by),
    (name) => `Schedule ${name} goes on`,
  );

/** Removes a schedule. */
export const removeSchedule: RunCommand = (call) =>
  change(
    call,
    (schedules, name) => schedules.remove(name, call.context.by),
    (name) => `Schedule ${name} removed; its tasks stay`,
  );

async function change(
  call: Call,
  make: (schedules: Schedules, name: string) => Promise<Result<Schedule>>,
  words: (name: string) => string,
): Promise<ExitCode> {
  const { context, output } = call;
  if ((await context.open()) === null) return notFoundYet(call);
  const changed = await make(await context.schedules(), call.words[0] ?? "");
  if (!changed.ok) return output.refuse(changed.problem);
  if (output.json) return output.answer(changed.value, () => "");
  output.confirm(words(changed.value.name));
  return EXIT.ok;
}

/** A moment by the clock of a schedule, and by the person's where that shows another time. */
export function timeIn(view: View, timeZone: string, at: Instant): string {
  const there = when({ ...view, timeZone }, at);
  const here = when(view, at);
  return there === here ? there : `${there} (${here} here)`;
}

function renderSchedules(view: View, schedules: readonly ScheduleWithSlot[]): string {
  if (schedules.length === 0) {
    return 'Nothing comes again; `sle schedule add "0 2 * * 1-5" "…"` lets it.';
  }
  const rows = schedules.map(({ schedule, open }): readonly Cell[] => [
    schedule.name,
    nextWords(view, schedule, open),
    printableLine(schedule.cron),
    schedule.timeZone,
    schedule.task.project ?? `(${schedule.task.kind})`,
    printableLine(schedule.task.text),
  ]);
  const paused = schedules.flatMap(({ schedule }) => pauseLines(view, schedule));
  return [
    table(["NAME", "NEXT", "CRON", "ZONE", "PROJECT", "TEXT"], rows, view.columns),
    ...(paused.length === 0 ? [] : ["", ...paused]),
  ].join("\n");
}

function nextWords(view: View, { paused }: Schedule, open: Slot | null): string {
  if (paused !== null) return "paused";
  return open === null ? "never" : when(view, open.dueAt);
}

function pauseLines(view: View, { name, paused }: Schedule): readonly string[] {
  if (paused === null) return [];
  const since = `${name} is paused since ${when(view, paused.at)}`;
  return [
    view.paint("yellow", `${since}: ${printableLine(paused.reason)}`),
    `  \`sle schedule resume ${name}\` lets it go on, \`sle schedule show ${name}\` shows its tasks`,
  ];
}

function renderSchedule(view: View, { schedule, next, slots }: ScheduleDetail): string {
  const { name, timeZone, paused, task, deadlineInMs } = schedule;
  const rows: readonly (readonly [string, string | null])[] = [
    ["Cron", `${printableLine(schedule.cron)} in ${timeZone}`],
    ["Catch-up", schedule.catchUp],
    ["Overlap", schedule.overlap],
    ["Project", task.project],
    ["Kind", `${task.kind}, ${task.priority} priority`],
    ["At night", task.nightOnly ? "only" : null],
    ["Deadline", deadlineInMs === null ? null : `${formatDuration(deadlineInMs)} after its time`],
    ["Executor", task.executor],
    ["Model", task.model],
    ["Added", `${when(view, schedule.createdAt)} by ${printableLine(schedule.by)}`],
    ["Next", paused === null ? next.map((at) => timeIn(view, timeZone, at)).join(", ") : null],
  ];
  return [
    view.paint("bold", `Schedule ${name}`),
    ...rows
      .filter(([, value]) => value !== null)
      .map(([label, value]) => `${label.padEnd(12)}${value}`),
    ...pauseLines(view, schedule),
    "",
    printable(task.text),
    "",
    ...(slots.length === 0
      ? ["No time has come yet."]
      : slots.map(({ slot, task: made }) => slotLine(view, timeZone, slot, made))),
  ].join("\n");
}

function slotLine(view: View, timeZone: string, slot: Slot, task: Task | null): string {
  const { outcome, count, dueAt, untilAt, taskId, cause } = slot;
  const from = timeIn(view, timeZone, dueAt);
  const times =
    count === 1 ? from : `${from} to ${timeIn(view, timeZone, untilAt)}, ${count} times`;
  const made =
    taskId === null ? "" : ` #${taskId}${task === null ? "" : `: ${endingOf(view, task)}`}`;
  const why = cause === null ? "" : ` (${printableLine(cause)})`;
  return `${times}  ${outcome ?? "open"}${made}${why}`;
}
