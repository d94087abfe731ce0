import type { Books, TaskBook } from "../books.ts";
import type { EventType } from "../event.ts";
import { FAILURE_RULES } from "../failure.ts";
import { isFinal, type TaskState } from "../task.ts";
import { broken, type Entry, kept, odd, REPORT_IT, stillOpen } from "./entry.ts";

/** Every task has exactly one conclusion or goes on, as its events tell, and every retry was made. */
export function balanceTasks({ tasks }: Books): readonly Entry[] {
  return tasks.flatMap((task) => [taskEntry(task), ...retryEntries(task)]);
}

function taskEntry(task: TaskBook): Entry {
  const { id, state, leaseId, attemptsUsed, attemptsMax } = task;
  const wrong = (what: string): Entry => broken("tasks", `Task ${id} ${what}.`, REPORT_IT);
  if ((leaseId !== null) !== (state === "running")) {
    return wrong(leaseId === null ? "runs without a lease" : `is ${state} and has a lease`);
  }
  if (attemptsUsed > attemptsMax) return wrong(`used ${attemptsUsed} of ${attemptsMax} attempts`);
  const told = standingAfter(task.events);
  if (typeof told !== "string") return wrong(told.problem);
  if (told !== state) return wrong(`is ${state}, and its events tell that it is ${told}`);
  return isFinal(state) ? kept("tasks") : stillOpen("tasks");
}

type Standing = TaskState | { readonly problem: string };

/** Where a task stands by its events alone, or what none of its ways can tell. */
function standingAfter(events: readonly EventType[]): Standing {
  let standing: TaskState | null = null;
  for (const type of events) {
    const rule = RULES[type];
    if (rule === undefined) continue;
    const next = rule(standing);
    if (next === null) {
      const was = standing ?? "not there";
      const twice = standing !== null && isFinal(standing) ? ": it has its conclusion already" : "";
      return { problem: `was ${was} when ${type} was told${twice}` };
    }
    standing = next;
  }
  return standing ?? { problem: "has no event that tells of it" };
}

/** What an event makes of where a task stood; null when it cannot have stood there. */
type Rule = (before: TaskState | null) => TaskState | null;

function from(befores: readonly (TaskState | null)[], after: TaskState): Rule {
  return (before) => (befores.includes(before) ? after : null);
}

const RULES: Partial<Record<EventType, Rule>> = {
  "task.queued": from([null], "queued"),
  "task.admitted": from(["queued"], "running"),
  "task.retrying": from(["running"], "queued"),
  "task.parked": from(["running"], "queued"),
  "task.interrupted": from(["running"], "queued"),
  "task.waiting": from(["running"], "waiting"),
  "task.succeeded": from(["running"], "succeeded"),
  "task.failed": from(["running"], "failed"),
  "task.cancelled": from(["queued", "running", "waiting"], "cancelled"),
  "task.retried": from(["queued", "waiting", "succeeded", "failed", "cancelled"], "queued"),
  "task.answered": from(["waiting"], "queued"),
  // What was cancelled queues again, what ended only comes out of the trash.
  "task.restored": (before) => (before === "cancelled" ? "queued" : before),
};

/** A retry is a promise from when it is told until the next attempt, or a decision. */
function retryEntries({ id, state, failure, events, ...task }: TaskBook): readonly Entry[] {
  const promised = events.filter((type) => type === "task.retrying").length;
  const last = events.findLast((type) => RULES[type] !== undefined);
  const open = last === "task.retrying" && state === "queued" ? 1 : 0;
  const wasOwed =
    state === "failed" &&
    failure !== null &&
    FAILURE_RULES[failure].action === "retry" &&
    task.attemptsUsed < task.attemptsMax;
  return [
    ...(promised - open > 0 ? [kept("retries", promised - open)] : []),
    ...(open === 1 ? [stillOpen("retries")] : []),
    ...(wasOwed ? [owed(id, task.attemptsMax - task.attemptsUsed)] : []),
  ];
}

function owed(id: number, left: number): Entry {
  const message = `Task ${id} failed with ${left} attempts left, and was not tried again.`;
  return odd("retries", message, `try it again with \`sle retry ${id}\``);
}
