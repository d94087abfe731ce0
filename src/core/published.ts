/** Results of effects, as they are stored (see store's effects), by kind. */
export interface PublishedCommit {
  readonly commit: string;
  /** Commit that it stands on. */
  readonly base: string;
  /** Branch that it is meant for; null for none. */
  readonly baseBranch: string | null;
  /** Branch that it is named by, whether it was sent or not. */
  readonly branch: string;
  /** Why it was not sent; null when it was to be. */
  readonly because: string | null;
}

/** A branch that was sent. */
export interface PublishedPush {
  readonly branch: string;
  readonly commit: string;
  /** Where a pull request can be opened by hand; null when that is not known. */
  readonly compareUrl: string | null;
}

/** A pull request that was opened. */
export interface PublishedPullRequest {
  readonly number: number;
  readonly url: string;
}

/** An effect as it is stored. */
export interface StoredEffect {
  readonly kind: string;
  readonly attempt: number;
  readonly result: string | null;
}

/** What has left with a task's newest result that left. */
export interface Publication {
  readonly commit: PublishedCommit | null;
  readonly push: PublishedPush | null;
  readonly pullRequest: PublishedPullRequest | null;
}

/** Reads what has left from the effects of a task, oldest first: the newest of each kind counts. */
export function publicationOf(effects: readonly StoredEffect[]): Publication {
  const newest = (kind: string): unknown => {
    const found = effects.findLast((each) => each.kind === kind && each.result !== null);
    return JSON.parse(found?.result ?? "null");
  };
  return {
    commit: newest("commit") as PublishedCommit | null,
    push: newest("push") as PublishedPush | null,
    pullRequest: newest("pull-request") as PublishedPullRequest | null,
  };
}
