import {
  listOf,
  filledText,
  maybe,
  number,
  objectOf,
  text,
  yes,
  type Shape,
} from "../../../core/shape.ts";

// Of every answer only what is used.

/** A project, which is a repository. */
export interface Project {
  readonly default_branch: string;
  readonly merge_method: string | null;
  readonly squash_option: string | null;
}
/** A project, which is a repository. */
export const PROJECT: Shape<Project> = objectOf({
  default_branch: filledText,
  merge_method: maybe(text),
  squash_option: maybe(text),
});

/** Branches, or patterns of their names, that are protected. */
export const PROTECTED_BRANCHES: Shape<readonly { readonly name: string }[]> = listOf(
  objectOf({ name: text }),
);

/** Rules for pushes. */
export const PUSH_RULE: Shape<{ readonly reject_unsigned_commits: boolean }> = objectOf({
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
/** A merge request. */
export const MERGE_REQUEST: Shape<MergeRequest> = objectOf({
  iid: number,
  web_url: text,
  state: text,
  title: text,
  description: maybe(text),
  sha: text,
  source_branch: text,
  target_branch: text,
  source_project_id: maybe(number),
  target_project_id: maybe(number),
  merge_commit_sha: maybe(text),
  squash_commit_sha: maybe(text),
});
/** Merge requests. */
export const MERGE_REQUESTS: Shape<readonly MergeRequest[]> = listOf(MERGE_REQUEST);

/** Somebody. */
export const USER: Shape<{ readonly username: string }> = objectOf({ username: filledText });

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
export const NOTE: Shape<Note> = objectOf({
  id: number,
  body: text,
  author: objectOf({ id: number, username: text }),
  system: yes,
  created_at: text,
  position: maybe(objectOf({ new_path: maybe(text), new_line: maybe(number) })),
});
/** Notes. */
export const NOTES: Shape<readonly Note[]> = listOf(NOTE);

/** A run of CI. */
export interface Pipeline {
  readonly id: number;
  readonly sha: string;
  readonly status: string;
  readonly web_url: string | null;
  readonly updated_at: string | null;
}
/** Runs of CI, newest first. */
export const PIPELINES: Shape<readonly Pipeline[]> = listOf(
  objectOf({
    id: number,
    sha: text,
    status: text,
    web_url: maybe(text),
    updated_at: maybe(text),
  }),
);

/** Jobs of a run. */
export const JOBS: Shape<readonly { readonly name: string }[]> = listOf(objectOf({ name: text }));

/** What somebody may do: 30 and more may write. */
export const MEMBER: Shape<{ readonly access_level: number }> = objectOf({
  access_level: number,
});
