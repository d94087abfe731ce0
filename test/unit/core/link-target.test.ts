import { expect, test } from "vitest";
import { leavesTree } from "../../../src/core/link-target.ts";

test.each([
  ["a", "b", false],
  ["a", "./b/../c", false],
  ["a/b", "../c", false],
  ["a/b", "..", false],
  ["a", "..", true],
  ["a/b", "../../c", true],
  ["a/b", "c/../../../d", true],
  ["a", "/etc/passwd", true],
  ["a/b/c", "../..", false],
])("a link at %s to %s leaves the tree: %s", (path, target, leaves) => {
  expect(leavesTree(path, target)).toBe(leaves);
});
