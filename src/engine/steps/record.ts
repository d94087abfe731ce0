import type { StepName } from "../../core/attempt.ts";
import type { Instant } from "../../core/task.ts";
import type { Outcome } from "../../core/outcome.ts";
import { ForgeFailed } from "../../ports/forge.ts";
import { type AttemptPatch, StoreUnavailable } from "../../ports/store.ts";
import { WorkspaceUnavailable } from "../../ports/workspaces.ts";
import type { AttemptContext } from "../attempt.ts";
import { stoppedOutcome } from "./stopped.ts";
import { afterAWhile, askPerson, forgeProblem } from "./unpublished.ts";

/** What a step gives on, or the outcome that ends the attempt. */
export type StepResult<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly outcome: Outcome };

/**
 * Runs one step and records when it started and ended; a throw becomes the outcome of the attempt.
 * A step whose lease is lost does not begin.
 */
export async function recordStep<T extends { readonly detail: string }>(
  context: AttemptContext,
  name: StepName,
  run: () => Promise<T>,
): Promise<StepResult<T>> {
  const { store, clock, control, task, leaseId, log } = context;
  const startedAt = clock.now();
  const put = async (endedAt: number | null, ok: boolean | null, detail: string): Promise<void> => {
    const step = { name, startedAt, endedAt, ok, detail };
    if (!(await store.attempts.step(task.id, leaseId, step))) control.stop("lease-lost");
  };
  try {
    await put(null, null, "");
    if (control.reason() === "lease-lost") {
      return { ok: false, outcome: stoppedOutcome("lease-lost") };
    }
    const value = await run();
    await put(clock.now(), true, value.detail);
    return { ok: true, value };
  } catch (error) {
    const stopped = isStop(control.signal, error) ? control.reason() : null;
    if (stopped === null) log.error("A step failed", { step: name, error });
    const detail = stopped === null ? messageOf(error) : `stopped: ${stopped}`;
    await put(clock.now(), false, detail).catch(() => {});
    return {
      ok: false,
      outcome: stopped === null ? outcomeOf(name, error, clock.now()) : stoppedOutcome(stopped),
    };
  }
}

/** True for the throw with which a step obeys the signal that it was given. */
function isStop(signal: AbortSignal, error: unknown): boolean {
  if (!signal.aborted) return false;
  return error === signal.reason || (error instanceof Error && error.name === "AbortError");
}

/** Writes facts of the attempt; false, and the attempt told to end at once, when its lease is lost. */
export async function recordFact(context: AttemptContext, patch: AttemptPatch): Promise<boolean> {
  const ours = await context.store.attempts.update(context.task.id, context.leaseId, patch);
  if (!ours) context.control.stop("lease-lost");
  return ours;
}

/** Steps that nothing is kept before. */
const BEFORE_RESULTS: ReadonlySet<StepName> = new Set(["open-workspace", "work", "keep-results"]);

/** A throw inside a step is a broken outside: a full disk parks, all else is tried again. */
function outcomeOf(name: StepName, error: unknown, now: Instant): Outcome {
  if (error instanceof ForgeFailed) {
    const outcome = forgeProblem(now, error);
    if (outcome.type !== "asked" || !BEFORE_RESULTS.has(name)) return outcome;
    return { type: "failed", failure: "config", message: error.message, retryAt: null };
  }
  if (error instanceof WorkspaceUnavailable) {
    if (error.failure === "overloaded") return afterAWhile(now, error.message);
    // The work is done and kept: a setting that is wrong now must not throw it away.
    if (error.failure === "config" && !BEFORE_RESULTS.has(name)) return askPerson(error.message);
    return { type: "failed", failure: error.failure, message: error.message, retryAt: null };
  }
  const full =
    codeOf(error) === "ENOSPC" || (error instanceof StoreUnavailable && error.kind === "full");
  return {
    type: "failed",
    failure: full ? "disk" : "crash",
    message: `The step ${name} failed: ${messageOf(error)}`,
    retryAt: null,
  };
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
