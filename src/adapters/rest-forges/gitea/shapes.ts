import {
  listOf,
  anything,
  filledText,
  maybe,
  number,
  objectOf,
  text,
  yes,
  type Shape,
} from "../../../core/shape.ts";

// Of every answer only what is used.

const user = maybe(objectOf<{ readonly login: string }>({ login: text }));

/** A repository. */
export interface Repository {
  readonly default_branch: string;
  readonly owner: { readonly login: string };
  readonly allow_squash_merge: boolean;
  readonly allow_merge_commits: boolean;
  readonly allow_rebase: boolean;
}
/** A repository. */
export const REPOSITORY: Shape<Repository> = objectOf({
  default_branch: filledText,
  owner: objectOf({ login: text }),
  allow_squash_merge: yes,
  allow_merge_commits: yes,
  allow_rebase: yes,
});

/** A branch. */
export const BRANCH: Shape<{ readonly protected: boolean }> = objectOf({ protected: yes });

/** A protection of branches; which of the two names it has depends on the version. */
export interface Protection {
  readonly rule_name: string | null;
  readonly branch_name: string | null;
  readonly enable_push: boolean;
  readonly require_signed_commits: boolean;
}
/** Protections of branches. */
export const PROTECTIONS: Shape<readonly Protection[]> = listOf(
  objectOf({
    rule_name: maybe(text),
    branch_name: maybe(text),
    enable_push: yes,
    require_signed_commits: yes,
  }),
);

/** A pull request. */
export interface Pull {
  readonly number: number;
  readonly html_url: string;
  readonly state: string;
  readonly title: string;
  readonly body: string | null;
  readonly merged: boolean;
  readonly merge_commit_sha: string | null;
  readonly head: { readonly ref: string; readonly sha: string; readonly repo_id: number | null };
  readonly base: { readonly ref: string; readonly repo_id: number | null };
}
/** A pull request. */
export const PULL: Shape<Pull> = objectOf({
  number: number,
  html_url: text,
  state: text,
  title: text,
  body: maybe(text),
  merged: yes,
  merge_commit_sha: maybe(text),
  head: objectOf({ ref: text, sha: text, repo_id: maybe(number) }),
  base: objectOf({ ref: text, repo_id: maybe(number) }),
});
/** Pull requests. */
export const PULLS: Shape<readonly Pull[]> = listOf(PULL);

/** The answer that has nothing in it. */
export const NOTHING: Shape<unknown> = anything;

/** Somebody. */
export const USER: Shape<{ readonly login: string }> = objectOf({ login: filledText });

/** A comment on a pull request as a whole. */
export interface Comment {
  readonly id: number;
  readonly body: string;
  readonly user: { readonly login: string } | null;
  readonly html_url: string | null;
  readonly created_at: string;
}
const comment = { id: number, body: text, user, html_url: maybe(text), created_at: text };
/** A comment on a pull request as a whole. */
export const COMMENT: Shape<Comment> = objectOf(comment);
/** Comments. */
export const COMMENTS: Shape<readonly Comment[]> = listOf(COMMENT);

/** A comment on a line. */
export interface LineComment extends Comment {
  readonly path: string;
  /** Line in the new file; 0 when it is about one that was there before. */
  readonly position: number | null;
}
/** Comments on lines. */
export const LINE_COMMENTS: Shape<readonly LineComment[]> = listOf(
  objectOf({ ...comment, path: text, position: maybe(number) }),
);

/** A review. */
export interface Review {
  readonly id: number;
  readonly body: string | null;
  readonly user: { readonly login: string } | null;
  readonly state: string;
  readonly html_url: string | null;
  readonly submitted_at: string | null;
  readonly comments_count: number | null;
}
/** Reviews. */
export const REVIEWS: Shape<readonly Review[]> = listOf(
  objectOf({
    id: number,
    body: maybe(text),
    user,
    state: text,
    html_url: maybe(text),
    submitted_at: maybe(text),
    comments_count: maybe(number),
  }),
);

/** A status of a commit. */
export interface Status {
  readonly id: number;
  readonly status: string;
  readonly context: string;
  readonly description: string | null;
  readonly target_url: string | null;
  readonly created_at: string;
}
/** Statuses of a commit. */
export const STATUSES: Shape<readonly Status[]> = listOf(
  objectOf({
    id: number,
    status: text,
    context: text,
    description: maybe(text),
    target_url: maybe(text),
    created_at: text,
  }),
);

/** What somebody may do. */
export const PERMISSION: Shape<{ readonly permission: string }> = objectOf({ permission: text });
