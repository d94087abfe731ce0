import { existsSync, readdirSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { setup, writeFiles } from "./setup.ts";

test("what was kept, and what it began from, each come in a clean folder of their own", async () => {
  using bundle = setup();
  const { workspaces, signal } = bundle;
  const project = bundle.repositoryProject({ "a.txt": "before\n", ".gitignore": "built\n" });
  const { path } = await workspaces.open(7, project, signal);
  writeFiles(path, { "a.txt": "after\n", built: "by the agent\n", "b/c.txt": "new\n" });
  symlinkSync("/etc/passwd", join(path, "link"));
  const { commit } = await workspaces.keep(7, 1, project, signal);

  const kept = await workspaces.checkOut(7, project, commit, signal);
  expect(readdirSync(kept.path).toSorted()).toEqual([".gitignore", "a.txt", "b", "link"]);
  expect(readFileSync(join(kept.path, "a.txt"), "utf8")).toBe("after\n");
  const { base: began } = await workspaces.hashesOf(project, commit);
  const base = await workspaces.checkOut(7, project, began, signal);
  expect(readdirSync(base.path).toSorted()).toEqual([".gitignore", "a.txt"]);
  expect(readFileSync(join(base.path, "a.txt"), "utf8")).toBe("before\n");
  // They are nobody's workspace.
  expect(await workspaces.list()).toEqual([7]);

  for (const { path: folder, discard } of [kept, base]) {
    await discard();
    expect(existsSync(folder)).toBe(false);
  }
  expect(readdirSync(bundle.trash).every((name) => name.startsWith("deleting-"))).toBe(true);
});

test("a state has hashes, which are git's own", async () => {
  using bundle = setup();
  const { workspaces, signal } = bundle;
  const project = bundle.repositoryProject({ "a.txt": "before\n" });
  const { path } = await workspaces.open(7, project, signal);
  writeFiles(path, { "a.txt": "after\n" });
  const { commit } = await workspaces.keep(7, 1, project, signal);
  const hashes = await workspaces.hashesOf(project, commit);
  expect(hashes).toEqual({
    commit,
    tree: expect.stringMatching(/^[0-9a-f]{40}$/u),
    base: expect.stringMatching(/^[0-9a-f]{40}$/u),
  });
  await expect(workspaces.hashesOf(project, "f".repeat(40))).rejects.toThrow(/show/u);
});
