import { balance } from "../../src/core/audit/audit.ts";
import type { Books } from "../../src/core/books.ts";
import type { Event, EventType } from "../../src/core/event.ts";
import type { Task } from "../../src/core/task.ts";
import { allEvents } from "../fault/history.ts";
import type { AddedCron, Person } from "./person.ts";
import type { Stage } from "./stage.ts";

/** What is left of a night, judged. */
export interface Judged {
  readonly promises: number;
  readonly outcomes: number;
  readonly imbalance: number;
  /** Anything that may not be, each in one sentence. */
  readonly problems: readonly string[];
}

const HOUR_MS = 3_600_000;
const PAGE = { before: null, limit: 100_000 } as const;

/** Balances the books, and looks by rules of its own at slots, claims and attempts. */
export async function judgeNight(stage: Stage, person: Person): Promise<Judged> {
  const { store, time } = stage;
  const books = await store.audit.books();
  // As if two hours had passed: nothing is under way any more.
  const audit = balance(books, { at: time.now() + 2 * HOUR_MS, daemonLives: true });
  const tasks = [
    ...(await store.tasks.list({}, PAGE)),
    ...(await store.tasks.list({ trashed: true }, PAGE)),
  ];
  const events = await allEvents(store);
  const { open: late } = audit.kinds.messages;
  const problems = [
    ...stage.problems,
    ...audit.imbalances.map(({ message }) => message),
    ...(audit.open > late ? [`${audit.open - late} promises are open`] : []),
    ...tasks.flatMap((task) => storyProblems(task, events, books)),
    ...person.added.flatMap((added) => slotProblems(stage, added, books)),
    ...(await store.care.check()),
  ];
  // What was said to a task that had ended waits for a decision, and is nobody's outcome.
  const promises = audit.promises - late;
  const imbalance = audit.imbalance + Math.abs(promises - audit.outcomes);
  return { promises, outcomes: audit.outcomes, imbalance, problems };
}

const BACK: ReadonlySet<EventType> = new Set<EventType>([
  "task.interrupted",
  "task.retrying",
  "task.parked",
  "task.waiting",
  "task.succeeded",
  "task.failed",
  "task.cancelled",
]);

/** One run at a time, numbered without a gap, each under a lease of its own, and never too many. */
function storyProblems(task: Task, events: readonly Event[], books: Books): readonly string[] {
  const name = `task ${task.id}`;
  const found: string[] = [];
  let runs = false;
  let claims = 0;
  for (const { type, taskId, attempt } of events) {
    if (taskId !== task.id) continue;
    if (type === "task.admitted") {
      claims += 1;
      if (runs) found.push(`${name} was claimed while it ran`);
      if (attempt !== claims) found.push(`${name}: claim ${claims} is attempt ${attempt}`);
      runs = true;
    }
    if (BACK.has(type)) runs = false;
  }
  const attempts = books.attempts.filter(({ taskId }) => taskId === task.id);
  if (new Set(attempts.map(({ leaseId }) => leaseId)).size !== claims) {
    found.push(`${name}: ${claims} claims made ${attempts.length} attempts`);
  }
  if (task.attemptsUsed > task.attemptsMax) found.push(`${name} used too many attempts`);
  if (task.lease !== null) found.push(`${name} has a lease`);
  return found;
}

/** Each time of the schedule stands in one row, from the first to the last that was promised. */
function slotProblems({ cron }: Stage, added: AddedCron, { slots }: Books): readonly string[] {
  const read = cron.read(added.cron, added.timeZone);
  if (!read.ok) return [read.message];
  const found: string[] = [];
  let dueAt: number | null = added.firstDueAt;
  for (const slot of slots.filter(({ scheduleId }) => scheduleId === added.id)) {
    let last = dueAt;
    for (let left = slot.count; left > 0 && dueAt !== null; left -= 1) {
      if (left === slot.count && dueAt !== slot.dueAt)
        found.push(wrongSlot(added, slot.dueAt, dueAt));
      last = dueAt;
      dueAt = read.value(dueAt);
    }
    if (last !== slot.untilAt) found.push(wrongSlot(added, slot.untilAt, last));
    if (found.length > 0) return found;
  }
  return found;
}

function wrongSlot({ cron, timeZone }: AddedCron, is: number, should: number | null): string {
  const [shown, wanted] = [is, should ?? 0].map((at) => new Date(at).toISOString());
  return `a slot of ${cron} in ${timeZone} stands at ${shown} and should at ${wanted}`;
}
