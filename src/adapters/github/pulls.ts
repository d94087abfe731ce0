import { hasMarker, isSameBody, onlyOnce, withMarker } from "../../core/forge-text.ts";
import {
  ForgeFailed,
  type Merged,
  type PullRequest,
  type PullRequestSpec,
} from "../../ports/forge.ts";
import type { GitHubClient } from "./client.ts";
import { MERGE, type Pull, PULL, PULLS } from "./shapes.ts";

const PULL_ROUTE = "/repos/{owner}/{repo}/pulls/{pull_number}";

/** Finds the pull request of a task or opens it, and brings its text up to date. */
export async function findOrOpen(
  client: GitHubClient,
  spec: PullRequestSpec,
  signal: AbortSignal,
): Promise<PullRequest> {
  const { title, head, base, draft } = spec;
  const body = withMarker(spec.body, spec.marker);
  const { value } = await onlyOnce(
    () => findPull(client, spec, signal),
    () =>
      client.must(PULL, {
        route: "POST /repos/{owner}/{repo}/pulls",
        parameters: { title, body, head, base, draft },
        what: `open a pull request from ${head} to ${base}`,
        signal,
      }),
  );
  const isOurs = hasMarker(value.body, spec.marker);
  const isCurrent = value.title === title && isSameBody(value.body, body);
  if (value.state !== "open" || !isOurs || isCurrent) return pullRequestOf(value);
  const changed = await client.must(PULL, {
    route: `PATCH ${PULL_ROUTE}`,
    parameters: { pull_number: value.number, title, body },
    what: "change the text of a pull request",
    signal,
  });
  return pullRequestOf(changed);
}

/** Ours by its marker, an open one first; else an open one that stands where ours would. */
async function findPull(
  client: GitHubClient,
  { head, base, marker }: PullRequestSpec,
  signal: AbortSignal,
): Promise<Pull | null> {
  const owner = await client.owner(signal);
  const found = await client.must(PULLS, {
    route: "GET /repos/{owner}/{repo}/pulls",
    parameters: {
      state: "all",
      head: `${owner}:${head}`,
      sort: "created",
      direction: "desc",
      per_page: 100,
    },
    what: "list pull requests",
    signal,
  });
  // A filter that GitHub cannot read means all, and one of a fork is not ours.
  const here = found.filter(
    (pull) => pull.head.ref === head && pull.head.repo?.full_name === pull.base.repo.full_name,
  );
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
  client: GitHubClient,
  number: number,
  signal: AbortSignal,
): Promise<PullRequest> {
  return pullRequestOf(await askPull(client, number, signal));
}

/** Closes a pull request; one that is closed stays so. */
export async function closePull(
  client: GitHubClient,
  number: number,
  signal: AbortSignal,
): Promise<void> {
  await client.must(PULL, {
    route: `PATCH ${PULL_ROUTE}`,
    parameters: { pull_number: number, state: "closed" },
    what: "close a pull request",
    signal,
  });
}

/** Merges one commit. What came of it is looked up when the answer was lost. */
export async function mergePull(
  client: GitHubClient,
  number: number,
  { head, title }: { readonly head: string; readonly title: string },
  signal: AbortSignal,
): Promise<Merged> {
  const before = await askPull(client, number, signal);
  const done = mergedOf(before, head);
  if (done !== null) return done;
  try {
    const method = await methodOf(client, signal);
    const { sha } = await client.must(MERGE, {
      route: `PUT ${PULL_ROUTE}/merge`,
      parameters: { pull_number: number, sha: head, commit_title: title, ...method },
      what: "merge a pull request",
      signal,
    });
    return { type: "merged", commit: sha };
  } catch (error) {
    signal.throwIfAborted();
    const after = await askPull(client, number, signal).catch(() => null);
    const merged = after === null ? null : mergedOf(after, head);
    if (merged !== null) return merged;
    if (error instanceof ForgeFailed && error.kind === "refused") {
      return { type: "refused", message: error.message };
    }
    throw error;
  }
}

/** Null while it may be merged. */
function mergedOf(pull: Pull, head: string): Merged | null {
  const { state, merge_commit_sha: commit, number } = pull;
  if (pull.head.sha !== head) {
    const message = `The pull request ${number} has another head now, ${pull.head.sha}; look at what was added.`;
    return { type: "refused", message };
  }
  if (stateOf(pull) === "merged") return { type: "merged", commit: commit ?? head };
  if (state === "open") return null;
  return { type: "refused", message: `The pull request ${number} is closed; open it again first.` };
}

/** The first of the ways that the repository allows; none named when it does not say. */
async function methodOf(
  client: GitHubClient,
  signal: AbortSignal,
): Promise<{ readonly merge_method?: string }> {
  const {
    allow_squash_merge: squash,
    allow_merge_commit: merge,
    allow_rebase_merge: rebase,
  } = await client.repository(signal);
  if (squash) return { merge_method: "squash" };
  if (merge) return { merge_method: "merge" };
  return rebase ? { merge_method: "rebase" } : {};
}

function askPull(client: GitHubClient, number: number, signal: AbortSignal): Promise<Pull> {
  return client.must(PULL, {
    route: `GET ${PULL_ROUTE}`,
    parameters: { pull_number: number },
    what: `show the pull request ${number}`,
    signal,
  });
}

function pullRequestOf(pull: Pull): PullRequest {
  const { number, html_url: url, head, base } = pull;
  return { number, url, state: stateOf(pull), head: head.sha, base: base.ref };
}

/** Open, merged or closed. */
export function stateOf({
  state,
  merged_at: mergedAt,
}: Pick<Pull, "state" | "merged_at">): PullRequest["state"] {
  if (state === "open") return "open";
  return mergedAt === null ? "closed" : "merged";
}
