import { readinessOf, executorOf, type Policy } from "../hold.ts";

/** Holds a task whose executor is not set up here or says that it cannot start now. */
export const executorReady: Policy = (task, snapshot) => {
  const name = executorOf(task, snapshot.rules);
  const readiness = readinessOf(snapshot, name);
  if (readiness === undefined) {
    return {
      policy: "executor-ready",
      reason: `There is no executor ${name} here; \`sle doctor\` names those there are.`,
      nextCheckAt: null,
    };
  }
  if (readiness.ready) return null;
  return {
    policy: "executor-ready",
    reason: `The executor ${name} is not ready: ${withStop(readiness.reason)}`,
    nextCheckAt: readiness.nextCheckAt,
  };
};

function withStop(reason: string): string {
  return /[.!?]$/u.test(reason) ? reason : `${reason}.`;
}
