import type { Outcome } from "../../core/outcome.ts";
import { promptFor } from "../../core/prompt.ts";
import type { Executor, Run, RunOutcome, RunSpec } from "../../ports/executor.ts";
import type { AttemptContext } from "../attempt.ts";
import { followRun } from "./follow-run.ts";
import { type Meter, openMeter } from "./meter.ts";
import type { OpenedWorkspace } from "./open-workspace.ts";
import { recordFact, recordStep } from "./record.ts";
import { stoppedOutcome } from "./stopped.ts";

/** What came of the agent's work. */
export interface Worked {
  readonly outcome: Outcome;
  /** The session the next attempt may resume. */
  readonly sessionId: string | null;
}

/** Lets the executor work in the workspace, follows it, and puts its end into our words. */
export async function work(context: AttemptContext, opened: OpenedWorkspace): Promise<Worked> {
  const executor = context.desk.get(context.attempt.executor);
  if (executor === null) return { outcome: noExecutor(context), sessionId: null };
  let sessionId: string | null = context.task.sessionId;
  let meter: Meter | null = null;
  const step = await recordStep(context, "work", async () => {
    const { store, task, leaseId } = context;
    const said = await store.attempts.takeMessages(task.id, leaseId);
    const words = said.map((message) => message.text);
    const spec = specFor(context, opened, executor, words);
    sessionId = spec.sessionId;
    await recordFact(context, { sessionId: spec.sessionId, resumed: spec.resume });
    const stopped = context.control.reason();
    if (stopped !== null) return ended({ type: "stopped", how: stopped });
    meter = await openMeter(context);
    const run = executor.start(withBudget(spec, meter));
    const stopFollowing = connect(context, run, executor.can.steer);
    try {
      sessionId = await followRun(context, run, { sessionId: spec.sessionId, meter });
      return ended(await run.outcome);
    } finally {
      stopFollowing();
    }
  });
  const resumable = executor.can.resume ? sessionId : null;
  if (!step.ok) return { outcome: step.outcome, sessionId: resumable };
  return { outcome: outcomeOf(step.value.end, meter), sessionId: resumable };
}

/** Others may have spent the last of it meanwhile, and a program may refuse a budget of nothing. */
const BUDGET_MIN_USD = 0.01;

function withBudget(spec: RunSpec, { leftUsd }: Meter): RunSpec {
  return leftUsd === null ? spec : { ...spec, budgetUsd: Math.max(BUDGET_MIN_USD, leftUsd) };
}

function ended(end: RunOutcome): { readonly detail: string; readonly end: RunOutcome } {
  return { detail: detailOf(end), end };
}

function specFor(
  context: AttemptContext,
  opened: OpenedWorkspace,
  executor: Executor,
  said: readonly string[],
): RunSpec {
  const { task, attempt, limits, chance } = context;
  const resume = task.sessionId !== null && executor.can.resume;
  return {
    taskId: task.id,
    project: task.project,
    isolation: task.isolation,
    attempt: attempt.number,
    mark: attemptMark(attempt),
    prompt: promptFor(task, said, opened.unresolved),
    workspace: opened.workspace,
    readable: context.readable,
    needs: opened.needs,
    model: task.model,
    sessionId: resume ? (task.sessionId ?? chance.uuid()) : chance.uuid(),
    resume,
    stallMs: limits.stallMs,
    timeoutMs: task.timeoutMs ?? limits.projectTimeoutMs(task.project) ?? limits.timeoutMs,
    outputDir: opened.resultsPath,
  };
}

/** Marks the process tree of an attempt, so that what a dead daemon left can be found. */
export function attemptMark(attempt: {
  readonly taskId: number;
  readonly number: number;
  readonly leaseId: string;
}): string {
  return `${attempt.taskId}/${attempt.number}/${attempt.leaseId}`;
}

/** Passes stops and messages on to the run; a stop that came before it is passed on at once. */
function connect(context: AttemptContext, run: Run, canSteer: boolean): () => void {
  const { control, store, task, leaseId, log } = context;
  const deliver = async (): Promise<void> => {
    try {
      const messages = await store.attempts.takeMessages(task.id, leaseId);
      for (const { id, text } of messages) {
        if (!run.steer(text)) log.warn("Words came too late for the agent", { messageId: id });
      }
    } catch (error) {
      log.warn("Messages could not be read", { error });
    }
  };
  control.onStop = (reason) => run.stop(reason);
  // Words for an agent that takes none stay unread: the next attempt gets them with its prompt.
  if (canSteer) control.onMessages = () => void deliver();
  const already = control.reason();
  if (already !== null) run.stop(already);
  return () => {
    control.onStop = () => {};
    control.onMessages = () => {};
  };
}

/** A spent budget is put into our words: which one it was decides what becomes of the task. */
function outcomeOf(end: RunOutcome, meter: Meter | null): Outcome {
  switch (end.type) {
    case "done":
      return { type: "succeeded", summary: end.text };
    case "failed":
      return end.failure === "budget" && meter !== null ? meter.outcome() : end;
    case "stopped":
      if (end.how !== "budget") return stoppedOutcome(end.how);
      if (meter === null) throw new Error("A run was stopped for its budget before it began.");
      return meter.outcome();
  }
}

function detailOf(end: RunOutcome): string {
  switch (end.type) {
    case "done":
      return "done";
    case "failed":
      return `${end.failure}: ${end.message}`;
    case "stopped":
      return `stopped: ${end.how}`;
  }
}

function noExecutor(context: AttemptContext): Outcome {
  const message = `There is no executor "${context.attempt.executor}"; see \`sle config show executors\`.`;
  return { type: "failed", failure: "config", message, retryAt: null };
}
