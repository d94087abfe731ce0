import type { Shape } from "../../core/shape.ts";
import {
  type FeedbackPlace,
  type ListPlace,
  type Page,
  readCursor,
  readNews,
  writeCursor,
} from "../../core/forge-cursor.ts";
import type { Remark } from "../../core/remark.ts";
import type { Feedback } from "../../ports/forge.ts";
import type { Log } from "../../ports/log.ts";
import type { GitHubClient } from "./client.ts";
import { stateOf } from "./pulls.ts";
import {
  isPerson,
  type People,
  remarkOfCheckRun,
  remarkOfComment,
  remarkOfReview,
  remarkOfReviewComment,
  remarkOfStatus,
} from "./remarks.ts";
import {
  CHECK_RUNS,
  COMMENTS,
  PERMISSION,
  PULL,
  REVIEW_COMMENTS,
  REVIEWS,
  STATUSES,
  type User,
} from "./shapes.ts";

const PAGE_LENGTH = 100;
const WRITING = new Set(["admin", "maintain", "write"]);

/** Reads what is new about one pull request. */
export interface FeedbackReader {
  readonly client: GitHubClient;
  /** True when we write under the name of a person. */
  readonly isShared: boolean;
  readonly log: Log;
}

/** What was said about a pull request since the cursor; what is as it was costs nothing of the limit. */
export async function readFeedback(
  reader: FeedbackReader,
  number: number,
  cursor: string | null,
  signal: AbortSignal,
): Promise<Feedback> {
  const before = readCursor(cursor);
  const pull = await readPullPlace(reader.client, number, before.pull, signal);
  const lists: Record<string, ListPlace> = {};

  /** What is new in one list, which is named so that another head has lists of its own. */
  async function newIn<T extends { readonly id: number }, A>(
    list: List<T, A>,
  ): Promise<readonly T[]> {
    const known = before.lists[list.name];
    const { news, place } = await readNews(
      known,
      (page, etag) => readPage(reader, list, { page, etag, number, ref: pull.head, signal }),
      list.idOf,
    );
    lists[list.name] = place;
    return news;
  }

  const comments = await newIn({ ...LISTS.comments, idOf });
  const lines = await newIn({ ...LISTS.lines, idOf });
  // A review that is not sent yet is not seen: it would not come again.
  const reviews = await newIn({
    ...LISTS.reviews,
    idOf: ({ id, state }) => (state === "PENDING" ? "" : String(id)),
  });
  const runs = await newIn({
    ...LISTS.runs,
    name: `runs ${pull.head}`,
    idOf: ({ id, status, completed_at: at }) => `${id} ${status} ${at ?? ""}`,
  });
  const statuses = await newIn({ ...LISTS.statuses, name: `statuses ${pull.head}`, idOf });

  const users = [...comments, ...lines, ...reviews].map(({ user }) => user);
  const people = await peopleAmong(reader, users.filter(isPerson), signal);
  const remarks = [
    ...comments.map((each) => remarkOfComment(each, people)),
    ...lines.map((each) => remarkOfReviewComment(each, people)),
    ...reviews.map((each) => remarkOfReview(each, people)),
    ...runs.map(remarkOfCheckRun),
    ...statuses.map(remarkOfStatus),
  ].filter((remark) => remark !== null);
  return {
    remarks: remarks.toSorted((a: Remark, b: Remark) => a.at - b.at),
    state: pull.state,
    cursor: writeCursor({ pull, lists }),
  };
}

type PullPlace = NonNullable<FeedbackPlace["pull"]>;

async function readPullPlace(
  client: GitHubClient,
  number: number,
  before: PullPlace | null,
  signal: AbortSignal,
): Promise<PullPlace> {
  const what = `show the pull request ${number}`;
  const answer = await client.ask(PULL, {
    route: "GET /repos/{owner}/{repo}/pulls/{pull_number}",
    parameters: { pull_number: number },
    etag: before?.etag ?? null,
    what,
    signal,
  });
  if (answer.type === "refused") throw client.fail(answer, what);
  if (answer.type === "ok") {
    return { etag: answer.etag, state: stateOf(answer.data), head: answer.data.head.sha };
  }
  // It is only as it was when it was read before.
  return before as PullPlace;
}

function idOf({ id }: { readonly id: number }): string {
  return String(id);
}

interface List<T, A> {
  readonly name: string;
  readonly route: string;
  readonly shape: Shape<A>;
  readonly itemsOf: (answer: A) => readonly T[];
  readonly idOf: (item: T) => string;
  readonly what: string;
  /** True for what some tokens may not see. */
  readonly mayBeHidden: boolean;
}

function listOf<T, A>(list: Omit<List<T, A>, "idOf">): Omit<List<T, A>, "idOf"> {
  return list;
}

const LISTS = {
  comments: listOf({
    name: "comments",
    route: "GET /repos/{owner}/{repo}/issues/{number}/comments",
    shape: COMMENTS,
    itemsOf: (answer) => answer,
    what: "list comments",
    mayBeHidden: false,
  }),
  lines: listOf({
    name: "lines",
    route: "GET /repos/{owner}/{repo}/pulls/{number}/comments",
    shape: REVIEW_COMMENTS,
    itemsOf: (answer) => answer,
    what: "list comments on lines",
    mayBeHidden: false,
  }),
  reviews: listOf({
    name: "reviews",
    route: "GET /repos/{owner}/{repo}/pulls/{number}/reviews",
    shape: REVIEWS,
    itemsOf: (answer) => answer,
    what: "list reviews",
    mayBeHidden: false,
  }),
  runs: listOf({
    name: "runs",
    route: "GET /repos/{owner}/{repo}/commits/{ref}/check-runs",
    shape: CHECK_RUNS,
    itemsOf: ({ check_runs: runs }) => runs,
    what: "list check runs",
    mayBeHidden: true,
  }),
  statuses: listOf({
    name: "statuses",
    route: "GET /repos/{owner}/{repo}/commits/{ref}/status",
    shape: STATUSES,
    itemsOf: ({ statuses }) => statuses,
    what: "list statuses",
    mayBeHidden: true,
  }),
};

interface PageAsk {
  readonly page: number;
  readonly etag: string | null;
  readonly number: number;
  readonly ref: string;
  readonly signal: AbortSignal;
}

async function readPage<T, A>(
  { client, log }: FeedbackReader,
  { route, shape, itemsOf, what, mayBeHidden }: List<T, A>,
  { page, etag, number, ref, signal }: PageAsk,
): Promise<Page<T> | null> {
  const answer = await client.ask(shape, {
    route,
    parameters: { number, ref, page, per_page: PAGE_LENGTH },
    etag,
    what,
    signal,
  });
  if (answer.type === "unchanged") return null;
  if (answer.type === "ok") {
    const items = itemsOf(answer.data);
    return { items, etag: answer.etag, isLast: items.length < PAGE_LENGTH };
  }
  if (!mayBeHidden || ![403, 404].includes(answer.status)) throw client.fail(answer, what);
  log.debug("GitHub does not show everything about a pull request", { what, number });
  return { items: [], etag: null, isLast: true };
}

/** Asks for each author once; who cannot be looked up is nobody's member. */
async function peopleAmong(
  { client, isShared }: FeedbackReader,
  users: readonly (User | null)[],
  signal: AbortSignal,
): Promise<People> {
  const ownLogin = await client.ownLogin(signal);
  const logins = new Set(users.flatMap((user) => (user === null ? [] : [user.login])));
  const members = new Set<string>();
  for (const login of logins) {
    const answer = await client.ask(PERMISSION, {
      route: "GET /repos/{owner}/{repo}/collaborators/{username}/permission",
      parameters: { username: login },
      what: "say what somebody may do",
      signal,
    });
    if (answer.type === "ok" && WRITING.has(answer.data.permission)) members.add(login);
  }
  return { ownLogin, isShared, members };
}
