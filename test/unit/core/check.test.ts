import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseCheck, sharedCheckName } from "../../../src/core/check.ts";

describe("a check", () => {
  it.each([
    ["npm test", "npm-test", "npm test"],
    ["  npm test\n", "npm-test", "npm test"],
    ["lint=npm run lint", "lint", "npm run lint"],
    ["lint =npm run lint", "lint-npm-run-lint", "lint =npm run lint"],
    ["CI=1 npm test", "ci-1-npm-test", "CI=1 npm test"],
    ["./run.sh --all=yes", "run-sh-all-yes", "./run.sh --all=yes"],
    ["e2e= make a=b", "e2e", "make a=b"],
    ["7z t x.7z", "z-t-x-7z", "7z t x.7z"],
    [`make ${"a".repeat(34)} more`, `make-${"a".repeat(34)}`, `make ${"a".repeat(34)} more`],
  ])("is read from %j", (written, name, command) => {
    expect(parseCheck(written)).toEqual({ ok: true, value: { name, command } });
  });

  it.each(["", "   ", "lint=", "lint= \t", "a\nb", "lint=a\nb", "a\rb", "a\0b", "x".repeat(2001)])(
    "must be one line with a command: %j",
    (written) => {
      const read = parseCheck(written);
      expect(read).toMatchObject({
        ok: false,
        message: expect.stringMatching(
          /^The check ".*" must be a command on one line, at most 2000 characters, such as lint="npm run lint"\.$/u,
        ),
      });
    },
  );

  it("needs a name of letters, and the advice repeats only the command", () => {
    expect(parseCheck("./123")).toEqual({
      ok: false,
      message:
        'The check "./123" has no good name; give it one of at most 40 letters, such as test="./123".',
    });
    expect(parseCheck(`${"a".repeat(41)}=make`)).toMatchObject({
      message: expect.stringMatching(/such as test="make"\.$/u),
    });
    expect(parseCheck(`${"a".repeat(40)}=make`).ok).toBe(true);
  });

  it("of any text is read into something of one line with a good name, or refused in one line", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (written) => {
        const read = parseCheck(written);
        if (!read.ok) {
          expect(read.message).not.toMatch(/\p{Cc}/u);
          return;
        }
        expect(read.value.name).toMatch(/^[a-z][a-z0-9-]{0,39}$/u);
        expect(read.value.command).toMatch(/^[^\0\n\r]+$/u);
        expect(written).toContain(read.value.command);
      }),
    );
  });
});

it("names the first name that two checks share", () => {
  const named = (...names: string[]) => names.map((name) => ({ name, command: "true" }));
  expect(sharedCheckName([])).toBeNull();
  expect(sharedCheckName(named("a", "b"))).toBeNull();
  expect(sharedCheckName(named("a", "b", "c", "b", "a"))).toBe("b");
});
