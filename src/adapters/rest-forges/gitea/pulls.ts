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
import { type Gitea, ownName, readRepository } from "./repository.ts";
import { COMMENT, type Comment, COMMENTS, NOTHING, type Pull, PULL, PULLS } from "./shapes.ts";

/** What Gitea gives at most at once where nothing else is set. */
const PAGE_LENGTH = 50;
/** How many pages of pull requests are looked through, newest first. */
const PAGES_MAX = 20;

/** Finds the pull request of a task or opens it, and brings its text up to date. */
export async function findOrOpen(
  gitea: Gitea,
  spec: PullRequestSpec,
  signal: AbortSignal,
): Promise<PullRequest> {
  const { client, at } = gitea;
  const body = withMarker(spec.body, spec.marker);
  const title = `${spec.draft ? "WIP: " : ""}${withoutDraftWords(spec.title)}`;
  const { value } = await onlyOnce(
    () => findPull(gitea, spec, signal),
    () =>
      client.must(PULL, {
        method: "POST",
        path: `${at}/pulls`,
        body: { head: spec.head, base: spec.base, title, body },
        what: `open a pull request from ${spec.head} to ${spec.base}`,
        signal,
      }),
  );
  const isOurs = hasMarker(value.body, spec.marker);
  const isCurrent = value.title === title && isSameBody(value.body, body);
  if (value.state !== "open" || !isOurs || isCurrent) return pullRequestOf(value);
  const changed = await client.must(PULL, {
    method: "PATCH",
    path: `${at}/pulls/${value.number}`,
    body: { title, body },
    what: "change the text of a pull request",
    signal,
  });
  return pullRequestOf(changed);
}

/** Ours by its marker, an open one first; else an open one that stands where ours would. */
async function findPull(
  { client, at }: Gitea,
  { head, base, marker }: PullRequestSpec,
  signal: AbortSignal,
): Promise<Pull | null> {
  const here: Pull[] = [];
  // There is no filter by the branch.
  for (let page = 1; page <= PAGES_MAX; page += 1) {
    const found = await client.must(PULLS, {
      method: "GET",
      path: `${at}/pulls`,
      query: { state: "all", sort: "newest", page: String(page), limit: String(PAGE_LENGTH) },
      what: "list pull requests",
      signal,
    });
    here.push(
      ...found.filter((each) => each.head.ref === head && each.head.repo_id === each.base.repo_id),
    );
    const isFound = here.some(({ state, body }) => state === "open" && hasMarker(body, marker));
    // What is asked for may be more than the server gives at once.
    if (found.length === 0 || isFound) break;
  }
  const ours = here.filter(({ body }) => hasMarker(body, marker));
  return (
    ours.find(({ state }) => state === "open") ??
    ours[0] ??
    here.find((pull) => pull.state === "open" && pull.base.ref === base) ??
    null
  );
}

/** The pull request as it is. */
export async function readPull(
  gitea: Gitea,
  number: number,
  signal: AbortSignal,
): Promise<PullRequest> {
  return pullRequestOf(await askPull(gitea, number, signal));
}

/** Closes a pull request; one that is closed or merged stays so. */
export async function closePull(gitea: Gitea, number: number, signal: AbortSignal): Promise<void> {
  const { state } = await askPull(gitea, number, signal);
  if (state !== "open") return;
  await gitea.client.must(PULL, {
    method: "PATCH",
    path: `${gitea.at}/pulls/${number}`,
    body: { state: "closed" },
    what: "close a pull request",
    signal,
  });
}

/** Merges one commit. What came of it is looked up when the answer was lost. */
export async function mergePull(
  gitea: Gitea,
  number: number,
  { head, title }: { readonly head: string; readonly title: string },
  signal: AbortSignal,
): Promise<Merged> {
  const done = mergedOf(await askPull(gitea, number, signal), head);
  if (done !== null) return done;
  try {
    await gitea.client.must(NOTHING, {
      method: "POST",
      path: `${gitea.at}/pulls/${number}/merge`,
      body: { Do: await wayOf(gitea, signal), head_commit_id: head, MergeTitleField: title },
      what: "merge a pull request",
      signal,
    });
  } catch (error) {
    signal.throwIfAborted();
    const after = await askPull(gitea, number, signal).catch(() => null);
    const merged = after === null ? null : mergedOf(after, head);
    if (merged !== null) return merged;
    if (error instanceof ForgeFailed && error.kind === "refused") {
      return { type: "refused", message: error.message };
    }
    throw error;
  }
  const after = mergedOf(await askPull(gitea, number, signal), head);
  return after ?? { type: "refused", message: "Gitea has not merged it yet; ask again." };
}

/** The first of the ways that the repository allows. */
async function wayOf(gitea: Gitea, signal: AbortSignal): Promise<string> {
  const repository = await readRepository(gitea, signal);
  if (repository.allow_squash_merge) return "squash";
  return repository.allow_merge_commits || !repository.allow_rebase ? "merge" : "rebase";
}

/** Null while it may be merged. */
function mergedOf(pull: Pull, head: string): Merged | null {
  if (pull.head.sha !== head) {
    const message = `The pull request ${pull.number} has another head now, ${pull.head.sha}; look at what was added.`;
    return { type: "refused", message };
  }
  if (pull.merged) return { type: "merged", commit: pull.merge_commit_sha ?? head };
  if (pull.state === "open") return null;
  return {
    type: "refused",
    message: `The pull request ${pull.number} is closed; open it again first.`,
  };
}

/** Says something about a pull request, unless it stands there already. */
export async function commentOnce(
  gitea: Gitea,
  number: number,
  { marker, text }: { readonly marker: string; readonly text: string },
  signal: AbortSignal,
): Promise<void> {
  await onlyOnce(
    () => findComment(gitea, number, marker, signal),
    () =>
      gitea.client.must(COMMENT, {
        method: "POST",
        path: `${gitea.at}/issues/${number}/comments`,
        body: { body: withMarker(text, marker) },
        what: "comment on a pull request",
        signal,
      }),
  );
}

/** All comments come at once. */
async function findComment(
  gitea: Gitea,
  number: number,
  marker: string,
  signal: AbortSignal,
): Promise<Comment | null> {
  const own = await ownName(gitea, signal);
  const comments = await gitea.client.must(COMMENTS, {
    method: "GET",
    path: `${gitea.at}/issues/${number}/comments`,
    what: "list comments",
    signal,
  });
  const found = comments.find(
    ({ body, user }) => hasMarker(body, marker) && (own === null || user?.login === own),
  );
  return found ?? null;
}

function askPull({ client, at }: Gitea, number: number, signal: AbortSignal): Promise<Pull> {
  return client.must(PULL, {
    method: "GET",
    path: `${at}/pulls/${number}`,
    what: `show the pull request ${number}`,
    signal,
  });
}

function pullRequestOf(pull: Pull): PullRequest {
  const { number, html_url: url, head, base } = pull;
  return { number, url, state: stateOf(pull), head: head.sha, base: base.ref };
}

/** Open, merged or closed. */
export function stateOf({ state, merged }: Pick<Pull, "state" | "merged">): PullRequest["state"] {
  if (merged) return "merged";
  return state === "open" ? "open" : "closed";
}
