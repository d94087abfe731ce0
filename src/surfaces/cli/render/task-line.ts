import type { Attempt } from "../../../core/attempt.ts";
import type { Task, TaskState } from "../../../core/task.ts";
import { printableLine } from "../../../core/terminal.ts";
import type { Style } from "../output.ts";
import { allTokens, counted, formatCount, formatUsd } from "./numbers.ts";
import { cut } from "./text-width.ts";
import { type View, ago, localTimes, span } from "./view.ts";

const STATE_STYLES: Readonly<Record<TaskState, Style>> = {
  queued: "dim",
  running: "cyan",
  waiting: "yellow",
  succeeded: "green",
  failed: "red",
  cancelled: "dim",
};

/** The style that a state is shown in. */
export function stateStyle(state: TaskState): Style {
  return STATE_STYLES[state];
}

/** Where a task belongs: its project, or its kind when it has none. */
function placeOf(task: Task): string {
  return task.project ?? task.kind;
}

/** A task on one line: `#12 [backend] Fix the flaky test`, cut to the view less `indent` columns. */
export function titleLine(view: View, task: Task, indent = 0): string {
  const label = `#${task.id} [${placeOf(task)}]`;
  const text = printableLine(task.text);
  const room = view.columns === null ? TITLE_MAX : view.columns - indent - label.length - 1;
  return `${view.paint("bold", label)} ${cut(text, Math.max(TITLE_MIN, room))}`;
}

/** Longest title where nothing says how wide a line may be. */
const TITLE_MAX = 100;
const TITLE_MIN = 20;

/** What an attempt took so far: `attempt 2, 3m12s, 14 turns, 120k tokens, $0.42`. */
export function effortLine(view: View, attempt: Attempt): string {
  const from = attempt.startedAt ?? attempt.admittedAt;
  const turns = attempt.progress?.turns ?? 0;
  const tokens = allTokens(attempt.tokens);
  return [
    `attempt ${attempt.number}`,
    span(from, attempt.endedAt ?? view.now),
    ...(turns === 0 ? [] : [counted(turns, "turn")]),
    ...(tokens === 0 ? [] : [`${formatCount(tokens)} tokens`]),
    ...(attempt.usd === 0 ? [] : [formatUsd(attempt.usd)]),
  ].join(", ");
}

/** What the newest attempt does at this moment, on one line. */
export function activityLine(view: View, attempt: Attempt, indent = 0): string {
  const said = attempt.progress?.activity ?? "";
  const activity = said === "" ? "has not been heard of yet" : printableLine(said);
  const starting = attempt.startedAt === null ? "is being started" : activity;
  return view.columns === null
    ? starting
    : cut(starting, Math.max(TITLE_MIN, view.columns - indent));
}

/** How a task ended, in a few words: `succeeded 5m ago, unverified`, `failed, timeout: …`. */
export function endingOf(view: View, task: Task): string {
  const at = task.finishedAt === null ? "" : ` ${ago(view, task.finishedAt)}`;
  if (task.state === "succeeded") return `succeeded${at}, ${task.verdict ?? "unverified"}`;
  if (task.state !== "failed" || task.failure === null) return `${task.state}${at}`;
  const { failure, message } = task.failure;
  return `failed${at}, ${failure}: ${localTimes(view, printableLine(message))}`;
}
