import type { Result } from "../../core/problem.ts";
import type { Preview } from "../../core/preview.ts";
import type { Task } from "../../core/task.ts";
import type { Artifacts } from "../../ports/artifacts.ts";
import type { Chance } from "../../ports/chance.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Log } from "../../ports/log.ts";
import type { Proving } from "../../ports/proof.ts";
import type { Publishing } from "../../ports/publishing.ts";
import type { Store } from "../../ports/store.ts";
import type { Workspaces } from "../../ports/workspaces.ts";
import type { AttemptLimits } from "../attempt.ts";
import { land } from "./land.ts";
import { preview } from "./preview.ts";
import { reject } from "./reject.ts";

/** What landing works with. */
export interface LandingParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly chance: Chance;
  readonly log: Log;
  readonly workspaces: Workspaces;
  readonly proving: Proving;
  readonly publishing: Publishing;
  readonly artifacts: Artifacts;
  readonly limits: AttemptLimits;
}

/** Who decides, and how what happens meanwhile is told. */
export interface LandingCall {
  readonly by: string;
  readonly signal: AbortSignal;
  /** Told of each thing that takes a while, in a few words. */
  readonly tell: (line: string) => void;
}

/** What people decide about results; may be called from any process, with a daemon or without. */
export interface Landings {
  /**
   * Puts a result on its base branch: the base is read anew, a moved one is fitted and checked again.
   * What is not verified lands with `anyway` only. Landed once, it is found landed.
   */
  readonly land: (
    id: number,
    call: LandingCall & { readonly anyway: boolean },
  ) => Promise<Result<Task>>;
  /** Closes the pull request, removes the branch, and notes that the result is not wanted; it stays kept. */
  readonly reject: (
    id: number,
    call: LandingCall & { readonly note: string | null },
  ) => Promise<Result<Task>>;
  /** Tries a project's verified results together; touches no branch. */
  readonly preview: (project: string, call: LandingCall) => Promise<Result<Preview>>;
}

/** Opens the decisions about results. */
export function openLandings(parts: LandingParts): Landings {
  return {
    land: (id, call) => land(parts, id, call),
    reject: (id, call) => reject(parts, id, call),
    preview: (project, call) => preview(parts, project, call),
  };
}
