import type { FailureClass } from "../core/failure.ts";
import type { Project } from "../core/project.ts";
import type { Instant } from "../core/task.ts";

/** Where one task works. */
export interface Workspace {
  /** Absolute path of the folder. */
  readonly path: string;
  /** True when an earlier attempt's folder was found and goes on being used. */
  readonly reused: boolean;
  /** Folders elsewhere that it reads from, which must stay as they are; absent for none. */
  readonly needs?: readonly string[];
  /** The folders of the repository that were checked out; absent for all. */
  readonly folders?: readonly string[];
  /** Files in which it was made with two versions marked, not known to be resolved yet; absent for none. */
  readonly unresolved?: readonly string[];
}

/** What an attempt left in its workspace. */
export interface Kept {
  /** Changed files, relative, with `A`, `M` or `D`. */
  readonly changed: readonly { readonly status: "A" | "M" | "D"; readonly path: string }[];
  readonly insertions: number;
  readonly deletions: number;
  /** Commit under a private ref that holds the whole state. */
  readonly commit: string;
  /** The private ref, `refs/sleepless/keep/<task>/<attempt>`. */
  readonly ref: string;
  /** What could not be kept and stays in the workspace only; absent means nothing. */
  readonly leftOut?: readonly LeftOut[];
  /** What a person should know of before trusting it; absent means nothing. */
  readonly odd?: readonly OddEntry[];
}

/** A link that leads out of the tree, or a submodule that became plain files; stored, never followed. */
export interface OddEntry {
  readonly path: string;
  readonly what: "link" | "submodule";
}

/**
 * A file that is not part of the kept commit, or not even of what is kept beside it. Files that a
 * `.gitignore` excludes are told only when they could not be kept.
 */
export interface LeftOut {
  readonly path: string;
  readonly reason: "too-large" | "unreadable" | "unnamable" | "too-deep";
}

/**
 * A workspace could not be made, kept or found; `message` says what to do and `failure` how the
 * attempt ended. The only error that workspaces throw by design, besides the reason of an abort.
 */
export class WorkspaceUnavailable extends Error {
  override readonly name = "WorkspaceUnavailable";
  readonly failure: Extract<FailureClass, "config" | "crash" | "disk" | "overloaded">;
  constructor(failure: WorkspaceUnavailable["failure"], message: string, options?: ErrorOptions) {
    super(message, options);
    this.failure = failure;
  }
}

/** A clean folder with the files of a state. */
export interface CheckedOut {
  readonly path: string;
  /** Removes it, whatever was done in it. */
  readonly discard: () => Promise<void>;
}

/** What a kept state is, by its hashes. */
export interface StateHashes {
  readonly commit: string;
  readonly tree: string;
  /** The commit that it is compared with. */
  readonly base: string;
}

/** A state of a task's workspace that can be brought back. */
export interface KeptState {
  /** Its attempt; 0 is what was there when the folder was cleared away. */
  readonly attempt: number;
  readonly commit: string;
  readonly keptAt: Instant;
  readonly files: number;
  readonly bytes: number;
  /** Git's own state: in an archive, as it was made at the beginning, or not kept. */
  readonly gitState: "kept" | "as-made" | "not-kept";
  /** Files that could not be kept. */
  readonly lost: number;
  /** False when the attempt has a newer state. */
  readonly isCurrent: boolean;
  /** Its folder lies in the trash, whole. */
  readonly isInTrash: boolean;
}

/** Which state is to come back, and where to. */
export interface RestoreRequest {
  /** The number of an attempt, the beginning of a commit, or null for the newest. */
  readonly state: number | string | null;
  /** A new folder for the files alone; null: the task's own folder. */
  readonly into: string | null;
  /** A folder that is in the way may be kept and moved to the trash first. */
  readonly replace: boolean;
}

/** What came back. */
export interface Restored {
  readonly path: string;
  readonly attempt: number;
  readonly commit: string;
  readonly from: "trash" | "kept";
  /** `beside`: as an archive, at `gitStatePath`, because it may hold what an agent wrote to be run. */
  readonly gitState: "restored" | "made-anew" | "beside" | "not-kept";
  readonly gitStatePath: string | null;
  /** Files that had not been kept and are missing now. */
  readonly lost: number;
}

/** Why nothing was brought back. */
export type RestoreRefusal =
  | { readonly reason: "nothing-kept" | "no-such-state" }
  /** `no-parent`: the folder that it is to be made in is not there. */
  | { readonly reason: "in-the-way" | "no-parent"; readonly path: string };

/** The answer of a restore. */
export type RestoreAnswer =
  | { readonly ok: true; readonly restored: Restored }
  | { readonly ok: false; readonly refusal: RestoreRefusal };

/** Folders for tasks. Never runs anything under a configuration that an agent could have written. */
export interface Workspaces {
  /** The task's folder, made or found again. */
  readonly open: (
    taskId: number,
    project: Project | null,
    signal: AbortSignal,
  ) => Promise<Workspace>;
  /** Keeps the whole state under a private ref and tells what changed since the base. */
  readonly keep: (
    taskId: number,
    attempt: number,
    project: Project | null,
    signal: AbortSignal,
  ) => Promise<Kept>;
  /**
   * Keeps as the state of this attempt what an earlier one kept, whatever became of the folder since;
   * null when that is not there any more.
   */
  readonly takeUp: (
    taskId: number,
    attempts: { readonly from: number; readonly to: number },
    project: Project | null,
  ) => Promise<Kept | null>;
  /** The files of a commit in a folder of their own. */
  readonly checkOut: (
    taskId: number,
    project: Project,
    commit: string,
    signal: AbortSignal,
  ) => Promise<CheckedOut>;
  /** The hashes of a kept commit, whose parent is what it is compared with. */
  readonly hashesOf: (project: Project, commit: string) => Promise<StateHashes>;
  /** Ids of the tasks that have a folder. */
  readonly list: () => Promise<readonly number[]>;
  /** Moves the folder to the trash; what is in it and not kept yet is kept first. */
  readonly discard: (taskId: number) => Promise<void>;
  /** The diff of a kept state against its base, as text, cut at `maxBytes`. */
  readonly diff: (ref: string, project: Project | null, maxBytes: number) => Promise<string>;
  /** The states of a task that can be brought back, newest first. */
  readonly states: (taskId: number) => Promise<readonly KeptState[]>;
  /** Brings a state back as it was. The caller sees to it that the task does not run. */
  readonly restore: (
    taskId: number,
    request: RestoreRequest,
    signal: AbortSignal,
  ) => Promise<RestoreAnswer>;
}
