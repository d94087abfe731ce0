import payloads from "@octokit/webhooks-examples" with { type: "json" };
import { describe, expect, it } from "vitest";
import {
  type People,
  remarkOfCheckRun,
  remarkOfComment,
  remarkOfReview,
  remarkOfReviewComment,
  remarkOfStatus,
} from "../../../src/adapters/github/remarks.ts";
import {
  CHECK_RUN,
  COMMENT,
  REVIEW,
  REVIEW_COMMENT,
  STATUS,
} from "../../../src/adapters/github/shapes.ts";
import type { Shape } from "../../../src/core/shape.ts";
import type { Remark } from "../../../src/core/remark.ts";

// What GitHub really sent, so that feedback that comes by a webhook is read by the same code.

interface Event {
  readonly name: string;
  readonly examples: readonly Readonly<Record<string, unknown>>[];
}

const EVENTS = payloads as unknown as readonly Event[];

const PEOPLE: People = { ownLogin: null, isShared: false, members: new Set(["Codertocat"]) };

function remarksOf<T>(
  event: string,
  part: (example: Readonly<Record<string, unknown>>) => unknown,
  shape: Shape<T>,
  remarkOf: (value: T) => Remark | null,
): readonly (Remark | null)[] {
  const examples = EVENTS.find(({ name }) => name === event)?.examples ?? [];
  expect(examples.length).toBeGreaterThan(0);
  return examples.map((example) => {
    const read = shape(part(example));
    expect(read).not.toBeNull();
    return read === null ? null : remarkOf(read.value);
  });
}

function check(remarks: readonly (Remark | null)[]): readonly string[] {
  const there = remarks.filter((remark) => remark !== null);
  for (const { id, text, at, author } of there) {
    expect(id).toMatch(/^[a-z-]+\/\d+/u);
    expect([text, author].every((words) => words.length > 0)).toBe(true);
    expect(at).toBeGreaterThan(Date.UTC(2015, 1));
  }
  return there.map(({ kind, isFromMember, isFailure }) => `${kind} ${isFromMember} ${isFailure}`);
}

describe("payloads of webhooks", () => {
  it("issue_comment", () => {
    const remarks = remarksOf(
      "issue_comment",
      (each) => each["comment"],
      COMMENT,
      (value) => remarkOfComment(value, PEOPLE),
    );
    expect(check(remarks)).toContain("comment true false");
  });

  it("pull_request_review", () => {
    const remarks = remarksOf(
      "pull_request_review",
      (each) => each["review"],
      REVIEW,
      (value) => remarkOfReview(value, PEOPLE),
    );
    expect(check(remarks.filter((remark) => remark?.text !== ""))).toBeDefined();
    const asked = { state: "changes_requested", id: 1, body: null, user: null };
    const read = REVIEW({ ...asked, submitted_at: "2026-01-01T00:00:00Z" });
    expect(read && remarkOfReview(read.value, PEOPLE)).toMatchObject({
      author: "ghost",
      isFailure: true,
      text: "Changes requested.",
    });
  });

  it("pull_request_review_comment", () => {
    const remarks = remarksOf(
      "pull_request_review_comment",
      (each) => each["comment"],
      REVIEW_COMMENT,
      (value) => remarkOfReviewComment(value, PEOPLE),
    );
    expect(check(remarks)).toContain("review true false");
    expect(remarks.every((remark) => remark?.place !== null)).toBe(true);
  });

  it("check_run", () => {
    const remarks = remarksOf(
      "check_run",
      (each) => each["check_run"],
      CHECK_RUN,
      remarkOfCheckRun,
    );
    expect(check(remarks)).toContain("check false false");
  });

  it("status", () => {
    const remarks = remarksOf("status", (each) => each, STATUS, remarkOfStatus);
    expect(check(remarks).length).toBeGreaterThan(0);
  });
});
