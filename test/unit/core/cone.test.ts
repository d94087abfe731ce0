import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { coneOf, folderName, inCone } from "../../../src/core/cone.ts";

describe("the name of a folder", () => {
  it.each([
    ["services/api", "services/api"],
    ["libs/", "libs"],
    ["./libs", "libs"],
    ["größe/ä b", "größe/ä b"],
    [".github", ".github"],
    ["-x/#y/!z", "-x/#y/!z"],
  ])("takes %j as %j", (text, name) => {
    expect(folderName(text)).toBe(name);
  });

  it.each([
    ["", "."],
    ["./", "/"],
    ["/abs", "a//b"],
    ["..", "a/../b"],
    ["a/.", ".git"],
    ["a/.GIT/b", "lib*"],
    ["a?", "a[1]"],
    ["a\\b", "a\nb"],
    [" a", "a "],
    ["a\ud800", "x".repeat(401)],
    ["a\u2028b", "a\u2029b"],
  ])("takes neither %j nor %j", (one, other) => {
    expect([folderName(one), folderName(other)]).toEqual([null, null]);
  });
});

describe("a cone", () => {
  it("has no folder twice, and none within another", () => {
    expect(coneOf(["b/c/d", "b", "a-b", "a", "b", "a/x"])).toEqual(["a", "a-b", "b"]);
  });

  it("is made and looked into soon, however many folders an agent lists", () => {
    const folders = Array.from({ length: 45_000 }, (_, at) => at.toString(36));
    const isPart = inCone(coneOf(folders));
    expect(folders.filter((name) => !isPart(`${name}/x`) || isPart(`${name}-/x`))).toEqual([]);
  });

  it.each([
    ["README.md", true],
    ["services/notes.md", true],
    ["services/api/main.ts", true],
    ["services/api/deep/er/main.ts", true],
    ["services/api-two/main.ts", false],
    ["services/web/main.ts", false],
    ["libs/x", true],
    ["docs/x", false],
  ])("with services/api and libs: %s is in it: %s", (path, isIn) => {
    expect(inCone(["libs", "services/api"])(path)).toBe(isIn);
  });

  it("says the same whatever order and doubles its folders have", () => {
    const name = fc.constantFrom("a", "b", "a/b", "a/b/c", "b/a", "ab");
    const path = fc.constantFrom("x", "a/x", "a/b/x", "a/b/c/x", "a/c/x", "b/x", "b/a/x", "ab/x");
    fc.assert(
      fc.property(fc.array(name), path, (folders, file) => {
        const isIn = folders.some((folder) => inCone([folder])(file)) || !file.includes("/");
        expect(inCone(coneOf(folders))(file)).toBe(isIn);
      }),
    );
  });
});
