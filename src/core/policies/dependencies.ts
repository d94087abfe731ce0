import type { Policy } from "../hold.ts";

/** How many task numbers a reason names before it says how many more there are. */
const NAMED_MAX = 10;

/** Holds a task until every task it depends on has succeeded. */
export const dependencies: Policy = (task) => {
  if (task.unmetDependencies <= 0) return null;
  const which =
    task.dependsOn.length === 1
      ? `task ${named(task.dependsOn)}`
      : `${task.unmetDependencies} of the tasks ${named(task.dependsOn)}`;
  return {
    policy: "dependencies",
    reason: `It waits for ${which} to succeed.`,
    nextCheckAt: null,
  };
};

function named(ids: readonly number[]): string {
  const first = ids.slice(0, NAMED_MAX).join(", ");
  return ids.length > NAMED_MAX ? `${first} and ${ids.length - NAMED_MAX} more` : first;
}
