import { expect, it } from "vitest";
import { FOLLOW_UP_REMARKS_MAX, followUpFrom } from "../../../src/core/follow-up.ts";
import type { Remark } from "../../../src/core/remark.ts";

function remark(more: Partial<Remark>): Remark {
  return {
    id: "comment/1",
    kind: "comment",
    author: "ada",
    isOurs: false,
    isFromMember: true,
    isFailure: false,
    text: "Mend the door, too.",
    place: null,
    url: null,
    at: 1,
    ...more,
  };
}

it("makes words for the agent, oldest first", () => {
  const remarks = [
    remark({
      id: "check/1",
      kind: "check",
      isFromMember: false,
      isFailure: true,
      at: 3,
      author: "ci",
      text: "test: failure",
      url: "https://ci.example/1",
    }),
    remark({
      id: "review/1",
      kind: "review",
      at: 2,
      place: "src/door.ts:12",
      text: "\u001B[31mNo.\u001B[0m ",
    }),
    remark({ at: 1 }),
  ];
  expect(followUpFrom(remarks, new Set())).toEqual({
    notes: [
      "ada commented on the pull request:\n\nMend the door, too.",
      "ada reviewed the pull request, about src/door.ts:12:\n\nNo.",
      "A check of the pull request failed, told by ci (https://ci.example/1):\n\ntest: failure",
    ],
    ids: ["comment/1", "review/1", "check/1"],
  });
});

it("leaves out ours, strangers, good checks and what was told", () => {
  const remarks = [
    remark({ id: "a", isOurs: true }),
    remark({ id: "b", isFromMember: false }),
    remark({ id: "c", kind: "check" }),
    remark({ id: "d" }),
    remark({ id: "e" }),
    remark({ id: "e" }),
  ];
  expect(followUpFrom(remarks, new Set(["d"])).ids).toEqual(["e"]);
});

it("is bounded", () => {
  const many = Array.from({ length: 60 }, (_, at) => remark({ id: String(at), at }));
  expect(followUpFrom(many, new Set()).ids).toHaveLength(FOLLOW_UP_REMARKS_MAX);
  const [note] = followUpFrom([remark({ text: `${"a".repeat(3999)}😀` })], new Set()).notes;
  expect(note?.endsWith("a…")).toBe(true);
});
