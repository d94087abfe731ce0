import type { Budget } from "../core/budget.ts";
import { formatDuration } from "../core/duration.ts";
import { type Problem, type Result, ok, problem } from "../core/problem.ts";
import { checkScheduleName, scheduleNameFrom } from "../core/schedule-name.ts";
import {
  CATCH_UPS,
  type NewSchedule,
  OVERLAPS,
  type Schedule,
  type ScheduledTask,
  type Slot,
} from "../core/schedule.ts";
import type { NextSlot } from "../core/slots.ts";
import { checkSubmission, type SubmissionInput } from "../core/submission.ts";
import type { Instant, Task } from "../core/task.ts";
import { printableLine } from "../core/terminal.ts";
import type { Clock } from "../ports/clock.ts";
import type { Cron } from "../ports/cron.ts";
import type { ScheduleWithSlot } from "../ports/schedule-store.ts";
import type { Store } from "../ports/store.ts";
import { settleDue } from "./settle-due.ts";
import type { Submitter } from "./tasks.ts";

/** Shortest and longest time from a slot to the deadline of its task. */
const DEADLINE_MIN_MS = 60_000;
const DEADLINE_MAX_MS: number = 366 * 86_400_000;
/** Most schedules at a time. */
const SCHEDULES_MAX = 1000;
/** How many slots ahead, and how many rows of past ones, are shown. */
const NEXT_SHOWN = 5;
const SLOTS_SHOWN = 10;

/** A task that is to be asked for again and again; what is null is left to us. */
export interface ScheduleInput {
  readonly cron: string;
  readonly timeZone: string;
  readonly name: string | null;
  readonly catchUp: string | null;
  readonly overlap: string | null;
  readonly deadlineInMs: number | null;
  readonly task: Omit<SubmissionInput, "notBefore" | "deadlineAt" | "dependsOn">;
}

/** A schedule that was added; warnings tell what was cleaned from its text. */
export interface AddedSchedule extends ScheduleWithSlot {
  readonly warnings: readonly string[];
}

/** A schedule with its slots, each past one with its task. */
export interface ScheduleDetail extends ScheduleWithSlot {
  /** When its next slots are due. */
  readonly next: readonly Instant[];
  /** Newest first; the task is null where there is none, or it was removed for good. */
  readonly slots: readonly { readonly slot: Slot; readonly task: Task | null }[];
}

/** The door to what is asked for again and again. */
export interface Schedules {
  readonly add: (input: ScheduleInput, from: Submitter) => Promise<Result<AddedSchedule>>;
  readonly list: () => Promise<readonly ScheduleWithSlot[]>;
  readonly show: (name: string) => Promise<Result<ScheduleDetail>>;
  readonly pause: (name: string, by: string, reason: string | null) => Promise<Result<Schedule>>;
  readonly resume: (name: string, by: string) => Promise<Result<Schedule>>;
  readonly remove: (name: string, by: string) => Promise<Result<Schedule>>;
  /** The next times of a cron. */
  readonly preview: (cron: string, timeZone: string) => Result<readonly Instant[]>;
}

/** What the door needs. */
export interface SchedulesParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly cron: Cron;
  readonly attemptsMaxDefault: number;
  /** The budget of a task that asks for none; absent: no limit. */
  readonly budgetDefault?: Budget | null;
}

/** Opens the door over a store. */
export function openSchedules(parts: SchedulesParts): Schedules {
  const { store, clock, cron } = parts;
  return {
    add: (input, from) => add(parts, input, from),
    list: () => store.schedules.list(),
    show: (name) => show(parts, name),
    pause: (name, by, reason) => pause(parts, name, by, reason),
    resume: (name, by) => resume(parts, name, by),
    remove: (name, by) => remove(parts, name, by),
    preview: (written, timeZone) => {
      const read = cron.read(written, timeZone);
      return read.ok ? ok(timesAfter(clock.now(), read.value)) : problem("invalid", read.message);
    },
  };
}

async function add(
  parts: SchedulesParts,
  input: ScheduleInput,
  from: Submitter,
): Promise<Result<AddedSchedule>> {
  const { store, clock, cron } = parts;
  const now = clock.now();
  const checked = checkSubmission(input.task, { ...parts, source: from.source, now });
  if (!checked.ok) {
    const words = checked.problems.map((each) => each.message).join(" ");
    return problem("invalid", words, checked.problems);
  }
  const { notBefore: _, deadlineAt: __, dependsOn: ___, ...task } = checked.submission;
  const policies = policiesOf(input);
  if (!policies.ok) return policies;
  const read = cron.read(input.cron, input.timeZone);
  if (!read.ok) return problem("invalid", read.message);
  const firstDueAt = read.value(now);
  if (firstDueAt === null) return problem("invalid", "That schedule has no time ahead.");
  if (task.project !== null && (await store.projects.get(task.project)) === null) {
    const { project } = task;
    const advice = `add it with \`sle project add ${project} --path <folder>\``;
    return problem("not-found", `There is no project "${project}"; ${advice}.`);
  }
  const name = await nameFor(store, input.name, task);
  if (!name.ok) return name;
  const { timeZone, deadlineInMs } = input;
  const schedule: NewSchedule = {
    name: name.value,
    cron: input.cron.trim().replace(/\s+/gu, " "),
    timeZone,
    ...policies.value,
    task,
    deadlineInMs,
    createdAt: now,
    by: from.by,
  };
  const added = await store.schedules.add(schedule, firstDueAt);
  return added === null ? taken(name.value) : ok({ ...added, warnings: checked.warnings });
}

function policiesOf(input: ScheduleInput): Result<Pick<NewSchedule, "catchUp" | "overlap">> {
  const catchUp = CATCH_UPS.find((each) => each === (input.catchUp ?? "last"));
  if (catchUp === undefined) return noWord("--catch-up", input.catchUp, CATCH_UPS);
  const fallback = catchUp === "all" ? "queue" : "skip";
  const overlap = OVERLAPS.find((each) => each === (input.overlap ?? fallback));
  if (overlap === undefined) return noWord("--overlap", input.overlap, OVERLAPS);
  if (catchUp === "all" && overlap === "skip") {
    const why = "of slots that are made up for together all but one would be skipped";
    return problem("invalid", `--catch-up all needs --overlap queue: ${why}.`);
  }
  const { deadlineInMs } = input;
  if (
    deadlineInMs !== null &&
    !(deadlineInMs >= DEADLINE_MIN_MS && deadlineInMs <= DEADLINE_MAX_MS)
  ) {
    const range = `from ${formatDuration(DEADLINE_MIN_MS)} to ${formatDuration(DEADLINE_MAX_MS)}`;
    return problem("invalid", `The deadline may be ${range} after a slot.`);
  }
  return ok({ catchUp, overlap });
}

function noWord<T>(option: string, given: string | null, words: readonly string[]): Result<T> {
  const shown = printableLine(given ?? "", 40);
  return problem("invalid", `${option} takes one of ${words.join(", ")}, not "${shown}".`);
}

async function nameFor(
  store: Store,
  given: string | null,
  task: ScheduledTask,
): Promise<Result<string>> {
  const names = new Set((await store.schedules.list()).map(({ schedule }) => schedule.name));
  if (names.size >= SCHEDULES_MAX) {
    return problem("conflict", `There are ${SCHEDULES_MAX} schedules already; remove one first.`);
  }
  if (given === null) return ok(scheduleNameFrom(task.text, names));
  const checked = checkScheduleName(given);
  if (!checked.ok) return problem("invalid", checked.message);
  return names.has(given) ? taken(given) : ok(given);
}

function taken<T>(name: string): Result<T> {
  return problem("conflict", `There is already a schedule "${name}"; choose another --name.`);
}

function unknown(name: string): { readonly ok: false; readonly problem: Problem } {
  const message = `There is no schedule "${printableLine(name, 40)}"; \`sle schedule ls\` lists them.`;
  return { ok: false, problem: { code: "not-found", message, fields: [] } };
}

async function show(parts: SchedulesParts, name: string): Promise<Result<ScheduleDetail>> {
  const { store, cron } = parts;
  const found = await store.schedules.get(name);
  if (found === null) return unknown(name);
  const { schedule, open } = found;
  const read = cron.read(schedule.cron, schedule.timeZone);
  const later = open === null || !read.ok ? [] : timesAfter(open.dueAt, read.value);
  const next = open === null ? [] : [open.dueAt, ...later].slice(0, NEXT_SHOWN);
  const rows = await store.schedules.slots(schedule.id, SLOTS_SHOWN + 1);
  const past = rows.filter(({ outcome }) => outcome !== null).slice(0, SLOTS_SHOWN);
  const slots = await Promise.all(
    past.map(async (slot) => ({
      slot,
      task: slot.taskId === null ? null : await store.tasks.get(slot.taskId),
    })),
  );
  return ok({ schedule, open, next, slots });
}

function timesAfter(after: Instant, next: NextSlot): readonly Instant[] {
  const times: Instant[] = [];
  for (let at = next(after); at !== null && times.length < NEXT_SHOWN; at = next(at))
    times.push(at);
  return times;
}

async function pause(
  parts: SchedulesParts,
  name: string,
  by: string,
  reason: string | null,
): Promise<Result<Schedule>> {
  const { store, clock } = parts;
  const found = await store.schedules.get(name);
  if (found === null) return unknown(name);
  if (found.schedule.paused !== null) {
    return problem(
      "conflict",
      `The schedule ${name} is paused already: ${found.schedule.paused.reason}.`,
    );
  }
  const words = reason === null ? `by ${by}` : printableLine(reason, 200);
  const paused = await store.schedules.pause(name, { at: clock.now(), by, reason: words });
  if (paused === null) return unknown(name);
  await settleAll(parts, name);
  return ok(paused);
}

async function resume(parts: SchedulesParts, name: string, by: string): Promise<Result<Schedule>> {
  const { store, clock } = parts;
  const found = await store.schedules.get(name);
  if (found === null) return unknown(name);
  if (found.schedule.paused === null) {
    return problem("conflict", `The schedule ${name} is not paused.`);
  }
  await settleAll(parts, name);
  const resumed = await store.schedules.resume(name, clock.now(), by);
  return resumed === null ? unknown(name) : ok(resumed);
}

async function remove(parts: SchedulesParts, name: string, by: string): Promise<Result<Schedule>> {
  const { store, clock } = parts;
  const found = await store.schedules.get(name);
  if (found === null) return unknown(name);
  const { schedule, open } = found;
  if (open !== null && open.dueAt <= clock.now() && schedule.paused === null) {
    // What nobody was awake for is not made up for any more.
    await store.schedules.pause(name, { at: clock.now(), by, reason: "to be removed" });
  }
  await settleAll(parts, name);
  const removed = await store.schedules.remove(name, clock.now(), by);
  return removed === null ? unknown(name) : ok(removed);
}

/** Gives what is due of a paused schedule its outcomes, before it is something else again. */
async function settleAll({ store, clock, cron }: SchedulesParts, name: string): Promise<void> {
  for (;;) {
    const found = await store.schedules.get(name);
    const at = clock.now();
    if (found === null || found.open === null || found.open.dueAt > at) return;
    const { schedule } = found;
    const read = cron.read(schedule.cron, schedule.timeZone);
    if (!read.ok || schedule.paused === null) return;
    await settleDue(store, found, { at, next: read.value });
  }
}
