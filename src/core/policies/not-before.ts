import type { Policy } from "../hold.ts";
import { iso } from "../iso.ts";

/** Holds a task until its `notBefore`: asked for by a person, a backoff, or a parked failure. */
export const notBefore: Policy = (task, snapshot) => {
  if (task.notBefore === null || task.notBefore <= snapshot.now) return null;
  const why =
    task.failure === null ? "" : ` after its last attempt ended with ${task.failure.failure}`;
  return {
    policy: "not-before",
    reason: `It may not start before ${iso(task.notBefore)}${why}.`,
    nextCheckAt: task.notBefore,
  };
};
