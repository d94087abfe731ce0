import type { Policy } from "../hold.ts";
import { iso } from "../iso.ts";

/** Holds everything while a person has paused or drained the queue; a pause whose end has passed is none. */
export const paused: Policy = (_task, snapshot) => {
  const { mode, until, by } = snapshot.admission;
  if (mode === "open" || (until !== null && until <= snapshot.now)) return null;
  const what =
    mode === "paused" ? `${by} paused all starts` : `${by} drains the queue: what runs may end`;
  const end = until === null ? "until `sle resume`" : `until ${iso(until)}`;
  return { policy: "paused", reason: `${what}, nothing starts ${end}.`, nextCheckAt: until };
};
