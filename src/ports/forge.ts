import type { Remark } from "../core/remark.ts";
import type { Instant } from "../core/task.ts";

/** How git is let in by a forge over HTTPS. Never written to disk, to an argument or to a log. */
export interface GitCredential {
  /** Value of the `Authorization` header. */
  readonly authorization: string;
  /** When it ends; null when that is not known. */
  readonly expiresAt: Instant | null;
}

/** What a forge asks of a branch. */
export interface BranchRules {
  /** True when it may not be written but through a pull request; the default branch always. */
  readonly isProtected: boolean;
  readonly needsSignatures: boolean;
  /** Why a push to it would be refused, in words, such as a pattern for names; empty for nothing known. */
  readonly against: readonly string[];
}

/** A pull request; a merge request on GitLab. */
export interface PullRequest {
  readonly number: number;
  readonly url: string;
  readonly state: "open" | "merged" | "closed";
  /** Commit at its head as the forge knows it. */
  readonly head: string;
  /** Branch that it asks to be merged into. */
  readonly base: string;
}

/** A pull request to find again or to open. */
export interface PullRequestSpec {
  /** Stands hidden in the body and in nothing else: by it the pull request is found again. */
  readonly marker: string;
  /** Branch with the result, and the branch that it is meant for. */
  readonly head: string;
  readonly base: string;
  readonly title: string;
  /** Markdown, without the marker. */
  readonly body: string;
  /** One that is not meant to be merged yet. */
  readonly draft: boolean;
}

/** What came of asking a forge to merge. */
export type Merged =
  | { readonly type: "merged"; readonly commit: string }
  /** A rule, a missing review, a conflict or a moved head is in the way; `message` says which. */
  | { readonly type: "refused"; readonly message: string };

/** New remarks, and where to go on; hand `cursor` back unread. */
export interface Feedback {
  readonly remarks: readonly Remark[];
  readonly state: PullRequest["state"];
  readonly cursor: string;
}

/** One repository on a forge. Calls throw ForgeFailed and the signal's reason only. */
export interface Forge {
  readonly kind: "github" | "gitlab" | "gitea";
  /** Null when git is let in without one. `refused` did not let git in: another one, where there is one. */
  readonly credential: (
    signal: AbortSignal,
    refused?: GitCredential | null,
  ) => Promise<GitCredential | null>;
  readonly defaultBranch: (signal: AbortSignal) => Promise<string>;
  /** Rules for a branch, whether it is there or not. */
  readonly branchRules: (branch: string, signal: AbortSignal) => Promise<BranchRules>;
  /** Finds the pull request of ours or opens it; its text is brought up to `spec`. Never opens a second. */
  readonly findOrOpen: (spec: PullRequestSpec, signal: AbortSignal) => Promise<PullRequest>;
  readonly pullRequest: (number: number, signal: AbortSignal) => Promise<PullRequest>;
  /** Says something once: a comment with the same marker is found again. */
  readonly comment: (
    number: number,
    comment: { readonly marker: string; readonly text: string },
    signal: AbortSignal,
  ) => Promise<void>;
  /** Merges exactly the commit `head` and nothing newer. */
  readonly merge: (
    number: number,
    ask: { readonly head: string; readonly title: string },
    signal: AbortSignal,
  ) => Promise<Merged>;
  readonly close: (number: number, signal: AbortSignal) => Promise<void>;
  /** What was said since `cursor`; null for from the beginning. */
  readonly feedback: (
    number: number,
    cursor: string | null,
    signal: AbortSignal,
  ) => Promise<Feedback>;
}

/** A forge did not do what was asked; `message` says what to do. */
export class ForgeFailed extends Error {
  override readonly name = "ForgeFailed";
  readonly kind: "unauthorized" | "forbidden" | "not-found" | "refused" | "limited" | "unreachable";
  /** When to ask again; null when waiting alone does not help or the time is not known. */
  readonly retryAt: Instant | null;
  constructor(
    kind: ForgeFailed["kind"],
    message: string,
    options: ErrorOptions & { readonly retryAt?: Instant | null } = {},
  ) {
    super(message, options);
    this.kind = kind;
    this.retryAt = options.retryAt ?? null;
  }
}
