import {
  filledText,
  listOf,
  maybe,
  number,
  objectOf,
  text,
  yes,
  type Shape,
} from "../../core/shape.ts";

// Of every answer only what is used; whatever else GitHub adds is none of our concern.

const user = maybe(objectOf<User>({ login: text, type: maybe(text) }));

/** An installation of a GitHub App. */
export const INSTALLATION: Shape<{ readonly id: number }> = objectOf({ id: number });

/** A token of an installation. */
export const INSTALLATION_TOKEN: Shape<{ readonly token: string; readonly expires_at: string }> =
  objectOf({ token: filledText, expires_at: text });

/** The App that we are. */
export const APP: Shape<{ readonly slug: string }> = objectOf({ slug: filledText });

/** The person whose token we use. */
export const USER: Shape<{ readonly login: string }> = objectOf({ login: filledText });

/** A repository. */
export interface Repository {
  readonly name: string;
  readonly full_name: string;
  readonly default_branch: string;
  readonly allow_squash_merge: boolean;
  readonly allow_merge_commit: boolean;
  readonly allow_rebase_merge: boolean;
}
/** A repository. */
export const REPOSITORY: Shape<Repository> = objectOf({
  name: filledText,
  full_name: filledText,
  default_branch: filledText,
  allow_squash_merge: yes,
  allow_merge_commit: yes,
  allow_rebase_merge: yes,
});

/** A branch. */
export const BRANCH: Shape<{ readonly protected: boolean }> = objectOf({ protected: yes });

/** A rule for a branch; the parameters of the pattern of a name. */
export interface Rule {
  readonly type: string;
  readonly parameters: {
    readonly operator: string | null;
    readonly pattern: string | null;
    readonly negate: boolean;
  } | null;
}
/** Rules that hold for a branch. */
export const RULES: Shape<readonly Rule[]> = listOf(
  objectOf({
    type: text,
    parameters: maybe(objectOf({ operator: maybe(text), pattern: maybe(text), negate: yes })),
  }),
);

/** A pull request, alone or in a list. */
export interface Pull {
  readonly number: number;
  readonly html_url: string;
  readonly state: string;
  readonly title: string;
  readonly body: string | null;
  readonly merged_at: string | null;
  readonly merge_commit_sha: string | null;
  readonly head: {
    readonly ref: string;
    readonly sha: string;
    readonly repo: { readonly full_name: string } | null;
  };
  readonly base: { readonly ref: string; readonly repo: { readonly full_name: string } };
}
/** A pull request. */
export const PULL: Shape<Pull> = objectOf({
  number: number,
  html_url: text,
  state: text,
  title: text,
  body: maybe(text),
  merged_at: maybe(text),
  merge_commit_sha: maybe(text),
  head: objectOf({
    ref: text,
    sha: text,
    repo: maybe(objectOf({ full_name: text })),
  }),
  base: objectOf({ ref: text, repo: objectOf({ full_name: text }) }),
});
/** Pull requests. */
export const PULLS: Shape<readonly Pull[]> = listOf(PULL);

/** What came of a merge. */
export const MERGE: Shape<{ readonly sha: string }> = objectOf({ sha: filledText });

/** Somebody who wrote; `type` tells people from programs. */
export interface User {
  readonly login: string;
  readonly type: string | null;
}

/** A comment on a pull request as a whole. */
export interface Comment {
  readonly id: number;
  readonly body: string | null;
  readonly user: User | null;
  readonly html_url: string | null;
  readonly created_at: string;
}
const comment = { id: number, body: maybe(text), user, html_url: maybe(text), created_at: text };
/** A comment on a pull request as a whole. */
export const COMMENT: Shape<Comment> = objectOf(comment);
/** Comments. */
export const COMMENTS: Shape<readonly Comment[]> = listOf(COMMENT);

/** A comment on a line. */
export interface ReviewComment extends Comment {
  readonly path: string;
  readonly line: number | null;
  readonly original_line: number | null;
}
/** A comment on a line. */
export const REVIEW_COMMENT: Shape<ReviewComment> = objectOf({
  ...comment,
  path: text,
  line: maybe(number),
  original_line: maybe(number),
});
/** Comments on lines. */
export const REVIEW_COMMENTS: Shape<readonly ReviewComment[]> = listOf(REVIEW_COMMENT);

/** A review. */
export interface Review {
  readonly id: number;
  readonly body: string | null;
  readonly user: User | null;
  readonly state: string;
  readonly html_url: string | null;
  readonly submitted_at: string | null;
}
/** A review. */
export const REVIEW: Shape<Review> = objectOf({
  id: number,
  body: maybe(text),
  user,
  state: text,
  html_url: maybe(text),
  submitted_at: maybe(text),
});
/** Reviews. */
export const REVIEWS: Shape<readonly Review[]> = listOf(REVIEW);

/** A check run. */
export interface CheckRun {
  readonly id: number;
  readonly name: string;
  readonly status: string;
  readonly conclusion: string | null;
  readonly completed_at: string | null;
  readonly html_url: string | null;
  readonly app: { readonly name: string | null; readonly slug: string | null } | null;
  readonly output: { readonly title: string | null; readonly summary: string | null } | null;
}
/** A check run. */
export const CHECK_RUN: Shape<CheckRun> = objectOf({
  id: number,
  name: text,
  status: text,
  conclusion: maybe(text),
  completed_at: maybe(text),
  html_url: maybe(text),
  app: maybe(objectOf({ name: maybe(text), slug: maybe(text) })),
  output: maybe(objectOf({ title: maybe(text), summary: maybe(text) })),
});
/** Check runs of a commit. */
export const CHECK_RUNS: Shape<{ readonly check_runs: readonly CheckRun[] }> = objectOf({
  check_runs: listOf(CHECK_RUN),
});

/** A status that somebody set for a commit. */
export interface Status {
  readonly id: number;
  readonly state: string;
  readonly context: string;
  readonly description: string | null;
  readonly target_url: string | null;
  readonly created_at: string;
}
/** A status that somebody set for a commit. */
export const STATUS: Shape<Status> = objectOf({
  id: number,
  state: text,
  context: text,
  description: maybe(text),
  target_url: maybe(text),
  created_at: text,
});
/** The newest status of each context. */
export const STATUSES: Shape<{ readonly statuses: readonly Status[] }> = objectOf({
  statuses: listOf(STATUS),
});

/** What somebody may do in a repository. */
export const PERMISSION: Shape<{ readonly permission: string }> = objectOf({ permission: text });
