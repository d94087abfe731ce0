import { z, type ZodType } from "zod";

// Of every answer only what is used.

const text = z.string();
const maybeText = z
  .string()
  .nullish()
  .transform((value) => value ?? null);
const maybeNumber = z
  .number()
  .nullish()
  .transform((value) => value ?? null);
const yes = z
  .boolean()
  .nullish()
  .transform((value) => value === true);
const user = z
  .object({ login: text })
  .nullish()
  .transform((value) => value ?? null);

/** A repository. */
export interface Repository {
  readonly default_branch: string;
  readonly owner: { readonly login: string };
  readonly allow_squash_merge: boolean;
  readonly allow_merge_commits: boolean;
  readonly allow_rebase: boolean;
}
/** A repository. */
export const REPOSITORY: ZodType<Repository> = z.object({
  default_branch: text.min(1),
  owner: z.object({ login: text }),
  allow_squash_merge: yes,
  allow_merge_commits: yes,
  allow_rebase: yes,
});

/** A branch. */
export const BRANCH: ZodType<{ readonly protected: boolean }> = z.object({ protected: yes });

/** A protection of branches; which of the two names it has depends on the version. */
export interface Protection {
  readonly rule_name: string | null;
  readonly branch_name: string | null;
  readonly enable_push: boolean;
  readonly require_signed_commits: boolean;
}
/** Protections of branches. */
export const PROTECTIONS: ZodType<readonly Protection[]> = z.array(
  z.object({
    rule_name: maybeText,
    branch_name: maybeText,
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
export const PULL: ZodType<Pull> = z.object({
  number: z.number(),
  html_url: text,
  state: text,
  title: text,
  body: maybeText,
  merged: yes,
  merge_commit_sha: maybeText,
  head: z.object({ ref: text, sha: text, repo_id: maybeNumber }),
  base: z.object({ ref: text, repo_id: maybeNumber }),
});
/** Pull requests. */
export const PULLS: ZodType<readonly Pull[]> = z.array(PULL);

/** The answer that has nothing in it. */
export const NOTHING: ZodType<unknown> = z.unknown();

/** Somebody. */
export const USER: ZodType<{ readonly login: string }> = z.object({ login: text.min(1) });

/** A comment on a pull request as a whole. */
export interface Comment {
  readonly id: number;
  readonly body: string;
  readonly user: { readonly login: string } | null;
  readonly html_url: string | null;
  readonly created_at: string;
}
const comment = { id: z.number(), body: text, user, html_url: maybeText, created_at: text };
/** A comment on a pull request as a whole. */
export const COMMENT: ZodType<Comment> = z.object(comment);
/** Comments. */
export const COMMENTS: ZodType<readonly Comment[]> = z.array(COMMENT);

/** A comment on a line. */
export interface LineComment extends Comment {
  readonly path: string;
  /** Line in the new file; 0 when it is about one that was there before. */
  readonly position: number | null;
}
/** Comments on lines. */
export const LINE_COMMENTS: ZodType<readonly LineComment[]> = z.array(
  z.object({ ...comment, path: text, position: maybeNumber }),
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
export const REVIEWS: ZodType<readonly Review[]> = z.array(
  z.object({
    id: z.number(),
    body: maybeText,
    user,
    state: text,
    html_url: maybeText,
    submitted_at: maybeText,
    comments_count: maybeNumber,
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
export const STATUSES: ZodType<readonly Status[]> = z.array(
  z.object({
    id: z.number(),
    status: text,
    context: text,
    description: maybeText,
    target_url: maybeText,
    created_at: text,
  }),
);

/** What somebody may do. */
export const PERMISSION: ZodType<{ readonly permission: string }> = z.object({ permission: text });
