import type { Attempt } from "../core/attempt.ts";
import type { Event } from "../core/event.ts";
import { dayStart, nextDayStart } from "../core/hours.ts";
import type { Project } from "../core/project.ts";
import type { Schedule } from "../core/schedule.ts";
import type { Instant, Task } from "../core/task.ts";
import type { TaskFilter } from "../ports/store.ts";
import type { Queries } from "./queries.ts";

/** One ended task of a report with its attempts. */
export interface ReportEntry {
  readonly task: Task;
  readonly attempts: readonly Attempt[];
}

/** What the entries of a report come to. */
export interface ReportTotals {
  readonly succeeded: number;
  readonly verified: number;
  readonly failed: number;
  readonly cancelled: number;
  readonly attempts: number;
  /** Time at work, all attempts together. */
  readonly workMs: number;
  readonly tokens: number;
  readonly usd: number;
}

/** Everything that ended on one day or in one project, made only from stored facts. */
export interface Report {
  readonly of:
    | { readonly type: "day"; readonly from: Instant; readonly to: Instant }
    | { readonly type: "project"; readonly project: Project };
  readonly timeZone: string;
  readonly generatedAt: Instant;
  /** Oldest end first. */
  readonly entries: readonly ReportEntry[];
  /** Tasks that run or wait for a person now; only where now belongs to the report. */
  readonly open: readonly Task[];
  /** Schedules that wait for a decision; only where now belongs to the report. */
  readonly stuck: readonly Schedule[];
  readonly totals: ReportTotals;
  /** True when there were more entries than a report holds. */
  readonly cut: boolean;
}

/** One task with all that happened to it. */
export interface TaskReport extends ReportEntry {
  readonly timeZone: string;
  readonly generatedAt: Instant;
  readonly events: readonly Event[];
}

/** A day of which there is something to report. */
export interface ReportDay {
  /** The local date: `2026-11-22`. */
  readonly day: string;
  readonly from: Instant;
  readonly succeeded: number;
  readonly failed: number;
  readonly cancelled: number;
}

/** When and where a report is read. */
export interface ReportFrame {
  readonly now: Instant;
  /** IANA zone whose midnights part the days. */
  readonly timeZone: string;
}

/** Most entries of a report, and most tasks that are looked at to list the days. */
export const REPORT_ENTRIES_MAX = 1000;
/** Most events that a report of one task names. */
export const REPORT_EVENTS_MAX = 500;
const PAGE = 200;
const ENDED = ["succeeded", "failed", "cancelled"] as const;

/** The report of the local day that `at` falls into. */
export async function dayReport(
  queries: Queries,
  frame: ReportFrame,
  at: Instant,
): Promise<Report> {
  const from = dayStart(frame.timeZone, at);
  const to = nextDayStart(frame.timeZone, at);
  const ended = await endedTasks(queries, { finishedSince: from }, (task) => endOf(task) < to);
  const isToday = from <= frame.now && frame.now < to;
  const open = isToday ? await openTasks(queries, {}) : [];
  const report = await makeReport(queries, frame, { type: "day", from, to }, ended, open);
  return isToday ? { ...report, stuck: await queries.stuck() } : report;
}

/** The report of everything that ended in a project; null when there is no such project. */
export async function projectReport(
  queries: Queries,
  frame: ReportFrame,
  name: string,
): Promise<Report | null> {
  const project = (await queries.projects()).find((each) => each.name === name);
  if (project === undefined) return null;
  const ended = await endedTasks(queries, { project: name }, () => true);
  const open = await openTasks(queries, { project: name });
  const report = await makeReport(queries, frame, { type: "project", project }, ended, open);
  const stuck = await queries.stuck();
  return { ...report, stuck: stuck.filter(({ task }) => task.project === name) };
}

/** The report of one task; null when there is no such task. */
export async function taskReport(
  queries: Queries,
  frame: ReportFrame,
  id: number,
): Promise<TaskReport | null> {
  const detail = await queries.task(id);
  if (detail === null) return null;
  const events = await queries.events(0, REPORT_EVENTS_MAX, { taskId: id });
  return { ...detail, timeZone: frame.timeZone, generatedAt: frame.now, events };
}

/** The days on which something ended, newest first. */
export async function reportDays(
  queries: Queries,
  frame: ReportFrame,
): Promise<readonly ReportDay[]> {
  const { tasks } = await endedTasks(queries, {}, () => true);
  const days = new Map<Instant, ReportDay>();
  for (const task of tasks) {
    const from = dayStart(frame.timeZone, endOf(task));
    const day = days.get(from) ?? {
      day: dayOf(frame.timeZone, from),
      from,
      succeeded: 0,
      failed: 0,
      cancelled: 0,
    };
    days.set(from, { ...day, [task.state]: day[task.state as "succeeded"] + 1 });
  }
  return [...days.values()].sort((a, b) => b.from - a.from);
}

interface EndedTasks {
  readonly tasks: readonly Task[];
  readonly cut: boolean;
}

/** Ended tasks, in the trash or not: what was cancelled lies there and belongs to the record. */
async function endedTasks(
  queries: Queries,
  filter: TaskFilter,
  wanted: (task: Task) => boolean,
): Promise<EndedTasks> {
  const found: Task[] = [];
  for (const trashed of [false, true]) {
    let before: number | null = null;
    while (found.length <= REPORT_ENTRIES_MAX) {
      const full: TaskFilter = { ...filter, states: ENDED, trashed };
      const page: readonly Task[] = await queries.tasks(full, { before, limit: PAGE });
      found.push(...page.filter(wanted));
      before = page.at(-1)?.id ?? null;
      if (page.length < PAGE || before === null) break;
    }
  }
  const tasks = found.slice(0, REPORT_ENTRIES_MAX).sort((a, b) => endOf(a) - endOf(b));
  return { tasks, cut: found.length > REPORT_ENTRIES_MAX };
}

function openTasks(queries: Queries, filter: TaskFilter): Promise<readonly Task[]> {
  const states = ["running", "waiting"] as const;
  return queries.tasks({ ...filter, states }, { before: null, limit: PAGE });
}

async function makeReport(
  queries: Queries,
  frame: ReportFrame,
  of: Report["of"],
  { tasks, cut }: EndedTasks,
  open: readonly Task[],
): Promise<Report> {
  const entries: ReportEntry[] = [];
  for (const task of tasks) {
    entries.push({ task, attempts: (await queries.task(task.id))?.attempts ?? [] });
  }
  const { timeZone, now: generatedAt } = frame;
  return { of, timeZone, generatedAt, entries, open, stuck: [], totals: totalsOf(entries), cut };
}

function totalsOf(entries: readonly ReportEntry[]): ReportTotals {
  const tasks = entries.map((entry) => entry.task);
  const attempts = entries.flatMap((entry) => entry.attempts);
  const count = (state: Task["state"]): number =>
    tasks.filter((task) => task.state === state).length;
  return {
    succeeded: count("succeeded"),
    verified: tasks.filter((task) => task.verdict === "verified").length,
    failed: count("failed"),
    cancelled: count("cancelled"),
    attempts: attempts.length,
    workMs: sum(attempts.map(workMs)),
    tokens: sum(attempts.map(tokensOf)),
    usd: sum(attempts.map((attempt) => attempt.usd)),
  };
}

/** How long an attempt worked; 0 for one that has not ended. */
export function workMs(attempt: Attempt): number {
  const { endedAt, startedAt, admittedAt } = attempt;
  return endedAt === null ? 0 : Math.max(0, endedAt - (startedAt ?? admittedAt));
}

/** All tokens of an attempt, whatever they were for. */
export function tokensOf({ tokens }: Attempt): number {
  return tokens.input + tokens.output + tokens.cacheRead + tokens.cacheWrite;
}

/** The local date as `2026-11-22`. */
export function dayOf(timeZone: string, at: Instant): string {
  return new Intl.DateTimeFormat("en-CA", { timeZone, dateStyle: "short" }).format(at);
}

function endOf(task: Task): Instant {
  return task.finishedAt ?? task.updatedAt;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
