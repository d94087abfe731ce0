import { isNight } from "../../src/core/hours.ts";
import type { Snapshot } from "../../src/core/hold.ts";
import { plan } from "../../src/core/plan.ts";
import type { Task } from "../../src/core/task.ts";
import type { Decider } from "./simulate.ts";

/** Of each lane so many are looked at, as a daemon does. */
const PER_LANE = 3;

/** The daemon's own order and admission. */
export const ours: Decider = (queued, snapshot) =>
  plan(headsOf(queued), snapshot)
    .filter(({ holds }) => holds.length === 0)
    .map(({ task }) => task.id);

/** Starts whatever it can, until the provider refuses. */
export const greedy: Decider = (queued, snapshot) =>
  isKnownClosed(snapshot) ? [] : firstCome(queued, snapshot);

/** One threshold by day and one by night, on the five-hour window alone. */
export const threshold: Decider = (queued, snapshot) => {
  const { hours, quota } = snapshot.rules;
  const limit = isNight(hours, snapshot.now) ? quota.night : quota.day;
  const five = snapshot.quotaWindows.find(({ window }) => window === "five_hour");
  return (five?.used ?? 0) >= limit ? [] : firstCome(queued, snapshot);
};

function isKnownClosed({ quotaWindows, now }: Snapshot): boolean {
  return quotaWindows.some(
    ({ status, resetsAt }) => status === "closed" && resetsAt !== null && resetsAt > now,
  );
}

function firstCome(queued: readonly Task[], { running, rules }: Snapshot): readonly number[] {
  const room = Math.max(0, rules.parallelMax - running.length);
  return queued
    .toSorted((a, b) => a.createdAt - b.createdAt || a.id - b.id)
    .slice(0, room)
    .map(({ id }) => id);
}

function headsOf(queued: readonly Task[]): readonly Task[] {
  const lanes = Map.groupBy(queued, ({ lane }) => lane);
  return [...lanes.values()].flatMap((tasks) =>
    tasks.toSorted((a, b) => a.orderKey - b.orderKey || a.id - b.id).slice(0, PER_LANE),
  );
}
