import type { Attempt, StepName } from "../../core/attempt.ts";
import type { EventType } from "../../core/event.ts";
import type { AttemptContext } from "../attempt.ts";
import { recordStep } from "./record.ts";
import type { Worked } from "./work.ts";

/** How much of an agent's last words is taken over. */
const SUMMARY_BYTES_MAX = 1024 * 1024;
/** Words of a person after which an agent must go on, whatever it did before. */
const WORDS: readonly EventType[] = ["task.said", "task.answered", "task.retried"];
const EVENTS_MAX = 100;
/** What the step `work` tells of an agent that came to its end. */
export const WORK_DONE = "done";

/**
 * The work of the attempt before, when it was done and kept and only the way out was closed: by a kill,
 * a network that was away, a person who was asked. An agent is not paid twice for the same. Null when
 * an agent must work.
 */
export async function earlierWork(context: AttemptContext): Promise<Worked | null> {
  const { store, task, attempt, artifacts } = context;
  const attempts = await store.attempts.ofTask(task.id);
  const before = attempts.find(({ number }) => number === attempt.number - 1);
  if (before === undefined || !isDoneAndKept(before) || before.results === null) return null;
  if (await hasNewWords(context, before)) return null;
  const summary = await artifacts.tail(before.results, "final.md", SUMMARY_BYTES_MAX);
  if (summary === null) return null;
  const step = await recordStep(context, "work", () =>
    Promise.resolve({ detail: `${WORK_DONE} in attempt ${before.number}` }),
  );
  if (!step.ok) return { outcome: step.outcome, sessionId: task.sessionId };
  return { outcome: { type: "succeeded", summary }, sessionId: task.sessionId };
}

function isDoneAndKept({ outcome, steps }: Attempt): boolean {
  const isEnded = outcome !== null && outcome.type !== "failed" && outcome.type !== "succeeded";
  const stepOf = (name: StepName): Attempt["steps"][number] | undefined =>
    steps.find((step) => step.name === name);
  const work = stepOf("work");
  const isDone = work?.ok === true && work.detail.startsWith(WORK_DONE);
  return isEnded && isDone && stepOf("keep-results")?.ok === true;
}

async function hasNewWords(
  { store, task }: AttemptContext,
  { admittedAt }: Attempt,
): Promise<boolean> {
  const events = await store.events.after(0, EVENTS_MAX, { taskId: task.id, types: WORDS });
  if (events.length >= EVENTS_MAX) return true;
  return events.some(
    ({ type, at, data }) => at >= admittedAt && (type !== "task.retried" || data["note"] !== null),
  );
}
