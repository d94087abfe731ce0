import type { Attempt } from "../core/attempt.ts";
import { type Dependency, formatDependency } from "../core/dependency.ts";
import { formatDuration } from "../core/duration.ts";
import type { Event } from "../core/event.ts";
import type { Schedule } from "../core/schedule.ts";
import type { Instant, Task } from "../core/task.ts";
import { printable, printableLine } from "../core/terminal.ts";
import {
  type Report,
  type ReportEntry,
  type TaskReport,
  dayOf,
  tokensOf,
  workMs,
} from "./reporter.ts";

/** Words of the results that stand in files. */
export interface ResultWords {
  /** The agent's final words; null when there are none. */
  readonly final: string | null;
}

/** Longest line of a task's text in a report. */
const TITLE_CHARACTERS_MAX = 120;

/** The report of a day or a project in Markdown. */
export function reportMarkdown(report: Report): string {
  const { entries, cut } = report;
  const open = [...report.open.map(openLine), ...report.stuck.map(stuckLine)];
  const lines = [
    `# ${titleOf(report)}`,
    "",
    `Generated: ${stampOf(report.timeZone, report.generatedAt)} (${report.timeZone})`,
    "",
    "## Tasks",
    "",
    ...(entries.length === 0
      ? ["Nothing ended."]
      : entries.flatMap((each) => entryLines(report, each))),
    ...(cut ? ["", "More tasks ended than this report holds."] : []),
    ...(open.length === 0 ? [] : ["", "## Open", "", ...open]),
    "",
    "## Summary",
    "",
    ...summaryLines(report),
  ];
  return `${lines.join("\n")}\n`;
}

/** The report of one task in Markdown. */
export function taskReportMarkdown(report: TaskReport, words: ResultWords): string {
  const { task, attempts, events, timeZone } = report;
  const lines = [
    `# Task Report - #${task.id}`,
    "",
    `Generated: ${stampOf(timeZone, report.generatedAt)} (${timeZone})`,
    "",
    "## Task",
    "",
    ...factLines(report),
    "",
    ...fenced(task.text),
    ...task.notes.flatMap((note) => ["", "Note:", ""].concat(fenced(note))),
    ...(attempts.length === 0 ? [] : ["", "## Attempts", ""]),
    ...attempts.flatMap((attempt) => attemptLines(timeZone, attempt)),
    ...(words.final === null ? [] : ["", "## Result", "", printable(words.final).trim()]),
    "",
    "## Timeline",
    "",
    ...events.map((event) => eventLine(timeZone, event)),
  ];
  return `${lines.join("\n")}\n`;
}

function titleOf({ of, timeZone }: Report): string {
  if (of.type === "project") return `Project Report - ${of.project.name}`;
  const format = new Intl.DateTimeFormat("en-US", { timeZone, dateStyle: "full" });
  return `Daily Report - ${format.format(of.from)}`;
}

function entryLines({ of, timeZone }: Report, { task, attempts }: ReportEntry): readonly string[] {
  const mark = { succeeded: "✓", failed: "✗", cancelled: "○" }[task.state as string] ?? "…";
  const at = task.finishedAt ?? task.updatedAt;
  const stamp = of.type === "day" ? timeOf(timeZone, at) : stampOf(timeZone, at);
  const changed = changedFiles(attempts);
  return [
    `- ${mark} [${stamp}] Task #${task.id}: ${title(task)}`,
    ...(task.project === null ? [] : [`  - Project: ${escaped(task.project)}`]),
    `  - ${outcomeWords(task)}`,
    ...(attempts.length === 0 ? [] : [`  - Duration: ${effort(attempts)}`]),
    ...(changed === null ? [] : [`  - Files: ${escaped(changed)}`]),
    ...(task.failure === null ? [] : [`  - Error: ${escaped(task.failure.message)}`]),
  ];
}

function openLine(task: Task): string {
  const question = task.question === null ? "" : ` - asks: ${escaped(task.question.text)}`;
  return `- ${task.state} Task #${task.id}: ${title(task)}${question}`;
}

function stuckLine({ name, paused }: Schedule): string {
  return `- paused Schedule ${name}: ${escaped(paused?.reason ?? "")}`;
}

function summaryLines({ totals }: Report): readonly string[] {
  return [
    `- Succeeded: ${totals.succeeded} (${totals.verified} verified)`,
    `- Failed: ${totals.failed}`,
    `- Cancelled: ${totals.cancelled}`,
    `- Attempts: ${totals.attempts}, ${formatDuration(totals.workMs)} of work`,
    `- Tokens of these tasks: ${totals.tokens}`,
    `- Cost of these tasks: $${totals.usd.toFixed(2)}`,
  ];
}

function factLines({ task, attempts, timeZone }: TaskReport): readonly string[] {
  return [
    `- State: ${outcomeWords(task)}`,
    `- Priority: ${task.priority}`,
    `- Kind: ${task.kind}, from ${task.source}`,
    ...(task.project === null ? [] : [`- Project: ${escaped(task.project)}`]),
    `- Created: ${stampOf(timeZone, task.createdAt)}`,
    ...(task.finishedAt === null ? [] : [`- Ended: ${stampOf(timeZone, task.finishedAt)}`]),
    ...(task.dependsOn.length === 0
      ? []
      : [`- Waited for: ${task.dependsOn.map(dependencyWords).join(", ")}`]),
    ...(attempts.length === 0 ? [] : [`- Effort: ${effort(attempts)}`]),
    ...(task.failure === null ? [] : [`- Error: ${escaped(task.failure.message)}`]),
  ];
}

function dependencyWords(dependency: Dependency): string {
  return `#${formatDependency(dependency)}`;
}

function attemptLines(timeZone: string, attempt: Attempt): readonly string[] {
  const how = [attempt.executor, attempt.model].filter((part) => part !== null).join(", ");
  const end = attempt.outcome?.type ?? "running";
  const changed = changedFiles([attempt]);
  return [
    `- Attempt ${attempt.number}, ${stampOf(timeZone, attempt.admittedAt)}: ${end}`,
    `  - By: ${escaped(how)}${attempt.resumed ? ", session resumed" : ""}`,
    `  - Took: ${effort([attempt])}`,
    ...(attempt.outcome?.type === "failed"
      ? [`  - Error: ${escaped(attempt.outcome.message)}`]
      : []),
    ...(changed === null ? [] : [`  - Files: ${escaped(changed)}`]),
    ...(attempt.results === null ? [] : [`  - Kept in: ${escaped(attempt.results)}`]),
  ];
}

function eventLine(timeZone: string, event: Event): string {
  const attempt = event.attempt === null ? "" : ` (attempt ${event.attempt})`;
  const words = eventWords(event);
  const told = words === "" ? "" : `: ${words}`;
  return `- ${stampOf(timeZone, event.at)} ${event.type}${attempt}${told}`;
}

/** Facts of an event that tell a person something, in this order. */
const TELLING = ["name", "detail", "failure", "message", "reason", "note", "by", "model"] as const;

function eventWords({ data }: Event): string {
  const values = TELLING.map((key) => data[key]);
  return values
    .filter((value) => typeof value === "string" && value !== "")
    .map((value) => escaped(String(value)))
    .join(", ");
}

function outcomeWords(task: Task): string {
  if (task.state === "succeeded") return `succeeded, ${task.verdict ?? "unverified"}`;
  return task.state === "failed" && task.failure !== null
    ? `failed (${task.failure.failure})`
    : task.state;
}

function effort(attempts: readonly Attempt[]): string {
  const ms = attempts.reduce((total, attempt) => total + workMs(attempt), 0);
  const tokens = attempts.reduce((total, attempt) => total + tokensOf(attempt), 0);
  const usd = attempts.reduce((total, attempt) => total + attempt.usd, 0);
  const count = `${attempts.length} attempt${attempts.length === 1 ? "" : "s"}`;
  return `${formatDuration(ms)}, ${count}, ${tokens} tokens, $${usd.toFixed(2)}`;
}

/** What the step that keeps results said of the newest attempt that came so far. */
function changedFiles(attempts: readonly Attempt[]): string | null {
  for (const attempt of attempts.toReversed()) {
    const step = attempt.steps.find((each) => each.name === "keep-results" && each.ok === true);
    if (step !== undefined) return step.detail;
  }
  return null;
}

function title(task: Task): string {
  const text = printableLine(task.text);
  const short = text.length > TITLE_CHARACTERS_MAX;
  return escaped(short ? `${text.slice(0, TITLE_CHARACTERS_MAX).trimEnd()}…` : text);
}

/** Text on one line in which nothing means anything to Markdown. */
function escaped(text: string): string {
  return printableLine(text).replace(/[\\`*_[\]<>#|~]/gu, String.raw`\$&`);
}

/** Text as it is, in a fence longer than any in it. */
function fenced(text: string): readonly string[] {
  const longest = Math.max(2, ...(text.match(/`+/gu) ?? []).map((run) => run.length));
  const fence = "`".repeat(longest + 1);
  return [`${fence}text`, printable(text), fence];
}

/** `2026-11-22 14:03:05` in the zone. */
function stampOf(timeZone: string, at: Instant): string {
  return `${dayOf(timeZone, at)} ${timeOf(timeZone, at)}`;
}

function timeOf(timeZone: string, at: Instant): string {
  const format = new Intl.DateTimeFormat("en-GB", { timeZone, timeStyle: "medium" });
  return format.format(at);
}
