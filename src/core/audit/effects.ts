import type { Books, EffectBook, TaskBook } from "../books.ts";
import { iso } from "../iso.ts";
import { type Instant, isFinal } from "../task.ts";
import { broken, type Entry, kept, REPORT_IT, stillOpen } from "./entry.ts";

/** What a person does for longer than this was broken off. */
const UNDER_WAY_MS = 3_600_000;

/** Every intent has its result, was replaced by a later one, or belongs to what goes on. */
export function balanceEffects(
  { effects, tasks }: Books,
  { at }: { readonly at: Instant },
): readonly Entry[] {
  const byId = new Map(tasks.map((task) => [task.id, task]));
  const byTask = Map.groupBy(effects, ({ taskId }) => taskId);
  return [...byTask].flatMap(([taskId, own]) => {
    const task = byId.get(taskId);
    return own.map((effect) =>
      task === undefined
        ? broken("effects", `The effect ${effect.key} belongs to no task.`, REPORT_IT)
        : entryOf(task, effect, own, at),
    );
  });
}

function entryOf(
  task: TaskBook,
  effect: EffectBook,
  own: readonly EffectBook[],
  at: Instant,
): Entry {
  // Who tries again with another commit has another key. Clocks are set back, attempts only grow.
  const isReplaced = own.some(
    (other) => other.isDone && other.kind === effect.kind && comesAfter(other, effect),
  );
  if (effect.isDone || isReplaced) return kept("effects");
  if (!isFinal(task.state) || at - effect.intendedAt < UNDER_WAY_MS) return stillOpen("effects");
  // It ended with its task, which says why.
  if (task.state !== "succeeded") return kept("effects");
  return broken("effects", ...words(task, effect));
}

function comesAfter(one: EffectBook, other: EffectBook): boolean {
  if (one.attempt !== other.attempt) return one.attempt > other.attempt;
  return one.intendedAt > other.intendedAt;
}

function words({ id, events }: TaskBook, { kind, intendedAt }: EffectBook): [string, string] {
  const message = `The ${kind} of task ${id} was begun at ${iso(intendedAt)}, and nobody knows whether it was done.`;
  const isDecided = events.includes("task.landed") || events.includes("task.rejected");
  if (kind === "land" && !isDecided) return [message, `finish it with \`sle land ${id}\``];
  return [message, `see \`sle show ${id}\`; \`sle retry ${id}\` does what is missing`];
}
