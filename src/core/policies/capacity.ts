import type { Policy } from "../hold.ts";

/** Holds while as many attempts run as may run at once. */
export const capacity: Policy = (_task, snapshot) => {
  const running = snapshot.running.length;
  const { parallelMax } = snapshot.rules;
  if (running < parallelMax) return null;
  return {
    policy: "capacity",
    reason: `${running} of ${parallelMax} attempts run; the next starts when one ends.`,
    nextCheckAt: null,
  };
};
