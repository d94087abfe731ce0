import type { TaskKind } from "./task.ts";

/** What a policy judges a queued task by; all tasks of a lane share it, so a hold on its head holds all. */
export interface LaneKey {
  readonly kind: TaskKind;
  readonly project: string | null;
  readonly executor: string | null;
  readonly model: string | null;
  readonly nightOnly: boolean;
}

/** The lane's name: equal for tasks that every policy judges alike. */
export function laneOf(key: LaneKey): string {
  const night = key.nightOnly ? ["night"] : [];
  return [key.kind, key.project, key.executor, key.model, ...night]
    .map((part) => encodeURIComponent(part ?? ""))
    .join("|");
}
