import type { Policy, RunningTask } from "../hold.ts";
import type { Task } from "../task.ts";
import { sharedPath } from "../touches.ts";

/**
 * Holds a task that is likely to touch the same files as a running one of its project, or as one that
 * waits for such a running one and comes first, so that a stream of others never keeps that one waiting.
 */
export const conflict: Policy = (task, snapshot) => {
  if (!snapshot.rules.avoidsConflicts || task.project === null || task.touches.length === 0)
    return null;
  const running = clash(task, snapshot.running);
  if (running !== null) return held(`${running.words} works on; it starts when that one ends`);
  const first = clash(task, snapshot.reserved ?? []);
  return first === null ? null : held(`${first.words} comes to first`);
};

function clash(
  { project, touches }: Task,
  others: readonly RunningTask[],
): { readonly words: string } | null {
  for (const other of others) {
    const path = other.project === project ? sharedPath(touches, other.touches ?? []) : null;
    if (path !== null) return { words: `It is likely to touch ${path}, which task ${other.id}` };
  }
  return null;
}

function held(words: string): ReturnType<Policy> {
  const how = "`--touches` says otherwise for a task";
  return { policy: "conflict", reason: `${words} (${how}).`, nextCheckAt: null };
}
