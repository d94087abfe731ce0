import { CONDITIONS, type Condition, type Dependency } from "./dependency.ts";
import { printableLine } from "./terminal.ts";

/** Most tasks that one task may wait for. */
const DEPENDENCIES_MAX = 1000;
/** How much of a wrong word a message repeats. */
const SHOWN_MAX = 60;

/** A task to wait for; a number alone, or without a condition, waits for it to succeed. */
export type DependencyInput =
  | number
  | { readonly taskId: number; readonly condition?: string | null | undefined };

/** What is wrong with what a task is to wait for; null when nothing is. */
export function dependenciesProblem(inputs: readonly DependencyInput[]): string | null {
  if (inputs.length > DEPENDENCIES_MAX) {
    return `A task may wait for ${DEPENDENCIES_MAX} others at most, not for ${inputs.length}.`;
  }
  const seen = new Set<number>();
  for (const { taskId, condition } of inputs.map(whole)) {
    if (!Number.isSafeInteger(taskId) || taskId < 1) {
      return `${taskId} is not the number of a task; \`sle check\` lists them.`;
    }
    if (seen.has(taskId)) return `Task ${taskId} is named twice; name each task once.`;
    seen.add(taskId);
    if (!CONDITIONS.includes(condition)) {
      const shown = printableLine(condition, SHOWN_MAX);
      return `There is no condition "${shown}"; choose one of ${CONDITIONS.join(", ")}.`;
    }
  }
  return null;
}

/** The dependencies of inputs in which nothing is wrong. */
export function dependenciesFrom(inputs: readonly DependencyInput[]): readonly Dependency[] {
  return inputs.map(whole);
}

function whole(input: DependencyInput): Dependency {
  if (typeof input === "number") return { taskId: input, condition: "succeeded" };
  const { taskId, condition } = input;
  return { taskId, condition: (condition ?? "succeeded") as Condition };
}
