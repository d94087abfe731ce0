import type { Outlook } from "../../../core/forecast/outlook.ts";
import type { Task } from "../../../core/task.ts";
import { printable, printableLine } from "../../../core/terminal.ts";
import type { PlannedTask, PlanView } from "../../../engine/views.ts";
import { counted } from "./numbers.ts";
import { table } from "./table.ts";
import { titleLine } from "./task-line.ts";
import { type View, localTimes, when } from "./view.ts";

/** A task counts as part of the night when it starts in most plays. */
const LIKELY = 0.5;

const NO_DAEMON_YET =
  "No daemon has run here yet, so nothing starts; start one with `sle daemon start`.";

/** What will start when, then what will not fit and why. */
export function renderPlan(view: View, plan: PlanView): string {
  const { daemon, until, tasks, more } = plan;
  if (daemon === null) return NO_DAEMON_YET;
  const fits = tasks.filter(({ outlook }) => startsInTime(outlook));
  const others = tasks.filter(({ outlook }) => !startsInTime(outlook));
  return [
    ...(daemon.status === "running"
      ? []
      : ["No daemon is running: nothing starts before `sle daemon start`.", ""]),
    view.paint("bold", `Until ${when(view, until)}`),
    ...(fits.length === 0 ? ["  nothing will start"] : [planTable(view, fits)]),
    ...(others.length === 0
      ? []
      : ["", view.paint("bold", "Not before then"), ...others.map((each) => whyLine(view, each))]),
    ...(more === 0 ? [] : ["", `and ${counted(more, "task")} behind them`]),
  ].join("\n");
}

/** What changes with other settings, task by task. */
export function renderWhatIf(view: View, asIs: PlanView, changed: PlanView): string {
  if (asIs.daemon === null) return NO_DAEMON_YET;
  const before = new Map(asIs.tasks.map((each) => [each.task.id, each.outlook]));
  const moved = changed.tasks.filter(({ task, outlook }) => {
    const was = before.get(task.id);
    return (
      was === undefined || startsInTime(was) !== startsInTime(outlook) || isMoved(was, outlook)
    );
  });
  const rows = moved.map(({ task, schedule, outlook }) => [
    nameOf(task, schedule),
    startWords(view, before.get(task.id)),
    startWords(view, outlook),
    printableLine(task.text),
  ]);
  return [
    `${countWords(asIs)} start until ${when(view, asIs.until)}; with this ${countWords(changed)} would.`,
    ...(rows.length === 0
      ? ["Nothing would start at another time."]
      : ["", table(["TASK", "STARTS NOW", "WOULD START", "WHAT"], rows, view.columns)]),
    "",
    "Nothing was changed; settings are changed with `sle config set`.",
  ].join("\n");
}

function startsInTime({ starts }: Outlook): boolean {
  return starts.p50 !== null;
}

/** A start that moves by less is the same. */
const MOVED_MIN_MS = 15 * 60_000;

function isMoved(one: Outlook, other: Outlook): boolean {
  if (one.starts.p50 === null || other.starts.p50 === null) return false;
  return Math.abs(one.starts.p50 - other.starts.p50) >= MOVED_MIN_MS;
}

function countWords({ tasks }: PlanView): string {
  return counted(tasks.filter(({ outlook }) => startsInTime(outlook)).length, "task");
}

function startWords(view: View, outlook: Outlook | undefined): string {
  if (outlook === undefined || outlook.starts.p50 === null) return "not before";
  return when(view, outlook.starts.p50);
}

function planTable(view: View, tasks: readonly PlannedTask[]): string {
  const rows = tasks.map(({ task, schedule, outlook: { starts, ends, chance } }) => [
    nameOf(task, schedule),
    bandWords(view, starts),
    bandWords(view, ends),
    chance >= LIKELY
      ? `${Math.floor(chance * 100)}%`
      : view.paint("yellow", `${Math.floor(chance * 100)}%`),
    printableLine(task.text),
  ]);
  return table(["TASK", "STARTS", "ENDS", "IN TIME", "WHAT"], rows, view.columns);
}

/** `23:10`, or `23:10 to 00:40`: half of all times and nine times in ten. */
function bandWords(view: View, { p50, p90 }: Outlook["starts"]): string {
  if (p50 === null) return "later";
  const first = when(view, p50);
  if (p90 === null) return `${first} or later`;
  const last = when(view, p90);
  return first === last ? first : `${first} to ${last}`;
}

function whyLine(view: View, { task, schedule, outlook }: PlannedTask): string {
  const reason =
    outlook.hold === null
      ? "it waits for others, or for its turn."
      : localTimes(view, printable(outlook.hold.reason));
  const title =
    schedule === null ? titleLine(view, task, 2) : `${schedule}: ${printableLine(task.text)}`;
  return `  ${title}\n    ${reason}`;
}

/** Its number, or the schedule that will make it. */
function nameOf(task: Task, schedule: string | null): string {
  return schedule ?? `#${task.id}`;
}
