import { readCursor, writeCursor } from "../../../core/forge-cursor.ts";
import type { Remark } from "../../../core/remark.ts";
import type { Feedback } from "../../../ports/forge.ts";
import type { Answer } from "../http.ts";
import { authorOf, makeNewsReader, type NewsReader, withMembers } from "../remarks.ts";
import { stateOf } from "./pulls.ts";
import { type Gitea, ownName, readRepository } from "./repository.ts";
import {
  type Comment,
  COMMENTS,
  LINE_COMMENTS,
  type LineComment,
  NOTHING,
  PERMISSION,
  PULL,
  type Review,
  REVIEWS,
  type Status,
  STATUSES,
} from "./shapes.ts";

const PAGE_LENGTH = 50;
const WRITING = new Set(["owner", "admin", "write"]);
const FAILED = new Set(["failure", "error"]);

/** What was said about a pull request since the cursor. */
export async function readFeedback(
  gitea: Gitea,
  number: number,
  cursor: string | null,
  signal: AbortSignal,
): Promise<Feedback> {
  const { client, at } = gitea;
  const what = `show the pull request ${number}`;
  const asked = { method: "GET", path: `${at}/pulls/${number}`, what, signal } as const;
  const pull = await client.must(PULL, asked);
  const reader = makeNewsReader(client, readCursor(cursor).lists);
  const comments = await readComments(gitea, reader, number, signal);
  const reviews = await readReviews(gitea, reader, number, signal);
  const lines = await readLines(gitea, number, reviews, signal);
  const statuses = await readStatuses(gitea, reader, pull.head.sha, signal);
  const isAnything = comments.length + reviews.length > 0;
  const own = isAnything ? await ownName(gitea, signal) : null;
  const said = [
    ...comments.map((each) => remarkOfComment(each, own)),
    ...reviews.map((each) => remarkOfReview(each, own)),
    ...lines.map((each) => remarkOfLine(each, own)),
    ...statuses.map(remarkOfStatus),
  ].filter((remark) => remark !== null);
  const remarks = await withMembers(said, (author) => isMember(gitea, author, signal));
  const state = stateOf(pull);
  const place = { etag: null, state, head: pull.head.sha };
  return { remarks, state, cursor: writeCursor({ pull: place, lists: reader.places }) };
}

/** All comments come at once. */
function readComments(
  { client, at }: Gitea,
  reader: NewsReader,
  number: number,
  signal: AbortSignal,
): Promise<readonly Comment[]> {
  const what = "list comments";
  return reader.read({
    name: "comments",
    what,
    pageLength: Infinity,
    ask: (_page, etag) =>
      client.ask(COMMENTS, {
        method: "GET",
        path: `${at}/issues/${number}/comments`,
        etag,
        what,
        signal,
      }),
    idOf: ({ id }) => String(id),
  });
}

function readReviews(
  { client, at }: Gitea,
  reader: NewsReader,
  number: number,
  signal: AbortSignal,
): Promise<readonly Review[]> {
  const what = "list reviews";
  return reader.read({
    name: "reviews",
    what,
    pageLength: PAGE_LENGTH,
    ask: (page, etag) =>
      client.ask(REVIEWS, {
        method: "GET",
        path: `${at}/pulls/${number}/reviews`,
        query: { page: String(page), limit: String(PAGE_LENGTH) },
        etag,
        what,
        signal,
      }),
    // A review that is not sent yet comes again with another state.
    idOf: ({ id, state }) => `${id} ${state}`,
  });
}

/** The comments on lines of reviews that are new. */
async function readLines(
  { client, at }: Gitea,
  number: number,
  reviews: readonly Review[],
  signal: AbortSignal,
): Promise<readonly LineComment[]> {
  const lines: LineComment[] = [];
  for (const { id, state, comments_count: count } of reviews) {
    if (state === "PENDING" || count === 0) continue;
    const found = await client.must(LINE_COMMENTS, {
      method: "GET",
      path: `${at}/pulls/${number}/reviews/${id}/comments`,
      what: "list comments on lines",
      signal,
    });
    lines.push(...found);
  }
  return lines;
}

function readStatuses(
  { client, at }: Gitea,
  reader: NewsReader,
  head: string,
  signal: AbortSignal,
): Promise<readonly Status[]> {
  const what = "list statuses";
  return reader.read({
    name: `statuses ${head}`,
    what,
    pageLength: PAGE_LENGTH,
    ask: (page, etag): Promise<Answer<readonly Status[]>> =>
      client.ask(STATUSES, {
        method: "GET",
        path: `${at}/commits/${head}/statuses`,
        query: { page: String(page), limit: String(PAGE_LENGTH) },
        etag,
        what,
        signal,
      }),
    idOf: ({ id }) => String(id),
  });
}

function remarkOfComment(comment: Comment, own: string | null): Remark {
  return {
    id: `comment/${comment.id}`,
    kind: "comment",
    ...authorOf(comment.user?.login ?? "ghost", comment.body, own),
    isFromMember: false,
    isFailure: false,
    text: comment.body,
    place: null,
    url: comment.html_url,
    at: Date.parse(comment.created_at) || 0,
  };
}

function remarkOfLine(comment: LineComment, own: string | null): Remark {
  const { id, path, position } = comment;
  const place = position === null || position === 0 ? path : `${path}:${position}`;
  return { ...remarkOfComment(comment, own), id: `line/${id}`, kind: "review", place };
}

/** Null when it says nothing, is not sent yet or only asks for a review. */
function remarkOfReview(review: Review, own: string | null): Remark | null {
  const body = review.body ?? "";
  const isSilent = review.state === "COMMENT" && body === "";
  if (isSilent || review.state === "PENDING" || review.state === "REQUEST_REVIEW") return null;
  const isFailure = review.state === "REQUEST_CHANGES";
  const word = { APPROVED: "Approved.", REQUEST_CHANGES: "Changes requested." }[review.state];
  return {
    id: `review/${review.id}`,
    kind: "review",
    ...authorOf(review.user?.login ?? "ghost", body, own),
    isFromMember: false,
    isFailure,
    text: [word, body].filter((part) => part !== undefined && part !== "").join("\n\n"),
    place: null,
    url: review.html_url,
    at: Date.parse(review.submitted_at ?? "") || 0,
  };
}

function remarkOfStatus(status: Status): Remark | null {
  if (status.status === "pending") return null;
  const more = status.description ?? "";
  return {
    id: `status/${status.id}`,
    kind: "check",
    author: status.context,
    isOurs: false,
    isFromMember: false,
    isFailure: FAILED.has(status.status),
    text: `${status.context}: ${status.status}${more === "" ? "" : `\n\n${more}`}`,
    place: null,
    url: status.target_url,
    at: Date.parse(status.created_at) || 0,
  };
}

/** Only administrators may ask for rights; for others being a collaborator is enough. */
async function isMember(gitea: Gitea, author: string, signal: AbortSignal): Promise<boolean> {
  const { client, at } = gitea;
  const what = "say what somebody may do";
  const path = `${at}/collaborators/${encodeURIComponent(author)}`;
  const rights = await client.ask(PERMISSION, {
    method: "GET",
    path: `${path}/permission`,
    what,
    signal,
  });
  if (rights.type === "ok") return WRITING.has(rights.data.permission);
  const { owner } = await readRepository(gitea, signal);
  if (owner.login === author) return true;
  return (await client.ask(NOTHING, { method: "GET", path, what, signal })).type === "ok";
}
