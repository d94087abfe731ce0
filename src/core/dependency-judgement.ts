import {
  type Dependency,
  type DependencyFacts,
  type DependencyState,
  standingOf,
} from "./dependency.ts";

/** Which of the tasks are met already, or why nothing may wait for one of them. */
export type JudgedDependencies =
  | { readonly ok: true; readonly met: ReadonlySet<number> }
  | { readonly ok: false; readonly refusal: DependencyRefusal };

/** Why a task may not wait for another. */
export type DependencyRefusal =
  | { readonly reason: "unknown-dependency"; readonly taskId: number }
  /** It would wait for ever. */
  | { readonly reason: "broken-dependency"; readonly dependency: DependencyState };

/** Judges what a task is to wait for; what can no longer come is refused rather than waited for. */
export function judgeDependencies(
  dependsOn: readonly Dependency[],
  factsOf: (taskId: number) => DependencyFacts | null,
): JudgedDependencies {
  const met = new Set<number>();
  for (const dependency of dependsOn) {
    const { taskId, condition } = dependency;
    const facts = factsOf(taskId);
    if (facts === null) return { ok: false, refusal: { reason: "unknown-dependency", taskId } };
    const standing = standingOf(condition, facts);
    if (standing === "met") met.add(taskId);
    if (standing === "met" || standing === "open") continue;
    const state = dependencyState(dependency, "broken", facts);
    return { ok: false, refusal: { reason: "broken-dependency", dependency: state } };
  }
  return { ok: true, met };
}

/** A dependency with what is known of the other task; null when that was purged. */
export function dependencyState(
  { taskId, condition }: Dependency,
  standing: DependencyState["standing"],
  facts: DependencyFacts | null,
): DependencyState {
  return {
    taskId,
    condition,
    standing,
    state: facts?.state ?? null,
    trashed: facts !== null && facts.trashedAt !== null,
    verdict: facts?.verdict ?? null,
    decision: facts?.landing?.decision ?? null,
  };
}
