import * as fc from "fast-check";
import { expect, test } from "vitest";
import {
  BRANCH_TEMPLATE,
  branchName,
  parseBranchName,
  parseBranchTemplate,
  slugOf,
} from "../../../src/core/branch-name.ts";

test("a branch is named after project, task and words", () => {
  const facts = { project: "backend", id: 12, text: "Fix the flaky login test, please" };
  expect(branchName(BRANCH_TEMPLATE, facts)).toBe(
    "feature/backend-12-fix-the-flaky-login-test-please",
  );
  expect(branchName("night/{id}", facts)).toBe("night/12");
});

test.each([
  ["", "task"],
  ["!!! ???", "task"],
  ["Ärger mit Übung", "arger-mit-ubung"],
  ["../../etc/passwd", "etc-passwd"],
  ["a".repeat(60), "a".repeat(40)],
  ["word ".repeat(20), "word-word-word-word-word-word-word-word"],
  ["日本語 only", "only"],
])("the slug of %j is %j", (text, slug) => {
  expect(slugOf(text)).toBe(slug);
});

test("every text gives a name that git takes", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme", maxLength: 200 }), (text) => {
      const name = branchName(BRANCH_TEMPLATE, { project: "p", id: 1, text });
      expect(parseBranchName(name)).toEqual({ ok: true, value: name });
    }),
  );
});

test.each([
  "",
  "-x",
  "/x",
  "x/",
  "x..y",
  "x//y",
  "x/.y",
  "x/-y",
  "x.",
  "x.lock",
  "a.lock/b",
  "HEAD",
  "a b",
  "a~1",
  "a:b",
  "@{-1}",
  "x\n",
  "x".repeat(201),
])("the name %j is refused with a rule", (name) => {
  expect(parseBranchName(name)).toMatchObject({
    ok: false,
    message: expect.stringContaining("cannot be a branch; its name may have letters"),
  });
});

test("a template must tell tasks apart and give good names", () => {
  expect(parseBranchTemplate(BRANCH_TEMPLATE)).toEqual({ ok: true, value: BRANCH_TEMPLATE });
  expect(parseBranchTemplate("feature/{slug}")).toEqual({
    ok: false,
    message: 'The branch "feature/{slug}" needs {id}, or tasks would share it.',
  });
  expect(parseBranchTemplate("a b {id}")).toMatchObject({ ok: false });
});
