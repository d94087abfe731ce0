import type { AttemptBook, Books, TaskBook } from "../books.ts";
import { broken, type Entry, kept, odd, REPORT_IT, stillOpen } from "./entry.ts";

/** Every attempt has ended, or is the one that runs under the lease of its task. */
export function balanceAttempts({ tasks, attempts }: Books): readonly Entry[] {
  const byTask = Map.groupBy(attempts, ({ taskId }) => taskId);
  return tasks.flatMap((task) => {
    const own = byTask.get(task.id) ?? [];
    return [...own.map((attempt) => entryOf(task, attempt)), ...missing(task, own)];
  });
}

function entryOf(task: TaskBook, { number, leaseId, outcome }: AttemptBook): Entry {
  const isLeased = task.leaseId === leaseId && task.attempt === number;
  const which = `Attempt ${number} of task ${task.id}`;
  if (outcome !== null && !isLeased) return kept("attempts");
  if (outcome === null && isLeased) return stillOpen("attempts");
  const message = isLeased
    ? `${which} has ended and still has its lease.`
    : `${which} never ended.`;
  return broken("attempts", message, `see \`sle show ${task.id}\`; ${REPORT_IT}`);
}

function missing(task: TaskBook, own: readonly AttemptBook[]): readonly Entry[] {
  const admitted = task.events.filter((type) => type === "task.admitted").length;
  if (own.length === task.attempt && admitted === task.attempt) return [];
  const counts = `${task.attempt} attempts, ${own.length} rows of them and ${admitted} events`;
  return [odd("attempts", `Task ${task.id} has ${counts}.`, REPORT_IT)];
}
