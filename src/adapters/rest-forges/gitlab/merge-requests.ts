import {
  hasMarker,
  isSameBody,
  onlyOnce,
  withMarker,
  withoutDraftWords,
} from "../../../core/forge-text.ts";
import {
  ForgeFailed,
  type Merged,
  type PullRequest,
  type PullRequestSpec,
} from "../../../ports/forge.ts";
import { type GitLab, ownName } from "./project.ts";
import {
  MERGE_REQUEST,
  MERGE_REQUESTS,
  type MergeRequest,
  NOTE,
  type Note,
  NOTES,
  PROJECT,
} from "./shapes.ts";

const PAGE_LENGTH = 100;

/** Finds the merge request of a task or opens it, and brings its text up to date. */
export async function findOrOpen(
  gitLab: GitLab,
  spec: PullRequestSpec,
  signal: AbortSignal,
): Promise<PullRequest> {
  const { client, project } = gitLab;
  const description = withMarker(spec.body, spec.marker);
  const title = `${spec.draft ? "Draft: " : ""}${withoutDraftWords(spec.title)}`;
  const { value } = await onlyOnce(
    () => findMergeRequest(gitLab, spec, signal),
    () =>
      client.must(MERGE_REQUEST, {
        method: "POST",
        path: `${project}/merge_requests`,
        body: { source_branch: spec.head, target_branch: spec.base, title, description },
        what: `open a merge request from ${spec.head} to ${spec.base}`,
        signal,
      }),
  );
  const isOurs = hasMarker(value.description, spec.marker);
  const isCurrent = value.title === title && isSameBody(value.description, description);
  if (value.state !== "opened" || !isOurs || isCurrent) return pullRequestOf(value);
  const changed = await client.must(MERGE_REQUEST, {
    method: "PUT",
    path: `${project}/merge_requests/${value.iid}`,
    body: { title, description },
    what: "change the text of a merge request",
    signal,
  });
  return pullRequestOf(changed);
}

/** Ours by its marker, an open one first; else an open one that stands where ours would. */
async function findMergeRequest(
  { client, project }: GitLab,
  { head, base, marker }: PullRequestSpec,
  signal: AbortSignal,
): Promise<MergeRequest | null> {
  const found = await client.must(MERGE_REQUESTS, {
    method: "GET",
    path: `${project}/merge_requests`,
    query: {
      state: "all",
      scope: "all",
      source_branch: head,
      order_by: "created_at",
      sort: "desc",
      per_page: String(PAGE_LENGTH),
    },
    what: "list merge requests",
    signal,
  });
  const here = found.filter(
    (each) => each.source_branch === head && each.source_project_id === each.target_project_id,
  );
  const ours = here.filter(({ description }) => hasMarker(description, marker));
  return (
    ours.find(({ state }) => state === "opened") ??
    ours[0] ??
    here.find(({ state, target_branch: target }) => state === "opened" && target === base) ??
    null
  );
}

/** The merge request as it is. */
export async function readMergeRequest(
  gitLab: GitLab,
  number: number,
  signal: AbortSignal,
): Promise<PullRequest> {
  return pullRequestOf(await askMergeRequest(gitLab, number, signal));
}

/** Closes a merge request; one that is closed or merged stays so. */
export async function closeMergeRequest(
  gitLab: GitLab,
  number: number,
  signal: AbortSignal,
): Promise<void> {
  const { state } = await askMergeRequest(gitLab, number, signal);
  if (state !== "opened") return;
  await gitLab.client.must(MERGE_REQUEST, {
    method: "PUT",
    path: `${gitLab.project}/merge_requests/${number}`,
    body: { state_event: "close" },
    what: "close a merge request",
    signal,
  });
}

/** Merges one commit. What came of it is looked up when the answer was lost. */
export async function mergeMergeRequest(
  gitLab: GitLab,
  number: number,
  { head, title }: { readonly head: string; readonly title: string },
  signal: AbortSignal,
): Promise<Merged> {
  const done = mergedOf(await askMergeRequest(gitLab, number, signal), head);
  if (done !== null) return done;
  const { client, project } = gitLab;
  const what = "merge a merge request";
  try {
    const settings = await client.must(PROJECT, { method: "GET", path: project, what, signal });
    const squash = settings.squash_option !== "never";
    const answer = await client.ask(MERGE_REQUEST, {
      method: "PUT",
      path: `${project}/merge_requests/${number}/merge`,
      body: { sha: head, squash, squash_commit_message: title, merge_commit_message: title },
      what,
      signal,
    });
    if (answer.type === "refused") throw refusalOf(client.fail(answer, what), answer.status);
  } catch (error) {
    signal.throwIfAborted();
    const after = await askMergeRequest(gitLab, number, signal).catch(() => null);
    const merged = after === null ? null : mergedOf(after, head);
    if (merged !== null) return merged;
    if (error instanceof ForgeFailed && error.kind === "refused") {
      return { type: "refused", message: error.message };
    }
    throw error;
  }
  const after = mergedOf(await askMergeRequest(gitLab, number, signal), head);
  return after ?? { type: "refused", message: "GitLab has not merged it yet; ask again." };
}

/** A merge that somebody else may make is refused, not forbidden: 401 is said for that. */
function refusalOf(failure: ForgeFailed, status: number): ForgeFailed {
  return status === 401 ? new ForgeFailed("refused", failure.message) : failure;
}

/** Null while it may be merged. */
function mergedOf(found: MergeRequest, head: string): Merged | null {
  if (found.sha !== head) {
    const message = `The merge request ${found.iid} has another head now, ${found.sha}; look at what was added.`;
    return { type: "refused", message };
  }
  if (found.state === "merged") {
    return { type: "merged", commit: found.merge_commit_sha ?? found.squash_commit_sha ?? head };
  }
  if (found.state !== "closed") return null;
  return {
    type: "refused",
    message: `The merge request ${found.iid} is closed; open it again first.`,
  };
}

/** Says something about a merge request, unless it stands there already. */
export async function commentOnce(
  gitLab: GitLab,
  number: number,
  { marker, text }: { readonly marker: string; readonly text: string },
  signal: AbortSignal,
): Promise<void> {
  await onlyOnce(
    () => findNote(gitLab, number, marker, signal),
    () =>
      gitLab.client.must(NOTE, {
        method: "POST",
        path: `${gitLab.project}/merge_requests/${number}/notes`,
        body: { body: withMarker(text, marker) },
        what: "comment on a merge request",
        signal,
      }),
  );
}

async function findNote(
  gitLab: GitLab,
  number: number,
  marker: string,
  signal: AbortSignal,
): Promise<Note | null> {
  const own = await ownName(gitLab, signal);
  for (let page = 1; ; page += 1) {
    const notes = await gitLab.client.must(NOTES, {
      method: "GET",
      path: `${gitLab.project}/merge_requests/${number}/notes`,
      query: { sort: "asc", order_by: "created_at", page: String(page), per_page: "100" },
      what: "list comments",
      signal,
    });
    const found = notes.find(
      ({ body, author }) => hasMarker(body, marker) && (own === null || author.username === own),
    );
    if (found !== undefined) return found;
    if (notes.length < PAGE_LENGTH) return null;
  }
}

function askMergeRequest(
  { client, project }: GitLab,
  number: number,
  signal: AbortSignal,
): Promise<MergeRequest> {
  return client.must(MERGE_REQUEST, {
    method: "GET",
    path: `${project}/merge_requests/${number}`,
    what: `show the merge request ${number}`,
    signal,
  });
}

function pullRequestOf(found: MergeRequest): PullRequest {
  const { iid: number, web_url: url, sha: head, target_branch: base } = found;
  return { number, url, state: stateOf(found.state), head, base };
}

/** Open, merged or closed; one that is being merged is open. */
export function stateOf(state: string): PullRequest["state"] {
  if (state === "merged") return "merged";
  return state === "closed" ? "closed" : "open";
}
