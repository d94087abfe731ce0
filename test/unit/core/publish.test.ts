import { expect, test } from "vitest";
import { type PublishFacts, publishPlan } from "../../../src/core/publish.ts";
import { publicationOf } from "../../../src/core/published.ts";

const ELSEWHERE = { location: "git@example.org:org/app.git" };
const HERE = { location: "/src/app" };

type Case = readonly [Partial<PublishFacts>, boolean, boolean, string | null];

test.each<Case>([
  [{}, true, true, null],
  [{ verdict: "unverified" }, true, true, null],
  [{ verdict: "refuted" }, false, false, "It is refuted: look at it and decide."],
  [{ mode: "nothing" }, false, false, "The settings say that results stay here."],
  [{ base: null }, false, false, "The project has no branch that it could go to."],
  [{ mode: "branch" }, true, false, null],
  [{ project: HERE }, true, false, null],
  [{ project: HERE, mode: "pull-request" }, true, false, null],
  [{ hasForge: false }, true, false, null],
  [
    { hasForge: false, mode: "pull-request" },
    true,
    false,
    "No forge is set for its host; see `forges`.",
  ],
])("%j: pushes %s, opens %s", (patch, pushes, opens, because) => {
  const facts: PublishFacts = {
    mode: "auto",
    project: ELSEWHERE,
    hasForge: true,
    base: "main",
    verdict: "verified",
    ...patch,
  };
  expect(publishPlan(facts)).toEqual({ pushes, opens, because });
});

test("the newest effect of each kind that was done is what has left", () => {
  const effect = (
    kind: string,
    attempt: number,
    result: unknown,
  ): { kind: string; attempt: number; result: string | null } => ({
    kind,
    attempt,
    result: result === null ? null : JSON.stringify(result),
  });
  expect(publicationOf([])).toEqual({ commit: null, push: null, pullRequest: null });
  expect(
    publicationOf([
      effect("commit", 1, { commit: "a" }),
      effect("commit", 2, { commit: "b" }),
      effect("push", 1, { branch: "x" }),
      effect("push", 2, null),
    ]),
  ).toEqual({ commit: { commit: "b" }, push: { branch: "x" }, pullRequest: null });
});
