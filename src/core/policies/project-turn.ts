import type { Policy } from "../hold.ts";

/** Holds while the task's project runs as many attempts as it may; no entry means no limit. */
export const projectTurn: Policy = (task, snapshot) => {
  const { project } = task;
  if (project === null) return null;
  const limits = snapshot.projectParallelMax;
  const max = Object.hasOwn(limits, project) ? limits[project] : undefined;
  if (max === undefined) return null;
  const running = snapshot.running.filter((other) => other.project === project).length;
  if (running < max) return null;
  return {
    policy: "project-turn",
    reason: `${running} of ${max} attempts of project ${project} run; the next starts when one ends.`,
    nextCheckAt: null,
  };
};
