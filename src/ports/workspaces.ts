import type { FailureClass } from "../core/failure.ts";
import type { Project } from "../core/project.ts";

/** Where one task works. */
export interface Workspace {
  /** Absolute path of the folder. */
  readonly path: string;
  /** True when an earlier attempt's folder was found and goes on being used. */
  readonly reused: boolean;
  /** Folders elsewhere that it reads from, which must stay as they are; absent for none. */
  readonly needs?: readonly string[];
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

/** A file that is not part of the kept state. Files that a `.gitignore` excludes are not told. */
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
}
