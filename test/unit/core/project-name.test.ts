import * as fc from "fast-check";
import { expect, it } from "vitest";
import { checkProjectName, PROJECT_NAME_MAX } from "../../../src/core/project-name.ts";

it.each(["backend", "a", "0", "my-app_2.0", "_x", "a".repeat(PROJECT_NAME_MAX), "locks", "a.b.c"])(
  "takes %s",
  (name) => {
    expect(checkProjectName(name)).toEqual({ ok: true, value: name });
  },
);

const LETTERS = 'may have only lower-case letters, digits, "-", "_" and "."';

it.each([
  ["", 'The project name "" is empty; choose another.'],
  ["Backend", `The project name "Backend" ${LETTERS}; try "backend".`],
  ["My Cool Äpp!", `The project name "My Cool Äpp!" ${LETTERS}; try "my-cool-app".`],
  ["a/b", `The project name "a/b" ${LETTERS}; try "a-b".`],
  ["../etc", `The project name "../etc" ${LETTERS}; try "etc".`],
  ["世界", `The project name "世界" ${LETTERS}; choose another.`],
  ["a\nb", `The project name "a b" ${LETTERS}; try "a-b".`],
  ["a\u001b[2Jb", `The project name "ab" ${LETTERS}; try "a-2jb".`],
  ["-rf", 'The project name "-rf" may not begin with a dot or a dash; try "rf".'],
  [".git", 'The project name ".git" may not begin with a dot or a dash; try "git".'],
  ["..", 'The project name ".." may not begin with a dot or a dash; choose another.'],
  ["a..b", 'The project name "a..b" may not have two dots or end with one; try "a-b".'],
  ["a.", 'The project name "a." may not have two dots or end with one; try "a".'],
  ["a.lock", 'The project name "a.lock" may not end with ".lock"; try "a-lock".'],
  ["__proto__", 'The project name "__proto__" is reserved; choose another.'],
  ["constructor", 'The project name "constructor" is reserved; choose another.'],
  ["prototype", 'The project name "prototype" is reserved; choose another.'],
  ["all", 'The project name "all" is reserved; choose another.'],
  ["ALL", `The project name "ALL" ${LETTERS}; choose another.`],
  ["none", 'The project name "none" is reserved; choose another.'],
])("refuses %j", (name, message) => {
  expect(checkProjectName(name)).toEqual({ ok: false, message });
});

it("refuses what is too long and repeats only its beginning", () => {
  expect(checkProjectName("a".repeat(65))).toEqual({
    ok: false,
    message: `The project name "${"a".repeat(63)}…" is longer than 64 characters; try "${"a".repeat(64)}".`,
  });
  const long = `${"-".repeat(300)}b`;
  expect(checkProjectName(long)).toMatchObject({ ok: false });
});

it("suggests only names that it takes itself", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), (name) => {
      const checked = checkProjectName(name);
      const suggestion = checked.ok ? name : (/; try "(.*)"\.$/u.exec(checked.message)?.[1] ?? "a");
      expect(checkProjectName(suggestion).ok).toBe(true);
    }),
    { numRuns: 500 },
  );
});

it("takes only what is one safe part of a path and of a git reference", () => {
  const likely = fc.string({
    unit: fc.constantFrom("a", "0", "-", "_", ".", "/", "A", "lock", ".lock", "\n"),
    maxLength: 8,
  });
  fc.assert(
    fc.property(likely, (name) => {
      if (!checkProjectName(name).ok) return;
      expect(name).toMatch(/^[a-z0-9_][a-z0-9._-]{0,63}$/u);
      expect(name).not.toMatch(/\.\.|\.lock$|\.$/u);
    }),
    { numRuns: 1000 },
  );
});
