import { isMarked } from "../../core/forge-text.ts";
import type { Remark } from "../../core/remark.ts";
import type { CheckRun, Comment, Review, ReviewComment, Status, User } from "./shapes.ts";

/** Who is who, to tell whose words a remark is. */
export interface People {
  /** The name under which we write; null when it is not known. */
  readonly ownLogin: string | null;
  /** True when the name is that of a person who also writes himself: then only marked words are ours. */
  readonly isShared: boolean;
  /** Who may write to the repository. */
  readonly members: ReadonlySet<string>;
}

const FAILED_CONCLUSIONS = new Set(["failure", "timed_out", "startup_failure", "action_required"]);
const FAILED_STATES = new Set(["failure", "error"]);

/** A comment on the whole, of an answer or of a webhook's `comment`. */
export function remarkOfComment(comment: Comment, people: People): Remark {
  return {
    id: `comment/${comment.id}`,
    kind: "comment",
    ...authorOf(comment.user, comment.body, people),
    isFailure: false,
    text: comment.body ?? "",
    place: null,
    url: comment.html_url,
    at: Date.parse(comment.created_at),
  };
}

/** A comment on a line. */
export function remarkOfReviewComment(comment: ReviewComment, people: People): Remark {
  const line = comment.line ?? comment.original_line;
  return {
    ...remarkOfComment(comment, people),
    id: `review-comment/${comment.id}`,
    kind: "review",
    place: line === null ? comment.path : `${comment.path}:${line}`,
  };
}

/** A review; null when it says nothing but that lines were commented, or is not sent yet. */
export function remarkOfReview(review: Review, people: People): Remark | null {
  const body = review.body ?? "";
  // Webhooks write it in small letters.
  const state = review.state.toUpperCase();
  if (state === "PENDING" || (state === "COMMENTED" && body === "")) return null;
  const word = REVIEW_WORDS[state];
  return {
    id: `review/${review.id}`,
    kind: "review",
    ...authorOf(review.user, review.body, people),
    isFailure: state === "CHANGES_REQUESTED",
    text: [word, body].filter((part) => part !== undefined && part !== "").join("\n\n"),
    place: null,
    url: review.html_url,
    at: Date.parse(review.submitted_at ?? "") || 0,
  };
}

const REVIEW_WORDS: Readonly<Record<string, string>> = {
  APPROVED: "Approved.",
  CHANGES_REQUESTED: "Changes requested.",
  DISMISSED: "Dismissed.",
};

/** A check run; null while it has not come to an end. */
export function remarkOfCheckRun(run: CheckRun): Remark | null {
  if (run.status !== "completed") return null;
  const conclusion = run.conclusion ?? "unknown";
  const { title, summary } = run.output ?? {};
  return {
    // A run may be done again and keep its number.
    id: `check/${run.id}/${run.completed_at ?? ""}`,
    kind: "check",
    author: run.app?.name ?? run.app?.slug ?? "GitHub",
    isOurs: false,
    isFromMember: false,
    isFailure: FAILED_CONCLUSIONS.has(conclusion),
    text: [`${run.name}: ${conclusion}`, title, summary]
      .filter((part) => typeof part === "string" && part !== "")
      .join("\n\n"),
    place: null,
    url: run.html_url,
    at: Date.parse(run.completed_at ?? "") || 0,
  };
}

/** A status of a commit; null while it is pending. */
export function remarkOfStatus(status: Status): Remark | null {
  if (status.state === "pending") return null;
  const more = status.description ?? "";
  return {
    id: `status/${status.id}`,
    kind: "check",
    author: status.context,
    isOurs: false,
    isFromMember: false,
    isFailure: FAILED_STATES.has(status.state),
    text: `${status.context}: ${status.state}${more === "" ? "" : `\n\n${more}`}`,
    place: null,
    url: status.target_url,
    at: Date.parse(status.created_at),
  };
}

function authorOf(
  user: User | null,
  body: string | null,
  { ownLogin, isShared, members }: People,
): Pick<Remark, "author" | "isOurs" | "isFromMember"> {
  // A person who left GitHub is shown under this name.
  const author = user?.login ?? "ghost";
  const isOurs = author === ownLogin && (!isShared || isMarked(body));
  return { author, isOurs, isFromMember: !isOurs && isPerson(user) && members.has(author) };
}

/** True for a user who is no program. */
export function isPerson(user: User | null): boolean {
  return user?.type === "User";
}
