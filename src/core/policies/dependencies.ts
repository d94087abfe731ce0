import { type DependencyState, formatDependency } from "../dependency.ts";
import { brokenWords, inRow, remedyOf, waitingWords } from "../dependency-words.ts";
import type { Policy } from "../hold.ts";
import type { Task } from "../task.ts";

/** Holds a task until every task it depends on has come to what is waited for. */
export const dependencies: Policy = (task, { waitsFor }) => {
  if (task.unmetDependencies <= 0) return null;
  const reason = waitsFor === undefined ? countedReason(task) : dependencyReason(task, waitsFor);
  return { policy: "dependencies", reason, nextCheckAt: null };
};

/** What can be said without having looked at the other tasks. */
function countedReason({ dependsOn, unmetDependencies }: Task): string {
  const which = inRow(dependsOn.map(formatDependency));
  return dependsOn.length === 1
    ? `It waits for task ${which}.`
    : `It waits for ${unmetDependencies} of the tasks ${which}.`;
}

/** What a task waits for, or why it waits in vain and what to do, by how its dependencies stand. */
export function dependencyReason(task: Task, states: readonly DependencyState[]): string {
  const broken = states.filter(({ standing }) => standing === "broken");
  const open = states.filter(({ standing }) => standing === "open");
  if (broken.length === 0) return `It waits for ${inRow(open.map(waitingWords))}.`;
  return `It cannot start: ${inRow(broken.map(brokenWords))}. ${adviceFor(task, broken)}`;
}

function adviceFor({ id }: Task, broken: readonly DependencyState[]): string {
  const remedies = broken.map(remedyOf).filter((each) => each !== null);
  const first = remedies.length === broken.length ? remedies[0] : undefined;
  const again = first === undefined ? "" : `\`${first}\` lets it be met after all, `;
  return `${again}\`sle edit ${id} --after none\` starts without it, \`sle cancel ${id}\` gives up.`;
}
