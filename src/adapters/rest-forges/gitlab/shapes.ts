import { z, type ZodType } from "zod";

// Of every answer only what is used.

const text = z.string();
const maybeText = z
  .string()
  .nullish()
  .transform((value) => value ?? null);
const yes = z
  .boolean()
  .nullish()
  .transform((value) => value === true);

/** A project, which is a repository. */
export interface Project {
  readonly default_branch: string;
  readonly merge_method: string | null;
  readonly squash_option: string | null;
}
/** A project, which is a repository. */
export const PROJECT: ZodType<Project> = z.object({
  default_branch: text.min(1),
  merge_method: maybeText,
  squash_option: maybeText,
});

/** Branches, or patterns of their names, that are protected. */
export const PROTECTED_BRANCHES: ZodType<readonly { readonly name: string }[]> = z.array(
  z.object({ name: text }),
);

/** Rules for pushes. */
export const PUSH_RULE: ZodType<{ readonly reject_unsigned_commits: boolean }> = z.object({
  reject_unsigned_commits: yes,
});

/** A merge request. */
export interface MergeRequest {
  readonly iid: number;
  readonly web_url: string;
  readonly state: string;
  readonly title: string;
  readonly description: string | null;
  readonly sha: string;
  readonly source_branch: string;
  readonly target_branch: string;
  readonly source_project_id: number | null;
  readonly target_project_id: number | null;
  readonly merge_commit_sha: string | null;
  readonly squash_commit_sha: string | null;
}
const maybeNumber = z
  .number()
  .nullish()
  .transform((value) => value ?? null);
/** A merge request. */
export const MERGE_REQUEST: ZodType<MergeRequest> = z.object({
  iid: z.number(),
  web_url: text,
  state: text,
  title: text,
  description: maybeText,
  sha: text,
  source_branch: text,
  target_branch: text,
  source_project_id: maybeNumber,
  target_project_id: maybeNumber,
  merge_commit_sha: maybeText,
  squash_commit_sha: maybeText,
});
/** Merge requests. */
export const MERGE_REQUESTS: ZodType<readonly MergeRequest[]> = z.array(MERGE_REQUEST);

/** Somebody. */
export const USER: ZodType<{ readonly username: string }> = z.object({ username: text.min(1) });

/** Words on a merge request. */
export interface Note {
  readonly id: number;
  readonly body: string;
  readonly author: { readonly id: number; readonly username: string };
  readonly system: boolean;
  readonly created_at: string;
  readonly position: { readonly new_path: string | null; readonly new_line: number | null } | null;
}
/** Words on a merge request. */
export const NOTE: ZodType<Note> = z.object({
  id: z.number(),
  body: text,
  author: z.object({ id: z.number(), username: text }),
  system: yes,
  created_at: text,
  position: z
    .object({ new_path: maybeText, new_line: maybeNumber })
    .nullish()
    .transform((value) => value ?? null),
});
/** Notes. */
export const NOTES: ZodType<readonly Note[]> = z.array(NOTE);

/** A run of CI. */
export interface Pipeline {
  readonly id: number;
  readonly sha: string;
  readonly status: string;
  readonly web_url: string | null;
  readonly updated_at: string | null;
}
/** Runs of CI, newest first. */
export const PIPELINES: ZodType<readonly Pipeline[]> = z.array(
  z.object({
    id: z.number(),
    sha: text,
    status: text,
    web_url: maybeText,
    updated_at: maybeText,
  }),
);

/** Jobs of a run. */
export const JOBS: ZodType<readonly { readonly name: string }[]> = z.array(
  z.object({ name: text }),
);

/** What somebody may do: 30 and more may write. */
export const MEMBER: ZodType<{ readonly access_level: number }> = z.object({
  access_level: z.number(),
});
