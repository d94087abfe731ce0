import { z, type ZodType } from "zod";

// Of every answer only what is used; whatever else GitHub adds is none of our concern.

const text = z.string();
const maybeText = z
  .string()
  .nullish()
  .transform((value) => value ?? null);
const maybeNumber = z
  .number()
  .nullish()
  .transform((value) => value ?? null);
const allowed = z
  .boolean()
  .nullish()
  .transform((value) => value === true);
const user = z
  .object({ login: text, type: maybeText })
  .nullish()
  .transform((value) => value ?? null);

/** An installation of a GitHub App. */
export const INSTALLATION: ZodType<{ readonly id: number }> = z.object({ id: z.number() });

/** A token of an installation. */
export const INSTALLATION_TOKEN: ZodType<{ readonly token: string; readonly expires_at: string }> =
  z.object({ token: text.min(1), expires_at: text });

/** The App that we are. */
export const APP: ZodType<{ readonly slug: string }> = z.object({ slug: text.min(1) });

/** The person whose token we use. */
export const USER: ZodType<{ readonly login: string }> = z.object({ login: text.min(1) });

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
export const REPOSITORY: ZodType<Repository> = z.object({
  name: text.min(1),
  full_name: text.regex(/^[^/]+\/[^/]+$/u),
  default_branch: text.min(1),
  allow_squash_merge: allowed,
  allow_merge_commit: allowed,
  allow_rebase_merge: allowed,
});

/** A branch. */
export const BRANCH: ZodType<{ readonly protected: boolean }> = z.object({ protected: allowed });

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
export const RULES: ZodType<readonly Rule[]> = z.array(
  z.object({
    type: text,
    parameters: z
      .object({ operator: maybeText, pattern: maybeText, negate: allowed })
      .nullish()
      .catch(null)
      .transform((value) => value ?? null),
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
export const PULL: ZodType<Pull> = z.object({
  number: z.number(),
  html_url: text,
  state: text,
  title: text,
  body: maybeText,
  merged_at: maybeText,
  merge_commit_sha: maybeText,
  head: z.object({
    ref: text,
    sha: text,
    repo: z
      .object({ full_name: text })
      .nullish()
      .transform((value) => value ?? null),
  }),
  base: z.object({ ref: text, repo: z.object({ full_name: text }) }),
});
/** Pull requests. */
export const PULLS: ZodType<readonly Pull[]> = z.array(PULL);

/** What came of a merge. */
export const MERGE: ZodType<{ readonly sha: string; readonly merged: true }> = z.object({
  sha: text,
  merged: z.literal(true),
});

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
const comment = { id: z.number(), body: maybeText, user, html_url: maybeText, created_at: text };
/** A comment on a pull request as a whole. */
export const COMMENT: ZodType<Comment> = z.object(comment);
/** Comments. */
export const COMMENTS: ZodType<readonly Comment[]> = z.array(COMMENT);

/** A comment on a line. */
export interface ReviewComment extends Comment {
  readonly path: string;
  readonly line: number | null;
  readonly original_line: number | null;
}
/** A comment on a line. */
export const REVIEW_COMMENT: ZodType<ReviewComment> = z.object({
  ...comment,
  path: text,
  line: maybeNumber,
  original_line: maybeNumber,
});
/** Comments on lines. */
export const REVIEW_COMMENTS: ZodType<readonly ReviewComment[]> = z.array(REVIEW_COMMENT);

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
export const REVIEW: ZodType<Review> = z.object({
  id: z.number(),
  body: maybeText,
  user,
  state: text,
  html_url: maybeText,
  submitted_at: maybeText,
});
/** Reviews. */
export const REVIEWS: ZodType<readonly Review[]> = z.array(REVIEW);

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
export const CHECK_RUN: ZodType<CheckRun> = z.object({
  id: z.number(),
  name: text,
  status: text,
  conclusion: maybeText,
  completed_at: maybeText,
  html_url: maybeText,
  app: z
    .object({ name: maybeText, slug: maybeText })
    .nullish()
    .transform((value) => value ?? null),
  output: z
    .object({ title: maybeText, summary: maybeText })
    .nullish()
    .transform((value) => value ?? null),
});
/** Check runs of a commit. */
export const CHECK_RUNS: ZodType<{ readonly check_runs: readonly CheckRun[] }> = z.object({
  check_runs: z.array(CHECK_RUN),
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
export const STATUS: ZodType<Status> = z.object({
  id: z.number(),
  state: text,
  context: text,
  description: maybeText,
  target_url: maybeText,
  created_at: text,
});
/** The newest status of each context. */
export const STATUSES: ZodType<{ readonly statuses: readonly Status[] }> = z.object({
  statuses: z.array(STATUS),
});

/** What somebody may do in a repository. */
export const PERMISSION: ZodType<{ readonly permission: string }> = z.object({ permission: text });
