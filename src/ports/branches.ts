import type { Project } from "../core/project.ts";
import type { Instant } from "../core/task.ts";
import type { Kept } from "./workspaces.ts";

/** The branch that a project's results are meant for, as it is now. */
export interface BaseBranch {
  /** Null when no branch is checked out there: results have nowhere to land. */
  readonly name: string | null;
  readonly commit: string;
}

/** A state as it is on top of a base. */
export interface Fitted extends Pick<Kept, "changed" | "insertions" | "deletions"> {
  readonly base: string;
  readonly commit: string;
}

/** How a state fits on a base that moved on. */
export type Fit =
  | ({ readonly type: "fits" } & Fitted)
  | {
      readonly type: "conflict";
      readonly base: string;
      /** Files that both changed, and the two versions as git marks them, cut. */
      readonly paths: readonly string[];
      readonly hunks: string;
    }
  /** The base has no history in common with what the work began from. */
  | { readonly type: "unrelated"; readonly base: string };

/** A commit that leaves the house. */
export interface ResultCommit {
  readonly taskId: number;
  /** Commit whose files it has. */
  readonly files: string;
  /** Commits that it follows, the base first. */
  readonly parents: readonly string[];
  readonly message: string;
  readonly at: Instant;
}

/** What is sent, and what may stand where it goes. */
export interface PushSpec {
  readonly branch: string;
  /** Null: the branch is removed. */
  readonly commit: string | null;
  /** Commits that we sent there before or meant to: only these are ever replaced. */
  readonly ours: readonly string[];
}

/** What came of sending a branch. */
export type Pushed =
  | { readonly type: "pushed" }
  /** It had been sent before. */
  | { readonly type: "there" }
  /** `protected` and `rules` are the other side's; `taken`: commits of somebody else are there. */
  | {
      readonly type: "refused";
      readonly reason: "protected" | "rules" | "taken" | "unauthorized" | "unwritable";
      readonly message: string;
    }
  | { readonly type: "unreachable"; readonly message: string };

/** What came of moving a base branch. */
export type LandedLocally =
  | { readonly type: "landed" | "there"; readonly commit: string }
  | { readonly type: "refused"; readonly message: string };

/** What a thought left, for the branch of thoughts. */
export interface ThoughtSpec {
  readonly taskId: number;
  /** Folder in the branch. */
  readonly folder: string;
  /** Commit with the thought's files. */
  readonly commit: string;
  /** What the agent said at the end; becomes a file. */
  readonly summary: string;
  readonly message: string;
  readonly at: Instant;
}

/** Branches of projects: what results are made into, where they go, and what meets them there. */
export interface Branches {
  /** Fetches the project and tells its base branch; throws WorkspaceUnavailable. */
  readonly base: (project: Project, signal: AbortSignal) => Promise<BaseBranch>;
  /** The bytes of a file in a commit; null when there is none or it is larger than `maxBytes`. */
  readonly fileAt: (
    project: Project,
    commit: string,
    path: string,
    maxBytes: number,
  ) => Promise<Uint8Array | null>;
  /** Puts a state, a child of what it began from, on top of `onto`. */
  readonly fit: (
    project: Project,
    state: { readonly taskId: number; readonly commit: string; readonly message: string },
    onto: string,
    signal: AbortSignal,
  ) => Promise<Fit>;
  /**
   * Gives the task a fresh folder on `base` with its state merged in and conflicts marked in the
   * files; the old folder is kept and goes to the trash.
   */
  readonly openConflict: (
    project: Project,
    state: { readonly taskId: number; readonly commit: string },
    base: string,
    signal: AbortSignal,
  ) => Promise<void>;
  /**
   * Which files of the conflict that the task's folder was opened with are still marked in a state;
   * none when there was no conflict. Forgets it once none is.
   */
  readonly settleConflict: (
    project: Project,
    state: { readonly taskId: number; readonly commit: string },
    signal: AbortSignal,
  ) => Promise<readonly string[]>;
  /** Merges two commits into one of ours that leads to both; null when they collide. */
  readonly merge: (
    project: Project,
    into: string,
    other: string,
    signal: AbortSignal,
  ) => Promise<string | null>;
  /** True when `commit` is in the history of `tip`. */
  readonly isIn: (project: Project, commit: string, tip: string) => Promise<boolean>;
  /** Makes the commit, signed where that is configured, and keeps it from being forgotten. */
  readonly commit: (project: Project, spec: ResultCommit, signal: AbortSignal) => Promise<string>;
  /** The difference as text, as it is scanned and shown; cut at `maxBytes`. */
  readonly difference: (
    project: Project,
    from: string,
    to: string,
    maxBytes: number,
  ) => Promise<string>;
  readonly push: (project: Project, spec: PushSpec, signal: AbortSignal) => Promise<Pushed>;
  /** Moves the base branch of a repository on this machine, only if it still is at `expected`. */
  readonly landLocally: (
    project: Project,
    move: { readonly branch: string; readonly expected: string; readonly commit: string },
    signal: AbortSignal,
  ) => Promise<LandedLocally>;
  /** Puts a thought on the branch of thoughts, once; answers the commit. */
  readonly addThought: (spec: ThoughtSpec, signal: AbortSignal) => Promise<string>;
}
