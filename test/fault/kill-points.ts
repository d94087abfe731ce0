import type { Change } from "../../src/core/change.ts";
import type { Step } from "../../src/core/attempt.ts";
import type { AttemptPatch } from "../../src/ports/store.ts";

/** Every place in the life of an attempt at which the daemon is killed, in their order. */
export const ATTEMPT_POINTS = [
  "admit",
  "open-workspace started",
  "open workspace",
  "open results",
  "workspace recorded",
  "open-workspace ended",
  "work started",
  "messages taken",
  "session recorded",
  "launch",
  "launched recorded",
  "started recorded",
  "progress recorded",
  "usage recorded",
  "work ended",
  "keep-results started",
  "keep workspace",
  "write results",
  "keep-results ended",
  "rebase started",
  "find base",
  "fit on base",
  "rebase ended",
  "check started",
  "run check",
  "seal receipt",
  "check ended",
  "scan-secrets started",
  "scan-secrets ended",
  "commit started",
  "effect intended",
  "commit result",
  "add thought",
  "effect done",
  "commit ended",
  "push started",
  "push branch",
  "push ended",
  "open-pr started",
  "open pull request",
  "open-pr ended",
  "conclude started",
  "conclude ended",
  "conclude",
] as const;

/** Places in the life of a daemon: coming up, rescuing what another left, telling. */
export const DAEMON_POINTS = [
  "presence recorded",
  "end leftovers",
  "recover",
  "tell",
  "cursor moved",
] as const;

/** Places of a landing, which a command does; see test/landing/kills.test.ts. */
export const LANDING_POINTS = ["effect intended", "land locally", "effect done", "settle"] as const;

export type KillPoint =
  | (typeof ATTEMPT_POINTS)[number]
  | (typeof DAEMON_POINTS)[number]
  | (typeof LANDING_POINTS)[number];
export const KILL_POINTS: readonly KillPoint[] = [...ATTEMPT_POINTS, ...DAEMON_POINTS];

/** `before` it is asked for, `during`: at once after, `after`: when the answer is there. */
export const MOMENTS = ["before", "during", "after"] as const;
export type Moment = (typeof MOMENTS)[number];

/** What takes a while and goes on outside of the daemon when it dies: it is killed in the midst of it. */
export const LONG_POINTS: ReadonlySet<KillPoint> = new Set<KillPoint>([
  "open workspace",
  "keep workspace",
  "find base",
  "fit on base",
  "run check",
  "seal receipt",
  "commit result",
  "add thought",
  "push branch",
  "open pull request",
  "land locally",
]);

/** Kill at the n-th time that this moment of this point is reached. */
export interface KillPlan {
  readonly point: KillPoint;
  readonly moment: Moment;
  readonly nth: number;
  /** How long after it was asked for `during` is; 0 for at once. */
  readonly delayMs: number;
}

/** The point that a call of the store is; null for calls that are none. */
export function pointOfCall(
  part: string,
  method: string,
  args: readonly unknown[],
): KillPoint | null {
  switch (`${part}.${method}`) {
    case "tasks.admit":
      return "admit";
    case "tasks.change":
      return pointOfChange(args[1] as Change);
    case "attempts.step":
      return pointOfStep(args[2] as Step);
    case "attempts.update":
      return pointOfUpdate(args[2] as AttemptPatch);
    case "attempts.takeMessages":
      return "messages taken";
    case "usage.add":
      return "usage recorded";
    case "effects.intend":
      return "effect intended";
    case "effects.done":
      return "effect done";
    case "shared.putDaemon":
      return "presence recorded";
    case "events.moveCursor":
      return "cursor moved";
    default:
      return null;
  }
}

function pointOfChange(change: Change): KillPoint | null {
  if (change.type === "conclude") return "conclude";
  if (change.type === "settle") return "settle";
  return change.type === "recover" ? "recover" : null;
}

function pointOfStep({ name, endedAt }: Step): KillPoint {
  return endedAt === null ? `${name} started` : `${name} ended`;
}

function pointOfUpdate(patch: AttemptPatch): KillPoint | null {
  if (patch.workspace !== undefined) return "workspace recorded";
  if (patch.process !== undefined) return "launched recorded";
  if (patch.startedAt !== undefined) return "started recorded";
  if (patch.sessionId !== undefined) return "session recorded";
  return patch.progress === undefined ? null : "progress recorded";
}
