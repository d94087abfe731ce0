import type { Instant } from "../core/task.ts";
import type { Store } from "../ports/store.ts";

/** What is done outside, and for which task. */
export interface EffectSpec {
  /** The same doing has the same key, whoever does it. */
  readonly key: string;
  readonly kind: EffectKind;
  readonly taskId: number;
  readonly attempt: number;
}

/** Everything that is done outside. */
export type EffectKind = "commit" | "push" | "pull-request" | "comment" | "land";

/**
 * Does something outside: the intent is recorded before, the result after. What was done before is not
 * done again; what was only intended may have been done, so `run` must find its earlier self.
 */
export async function withEffect<T>(
  { store, clock }: { readonly store: Store; readonly clock: { readonly now: () => Instant } },
  spec: EffectSpec,
  run: () => Promise<T>,
): Promise<T> {
  const { result } = await store.effects.intend({ ...spec, at: clock.now() });
  if (result !== null) return JSON.parse(result) as T;
  const done = await run();
  await store.effects.done(spec.key, clock.now(), JSON.stringify(done));
  return done;
}

/**
 * Commits that were sent, or meant to be, as the branch of a task: with a result or when it landed. By
 * the intents, because what a kill cut off may have been done.
 */
export async function sentCommits(
  store: Pick<Store, "effects">,
  taskId: number,
): Promise<string[]> {
  const effects = await store.effects.ofTask(taskId);
  return effects
    .filter(({ kind }) => kind === "push" || kind === "land")
    .map(({ key }) => commitOf(key));
}

/** The commit that the key of a push or landing names. */
export function commitOf(key: string): string {
  return key.split("/").at(-1) ?? "";
}
