import { hasMarker, onlyOnce, withMarker } from "../../core/forge-text.ts";
import type { GitHubClient } from "./client.ts";
import { type Comment, COMMENT, COMMENTS } from "./shapes.ts";

const PAGE_LENGTH = 100;
const ROUTE = "/repos/{owner}/{repo}/issues/{issue_number}/comments";

/** Says something about a pull request, unless it stands there already. */
export async function commentOnce(
  client: GitHubClient,
  number: number,
  { marker, text }: { readonly marker: string; readonly text: string },
  signal: AbortSignal,
): Promise<void> {
  await onlyOnce(
    () => findComment(client, number, marker, signal),
    () =>
      client.must(COMMENT, {
        route: `POST ${ROUTE}`,
        parameters: { issue_number: number, body: withMarker(text, marker) },
        what: "comment on a pull request",
        signal,
      }),
  );
}

async function findComment(
  client: GitHubClient,
  number: number,
  marker: string,
  signal: AbortSignal,
): Promise<Comment | null> {
  const ownLogin = await client.ownLogin(signal);
  for (let page = 1; ; page += 1) {
    const comments = await client.must(COMMENTS, {
      route: `GET ${ROUTE}`,
      parameters: { issue_number: number, page, per_page: PAGE_LENGTH },
      what: "list comments",
      signal,
    });
    const found = comments.find(
      ({ body, user }) =>
        hasMarker(body, marker) && (ownLogin === null || user?.login === ownLogin),
    );
    if (found !== undefined) return found;
    if (comments.length < PAGE_LENGTH) return null;
  }
}
