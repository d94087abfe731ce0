import type { Attempt, StepName } from "../../core/attempt.ts";
import type { EventType } from "../../core/event.ts";
import type { FailureClass } from "../../core/failure.ts";
import type { Project } from "../../core/project.ts";
import type { Kept } from "../../ports/workspaces.ts";
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

/** Work that was done in an earlier attempt, with what was kept of it. */
export interface EarlierWork {
  readonly worked: Worked;
  /** Null when taking it up failed. */
  readonly kept: Kept | null;
}

/**
 * The work of an earlier attempt, when it was done and kept and only the way out was closed: by a kill,
 * a network that was away, a person who was asked, a step of ours that broke. An agent is not paid
 * twice for the same. What was kept counts and not the folder: a collision may have been put into it
 * since. Null when an agent must work.
 */
export async function earlierWork(
  context: AttemptContext,
  project: Project | null,
): Promise<EarlierWork | null> {
  const { store, task, attempt, artifacts, workspaces } = context;
  const done = lastWork(await store.attempts.ofTask(task.id), attempt.number);
  if (done === null || done.results === null) return null;
  if (await hasNewWords(context, done)) return null;
  const summary = await artifacts.tail(done.results, "final.md", SUMMARY_BYTES_MAX);
  if (summary === null) return null;
  const attempts = { from: done.number, to: attempt.number };
  const step = await recordStep(context, "work", async () => {
    const kept = await workspaces.takeUp(task.id, attempts, project);
    const became = kept === null ? `what attempt ${done.number} had kept is gone` : null;
    return { detail: became ?? `${WORK_DONE} in attempt ${done.number}`, kept };
  });
  const { sessionId } = task;
  if (!step.ok) return { worked: { outcome: step.outcome, sessionId }, kept: null };
  const { kept } = step.value;
  if (kept === null) return null;
  return { worked: { outcome: { type: "succeeded", summary }, sessionId }, kept };
}

/** The newest attempt before this one that had an agent, if its work is done and kept. */
function lastWork(attempts: readonly Attempt[], before: number): Attempt | null {
  const [last] = attempts
    .filter((each) => each.number < before && !(isClosedOff(each) && each.sessionId === null))
    .toSorted((a, b) => b.number - a.number);
  return last !== undefined && isDoneAndKept(last) ? last : null;
}

function isDoneAndKept(attempt: Attempt): boolean {
  const stepOf = (name: StepName): Attempt["steps"][number] | undefined =>
    attempt.steps.find((step) => step.name === name);
  const work = stepOf("work");
  const isDone = work?.ok === true && work.detail.startsWith(WORK_DONE);
  return isClosedOff(attempt) && isDone && stepOf("keep-results")?.ok === true;
}

/** Failures that say something about the result, or that a person wanted. */
const OF_THE_RESULT: ReadonlySet<FailureClass> = new Set<FailureClass>([
  "check-failed",
  "conflict",
  "cancelled",
]);

/** True when it ended for something that an agent can do nothing about, once its work is done. */
function isClosedOff({ outcome }: Attempt): boolean {
  if (outcome === null || outcome.type === "succeeded") return false;
  return outcome.type !== "failed" || !OF_THE_RESULT.has(outcome.failure);
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
