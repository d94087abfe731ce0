import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  PROTECTED_PATHS,
  protectedAmong,
  withProtected,
} from "../../../src/core/protected-paths.ts";

/** True when a change of `path` is refused by this one pattern. */
function matches(pattern: string, path: string): boolean {
  const rules = { closed: [pattern], extensible: [] };
  return protectedAmong([{ status: "M", path }], rules).length === 1;
}

function isProtected(status: "A" | "M" | "D", path: string): boolean {
  return protectedAmong([{ status, path }], PROTECTED_PATHS).length === 1;
}

describe("a pattern", () => {
  it.each([
    ["Makefile", "Makefile"],
    ["Makefile", "makefile"],
    ["Makefile", "Makefile/x"],
    ["/Makefile", "Makefile"],
    ["./Makefile", "Makefile"],
    ["docs/", "docs/a"],
    ["**/Makefile", "Makefile"],
    ["**/Makefile", "a/b/Makefile"],
    ["**/Makefile", "a\nb/MAKEFILE"],
    ["**/tests/**", "tests/a"],
    ["**/tests/**", "a/tests/b/c"],
    ["**/tests/**", "a/tests"],
    ["a/**/b", "a/b"],
    ["a/**/b", "a/x/y/b"],
    ["*.sh", "a.sh"],
    ["*.sh", ".sh"],
    ["a**b", "axxb"],
    ["**/*_test.*", "a/_test._test.go"],
    ["a{b,c}d", "acd"],
    ["{a,b{c,d}}", "bd"],
    ["{a,}b", "b"],
    ["{x,y}/{x,y}", "y/x"],
    ["a{b", "a{b"],
    ["a}b", "a}b"],
    ["a,b", "a,b"],
    ["[id].tsx", "[id].tsx"],
    ["a+b(c)|^$?.x", "a+b(c)|^$?.x"],
    ["a\\b", "a\\b"],
    ["straße", "STRASSE"],
    ["tests", "te\u017fts"],
    ["package.json", "pac\u212aage.json"],
    ["**", "a/b"],
  ])("%j matches %j", (pattern, path) => expect(matches(pattern, path)).toBe(true));

  it.each([
    ["Makefile", "a/Makefile"],
    ["Makefile", "Makefile.md"],
    ["Makefile", "AMakefile"],
    ["*.sh", "a/b.sh"],
    ["*.sh", "a.sh.md"],
    ["a/*/b", "a/b"],
    ["a/*/b", "a/x/y/b"],
    ["**/tests/**", "a/mytests/b"],
    ["a/**/b", "ab"],
    ["a.b", "axb"],
    ["[id]", "i"],
    ["a?b", "axb"],
    ["{a,b}", "c"],
    ["{a,b}", "{a,b}"],
    ["a/b", "a"],
  ])("%j does not match %j", (pattern, path) => expect(matches(pattern, path)).toBe(false));

  it("with no special sign matches itself and all below, wherever it is asked to", () => {
    const name = fc.stringMatching(/^[a-z\n .()+$^?[\]|\\-]{1,8}$/u).filter((each) => each !== ".");
    fc.assert(
      fc.property(fc.array(name, { minLength: 1, maxLength: 4 }), name, (names, more) => {
        const path = names.join("/");
        expect(matches(path, path)).toBe(true);
        expect(matches(path, `${path}/${more}`)).toBe(true);
        expect(matches(`**/${path}`, `${more}/${path}`)).toBe(true);
        expect(matches(`${path}/${more}`, path)).toBe(false);
      }),
    );
  });

  it("agrees with the plain reading of it for any path", () => {
    const letter = fc.constantFrom("a", "b", "*", "/", "**/", "a/");
    const pattern = fc.array(letter, { maxLength: 8 }).map((parts) => parts.join(""));
    const path = fc.stringMatching(/^[ab](?:\/?[ab]){0,8}$/u);
    fc.assert(
      fc.property(pattern, path, (written, where) => {
        expect(matches(written, where)).toBe(plainly(`${written}/**`).test(where));
      }),
      { numRuns: 2000 },
    );
  });

  it("takes a hostile path in its stride", () => {
    // With an expression that goes back, these would take years.
    const deep = "a/".repeat(20_000);
    expect(matches("**/a/**/a/**/a/**/a/**/b", `${deep}c`)).toBe(false);
    expect(matches("*a*a*a*a*a*a*a*b", "a".repeat(20_000))).toBe(false);
    expect(isProtected("A", `${deep}${".test_".repeat(20_000)}`)).toBe(false);
  });
});

/** The pattern as an expression: right, and slow on hostile paths. */
function plainly(pattern: string): RegExp {
  const names = pattern.split("/").filter((name) => name !== "");
  const source = names
    .map((name) => (name === "**" ? "(?:/[^/]+)*" : `/${name.replaceAll("*", "[^/]*")}`))
    .join("");
  return { test: (path: string) => new RegExp(`^${source}$`, "u").test(`/${path}`) } as RegExp;
}

describe("what is protected where a project says nothing", () => {
  it.each([
    ".github/workflows/ci.yml",
    ".github",
    ".sleepless.yml",
    "Makefile",
    "sub/GNUmakefile",
    "build/rules.mk",
    "justfile",
    "package.json",
    "packages/a/Package.json",
    "package-lock.json",
    "tools/check.sh",
    "vitest.config.ts",
    "vitest.workspace.ts",
    ".babelrc",
    "eslint.config.js",
    "tests/conftest.py",
    "sitecustomize.py",
    "requirements-dev.txt",
    "node_modules",
    "node_modules/vitest/index.js",
    "a/vendor/x.go",
  ])("%s: no change at all", (path) => {
    expect(isProtected("A", path)).toBe(true);
    expect(isProtected("M", path)).toBe(true);
    expect(isProtected("D", path)).toBe(true);
  });

  it.each([
    "test/a.ts",
    "src/__tests__/a.ts",
    "src/__snapshots__/a.ts.snap",
    "spec/a_spec.rb",
    "src/a.test.ts",
    "src/A.Spec.tsx",
    "pkg/a_test.go",
    "test_a.py",
    "app/tests.py",
  ])("%s: may be added, not changed or removed", (path) => {
    expect(isProtected("A", path)).toBe(false);
    expect(isProtected("M", path)).toBe(true);
    expect(isProtected("D", path)).toBe(true);
  });

  it.each(["src/a.ts", "README.md", "src/testing.ts", "contest/a.ts", "src/latest.ts", "a.md"])(
    "%s: is free",
    (path) => {
      expect(isProtected("A", path)).toBe(false);
      expect(isProtected("M", path)).toBe(false);
      expect(isProtected("D", path)).toBe(false);
    },
  );

  it("is named in the order of the changes", () => {
    const changed = [
      { status: "M", path: "test/b.ts" },
      { status: "A", path: "src/a.ts" },
      { status: "A", path: "Makefile" },
    ] as const;
    expect(protectedAmong(changed, PROTECTED_PATHS)).toEqual([changed[0], changed[2]]);
  });
});

describe("what a project adds", () => {
  const protectedOf = (path: string, rules: Parameters<typeof protectedAmong>[1]): boolean =>
    protectedAmong([{ status: "M", path }], rules).length === 1;

  it("is protected as well, and what it opens is free", () => {
    const rules = withProtected(PROTECTED_PATHS, [
      { closed: ["deploy/**"], open: ["**/package.json"] },
      { extensible: ["golden/**"], open: ["test/fixtures/**"] },
    ]);
    expect(protectedOf("deploy/run", rules)).toBe(true);
    expect(protectedOf("golden/a", rules)).toBe(true);
    expect(protectedAmong([{ status: "A", path: "golden/a" }], rules)).toEqual([]);
    expect(protectedOf("web/package.json", rules)).toBe(false);
    expect(protectedOf("test/fixtures/a.test.js", rules)).toBe(false);
    expect(protectedOf("test/a.test.js", rules)).toBe(true);
  });

  it("changes nothing where there is nothing", () => {
    expect(withProtected(PROTECTED_PATHS, [{}])).toEqual(PROTECTED_PATHS);
    const more = withProtected({ ...PROTECTED_PATHS, open: ["a"] }, []);
    expect(more.open).toEqual(["a"]);
  });
});
