import type { Books, TaskBook } from "../books.ts";
import { isFinal } from "../task.ts";
import { broken, type Entry, kept, odd, REPORT_IT, stillOpen } from "./entry.ts";

/** Everything that was said to a task was taken by an attempt that heard it, or waits for one. */
export function balanceMessages({ messages, tasks, attempts }: Books): readonly Entry[] {
  const byId = new Map(tasks.map((task) => [task.id, task]));
  const outcomes = new Map(
    attempts.map(({ taskId, number, outcome }) => [`${taskId}/${number}`, outcome]),
  );
  return messages.map(({ id, taskId, readBy }) => {
    const task = byId.get(taskId);
    const which = `Message ${id} to task ${taskId}`;
    if (task === undefined) return broken("messages", `${which} has no task.`, REPORT_IT);
    if (readBy === null) return stillOpen("messages", unheard(which, task));
    const outcome = outcomes.get(`${taskId}/${readBy}`);
    if (outcome === undefined) {
      return broken("messages", `${which} was taken by an attempt that never was.`, REPORT_IT);
    }
    if (outcome === null || outcome === "succeeded") return kept("messages");
    const message = `${which} was taken by an attempt that may not have heard it (${outcome}).`;
    return broken("messages", message, `say it again with \`sle say ${taskId}\``);
  });
}

/** One that came too late waits for another try. */
function unheard(
  which: string,
  { id, state }: TaskBook,
): { readonly message: string; readonly advice: string } | null {
  if (!isFinal(state)) return null;
  const message = `${which} came too late: it had ${state} before an attempt took it.`;
  return { message, advice: `say it again with \`sle retry ${id} -m "…"\`` };
}

/** No notifier was told of more than there is; what it was not told yet waits. */
export function balanceNotifications({ cursors, lastSeq }: Books): readonly Entry[] {
  return cursors.flatMap(({ name, seq }) => {
    if (seq > lastSeq) {
      const message = `The notifier ${name} was told up to event ${seq}, and the last is ${lastSeq}.`;
      return [odd("notifications", message, REPORT_IT)];
    }
    const counted = { kind: "notifications", promises: lastSeq, outcomes: seq } as const;
    return [{ ...counted, open: lastSeq - seq }];
  });
}
