import type { TaskKind } from "./task.ts";

/**
 * What a policy judges a queued task by; all tasks of a lane share it, so a hold on its head holds all.
 * Only of the files that are touched two tasks of a lane may name others, where their hashes meet: then
 * one may wait behind the other's conflict, no longer than the attempt that this waits for.
 */
export interface LaneKey {
  readonly kind: TaskKind;
  readonly project: string | null;
  readonly executor: string | null;
  readonly model: string | null;
  readonly nightOnly: boolean;
  readonly touches?: readonly string[] | undefined;
}

/**
 * Tasks that name files are spread over so many lanes by what they name: few enough that the cost of
 * a plan stays bounded, enough that those in one lane hardly ever name other files than its head.
 */
const TOUCH_LANES = 256;

/** The lane's name: equal for tasks that every policy judges alike. */
export function laneOf(key: LaneKey): string {
  const { touches = [] } = key;
  const night = key.nightOnly ? ["night"] : [];
  const touched = touches.length === 0 ? [] : [`touches-${touchLane(touches)}`];
  return [key.kind, key.project, key.executor, key.model, ...night, ...touched]
    .map((part) => encodeURIComponent(part ?? ""))
    .join("|");
}

/** A hash of the paths in any order (FNV-1a), as one of the lanes. */
function touchLane(touches: readonly string[]): number {
  let hash = 0x811c_9dc5;
  for (const character of touches.toSorted().join("\n")) {
    hash = Math.imul(hash ^ (character.codePointAt(0) as number), 0x0100_0193) >>> 0;
  }
  return hash % TOUCH_LANES;
}
