import type { AttemptContext } from "../attempt.ts";
import { type EffectSpec, withEffect } from "../effect.ts";
import { recordFact } from "./record.ts";

/**
 * An effect of an attempt that holds its task. Between a step's start and this a machine may have slept
 * and another daemon taken the task over: so what is ours is asked for again, after all was read that
 * decides what is done, and as late as can be.
 */
export function effectOfAttempt<T>(
  context: AttemptContext,
  spec: Pick<EffectSpec, "key" | "kind">,
  run: () => Promise<T>,
): Promise<T> {
  const { task, attempt, control } = context;
  const whole = { ...spec, taskId: task.id, attempt: attempt.number };
  return withEffect(context, whole, async () => {
    await recordFact(context, {});
    control.signal.throwIfAborted();
    return run();
  });
}
