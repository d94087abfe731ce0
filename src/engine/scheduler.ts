import { printableLine } from "../core/terminal.ts";
import type { AdmissionRules } from "../core/hold.ts";
import type { QueueLimits } from "../core/queue.ts";
import { type Schedule, SCHEDULER } from "../core/schedule.ts";
import type { DueSlots, NextSlot } from "../core/slots.ts";
import { type EndedRun, stuckReason } from "../core/stuck.ts";
import type { Instant, Task } from "../core/task.ts";
import type { Artifacts } from "../ports/artifacts.ts";
import type { Clock } from "../ports/clock.ts";
import type { Cron } from "../ports/cron.ts";
import type { Log } from "../ports/log.ts";
import type { ScheduleWithSlot } from "../ports/schedule-store.ts";
import type { Store } from "../ports/store.ts";
import { type Loop, makeLoop } from "./loop.ts";
import { settleDue } from "./settle-due.ts";

/** Longest sleep with a slot ahead: bounds what a jumping clock can delay, well within what is on time. */
const SLEEP_MAX_MS = 15_000;
/** Longest sleep with none ahead; a schedule that is added wakes at once, this only bounds a lost hint. */
const SLEEP_IDLE_MAX_MS = 60_000;
/** Between turns of which one follows at once, so that all else has its turn, too. */
const SLEEP_MIN_MS = 1;
/** How many due slots of a schedule are counted in one turn: some 20 ms of work. */
const STEPS_MAX = 200;
/** Largest receipt that is read. */
const RECEIPT_BYTES_MAX = 4 * 1024 * 1024;

/** What the scheduler works with. */
export interface SchedulerParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly cron: Cron;
  readonly artifacts: Pick<Artifacts, "tail">;
  /** After so many tasks in a row that get nowhere a schedule is paused; null: never. */
  readonly schedulePauseAfter: number | null;
  readonly rules: Pick<AdmissionRules, "order">;
  /** How many tasks may be queued; absent: any number. */
  readonly queueLimits?: QueueLimits | undefined;
}

/**
 * Queues the tasks of schedules when their slots are due, and promises the next ones. Any number of
 * daemons may do so over one store: each slot is settled once, by whoever is first. Wake it on every hint
 * of the store.
 */
export function makeScheduler(parts: SchedulerParts): Loop {
  const { clock, log } = parts;
  const counts: Counts = new Map();
  const turn = (signal: AbortSignal): Promise<number> => takeTurn(parts, counts, signal);
  return makeLoop({ name: "scheduler", clock, log, turn });
}

/** How far the due slots of schedules are counted, from which open slot on. */
type Counts = Map<number, { readonly openDueAt: Instant; readonly counted: DueSlots }>;

async function takeTurn(
  parts: SchedulerParts,
  counts: Counts,
  signal: AbortSignal,
): Promise<number> {
  const { store, clock } = parts;
  const promised = await store.schedules.nextDueAt();
  if (promised === null) return SLEEP_IDLE_MAX_MS;
  if (promised > clock.now()) return Math.min(SLEEP_MAX_MS, promised - clock.now());
  let earliest = Infinity;
  for (const found of await store.schedules.list()) {
    if (signal.aborted) break;
    const dueAt = await settleOne(parts, counts, found);
    earliest = Math.min(earliest, dueAt ?? Infinity);
  }
  return Math.min(SLEEP_MAX_MS, Math.max(SLEEP_MIN_MS, earliest - clock.now()));
}

/** Answers when its next slot is due; null when it has none. */
async function settleOne(
  parts: SchedulerParts,
  counts: Counts,
  { schedule, open }: ScheduleWithSlot,
): Promise<Instant | null> {
  const { store, clock, log } = parts;
  if (open === null || open.dueAt > clock.now()) return open?.dueAt ?? null;
  const next = await nextOf(parts, schedule);
  if (next === null) return null;
  const judged = await pausedWhereStuck(parts, schedule, open.dueAt);
  const at = clock.now();
  const counted = countedSo(counts, schedule.id, open.dueAt, at);
  const { order } = parts.rules;
  const { queueLimits } = parts;
  const by = { at, next, counted, stepsMax: STEPS_MAX, order, queueLimits };
  const settled = await settleDue(store, { schedule: judged, open }, by);
  counts.delete(schedule.id);
  switch (settled.type) {
    case "counting":
      counts.set(schedule.id, { openDueAt: open.dueAt, counted: settled.counted });
      return open.dueAt;
    case "overtaken":
      return open.dueAt;
    case "settled":
      for (const { outcome, dueAt, count, taskId, cause } of settled.slots) {
        const facts = { schedule: schedule.name, outcome, dueAt, count, taskId, cause };
        log.info("A slot of a schedule came out", facts);
      }
      return settled.nextDueAt;
  }
}

/** What was counted before, unless the slot is another one, or the clock was set back behind it. */
function countedSo(
  counts: Counts,
  scheduleId: number,
  openDueAt: Instant,
  at: Instant,
): DueSlots | undefined {
  const before = counts.get(scheduleId);
  if (before?.openDueAt !== openDueAt) return undefined;
  return before.counted.newest.every((dueAt) => dueAt <= at) ? before.counted : undefined;
}

/** The times of a schedule; one that cannot be read any more is paused. */
async function nextOf(
  { store, clock, cron, log }: SchedulerParts,
  { name, cron: written, timeZone, paused }: Schedule,
): Promise<NextSlot | null> {
  const read = cron.read(written, timeZone);
  if (read.ok) return read.value;
  if (paused === null) {
    const pause = { at: clock.now(), by: SCHEDULER, reason: read.message };
    await store.schedules.pause(name, pause);
    log.error("A schedule cannot be read and was paused", {
      schedule: name,
      message: read.message,
    });
  }
  return null;
}

/** Judged when a slot is due and not before, so that people had all the time to accept something. */
async function pausedWhereStuck(
  parts: SchedulerParts,
  schedule: Schedule,
  dueAt: Instant,
): Promise<Schedule> {
  const { store, log, schedulePauseAfter: count } = parts;
  if (count === null || schedule.paused !== null) return schedule;
  const tasks = await store.schedules.ended(schedule.id, schedule.judgedFrom, count);
  if (tasks.length < count) return schedule;
  const runs: EndedRun[] = [];
  for (const task of tasks) runs.push({ task, receipt: await receiptOf(parts, task) });
  const reason = stuckReason(runs, count);
  if (reason === null) return schedule;
  // From this slot on, so that it is the first one that is skipped.
  const pause = { at: dueAt, by: SCHEDULER, reason: printableLine(reason) };
  log.warn("A schedule gets nowhere and was paused", { schedule: schedule.name, reason });
  return (await store.schedules.pause(schedule.name, pause)) ?? schedule;
}

/** What was judged of a task's newest attempt; null when nothing was, or it is not kept any more. */
async function receiptOf(
  { store, artifacts }: SchedulerParts,
  task: Task,
): Promise<EndedRun["receipt"]> {
  const attempts = await store.attempts.ofTask(task.id);
  const results = attempts.at(-1)?.results ?? null;
  if (results === null) return null;
  const text = await artifacts.tail(results, "receipt.json", RECEIPT_BYTES_MAX);
  return text === null ? null : receiptIn(text);
}

/** A receipt that was cut or broken says nothing here; who wants to believe one verifies it. */
function receiptIn(text: string): EndedRun["receipt"] {
  try {
    const { receipt } = JSON.parse(text) as { readonly receipt: NonNullable<EndedRun["receipt"]> };
    return Array.isArray(receipt.checks) && typeof receipt.tree === "string" ? receipt : null;
  } catch {
    return null;
  }
}
