import type { Run, RunEvent } from "../../ports/executor.ts";
import type { AttemptContext } from "../attempt.ts";
import type { Meter } from "./meter.ts";
import { recordFact } from "./record.ts";

/** Shown progress is written at most this often. */
const PROGRESS_EVERY_MS = 1000;
const ACTIVITY_MAX_CHARACTERS = 200;

/**
 * Reads a run's events to the end and writes what they tell: start, use, quota, progress. A run that
 * spends the last of a budget is stopped.
 * Answers the session id the agent really used.
 */
export async function followRun(
  context: AttemptContext,
  run: Run,
  { sessionId, meter }: { readonly sessionId: string; readonly meter: Meter },
): Promise<string> {
  const follower = makeFollower(context, sessionId);
  for await (const event of run.events) {
    try {
      // Before it is written, so that a database that is in the way stops no count.
      const isSpent = event.type === "usage" && meter.add(event.tokens, event.usd);
      if (isSpent) run.stop("budget");
      if (event.type === "launched" && event.process !== null) {
        context.memory.launched(event.process);
      }
      await follower.take(event);
    } catch (error) {
      // What a run tells must not end the run: use and progress are told again or by the transcript.
      context.log.warn("An agent's event could not be recorded", { event: event.type, error });
    }
  }
  return follower.sessionId();
}

function makeFollower(
  context: AttemptContext,
  firstSessionId: string,
): { take: (event: RunEvent) => Promise<void>; sessionId: () => string } {
  const { store, clock, task, attempt, log } = context;
  let sessionId = firstSessionId;
  let turns = 0;
  let shownAtMs = Number.NEGATIVE_INFINITY;

  const show = async (activity: string): Promise<void> => {
    if (clock.monotonicMs() - shownAtMs < PROGRESS_EVERY_MS) return;
    shownAtMs = clock.monotonicMs();
    const line = oneLine(activity);
    await recordFact(context, { progress: { activity: line, turns, at: clock.now() } });
  };
  const take = async (event: RunEvent): Promise<void> => {
    switch (event.type) {
      case "launched":
        if (event.process !== null) await recordFact(context, { process: event.process });
        return;
      case "started": {
        sessionId = event.sessionId;
        const model = event.model === null ? {} : { model: event.model };
        const startedAt = clock.now();
        await recordFact(context, { startedAt, sessionId, ...model });
        log.info("The agent started", { sessionId, model: event.model });
        return;
      }
      case "text":
        return show(event.text);
      case "tool":
        turns += 1;
        return show(`${event.name} ${event.detail}`);
      case "retrying":
        return show(`retrying: ${event.detail}`);
      case "denied": {
        const data = { tool: event.tool, detail: oneLine(event.detail) };
        const at = clock.now();
        await store.events.append({
          type: "attempt.denied",
          at,
          taskId: task.id,
          attempt: attempt.number,
          data,
        });
        return;
      }
      case "usage":
        await store.usage.add({
          at: clock.now(),
          taskId: task.id,
          attempt: attempt.number,
          provider: event.provider,
          model: event.model,
          tokens: event.tokens,
          usd: event.usd,
        });
        return;
      case "quota":
        return store.usage.observe(event.windows, context.rules.quota.alerts);
    }
  };
  return { take, sessionId: () => sessionId };
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/gu, " ").trim().slice(0, ACTIVITY_MAX_CHARACTERS);
}
