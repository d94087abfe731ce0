import { brokenWords, inRow, remedyOf } from "../core/dependency-words.ts";
import { type Blocked, BEHIND_MAX } from "../ports/dependency-store.ts";
import type { Store } from "../ports/store.ts";
import type { BlockedView } from "./views.ts";

/** Tasks for which others wait in vain, each with why and what to do: one decision, however many wait. */
export async function readBlocked(store: Store, limit: number): Promise<readonly BlockedView[]> {
  const views: BlockedView[] = [];
  for (const blocked of await store.dependencies.blocked(limit)) {
    const view = await viewOf(store, blocked);
    if (view !== null) views.push(view);
  }
  return views;
}

/** Null when it was decided meanwhile. */
async function viewOf(store: Store, blocked: Blocked): Promise<BlockedView | null> {
  const { taskId, waiting } = blocked;
  const task = await store.tasks.get(taskId);
  const first = waiting[0];
  if (task === null || first === undefined) return null;
  const states = await store.dependencies.ofTask(first);
  const broken = states.find((each) => each.taskId === taskId && each.standing === "broken");
  if (broken === undefined) return null;
  const words = brokenWords(broken);
  const remedy = remedyOf(broken);
  return {
    ...blocked,
    task,
    sentence: `${words[0]?.toUpperCase()}${words.slice(1)}: ${waitWords(blocked)}.`,
    remedies: [
      ...(remedy === null ? [] : [remedy]),
      `sle edit ${first} --after none`,
      `sle cancel ${first} --with-dependents`,
    ],
  };
}

function waitWords({ waiting, count, behind }: Blocked): string {
  const who = `${count === 1 ? "task" : "tasks"} ${inRow(waiting, count)}`;
  const verb = count === 1 ? "waits" : "wait";
  if (behind === 0) return `${who} ${verb} in vain`;
  const more = behind >= BEHIND_MAX ? `${BEHIND_MAX} or more` : `${behind} more`;
  return `${who} ${verb} in vain, with ${more} behind`;
}
