import { mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { patternsOf } from "../../../src/adapters/git-workspaces/cone.ts";
import type { Project } from "../../../src/core/project.ts";
import { type Bundle, git, opened, writeFiles } from "./setup.ts";
import { FILES, filesIn, inTree, keep, NEWEST, sparse } from "./sparse-setup.ts";

function withSubmodule(bundle: Bundle, at: string): Project {
  const project = bundle.repositoryProject(FILES);
  const hash = git(project.location, "rev-parse", "HEAD").trim();
  git(project.location, "update-index", "--add", "--cacheinfo", `160000,${hash},${at}`);
  git(project.location, "commit", "-q", "-m", "submodule");
  return project;
}

describe("what took the place of a submodule's folder is kept", () => {
  const works: readonly [string, readonly string[], (path: string) => void][] = [
    ["a file, outside", ["libs"], (path) => writeFileSync(join(path, "docs"), "mine\n")],
    ["a link, outside", ["libs"], (path) => symlinkSync("libs", join(path, "docs"))],
    [
      "a link to an empty one, in the whole",
      [],
      (path) => {
        rmSync(join(path, "docs"), { recursive: true });
        mkdirSync(join(path, "other/sub"), { recursive: true });
        symlinkSync("other", join(path, "docs"));
      },
    ],
  ];

  test.each(works)("%s", async (_, folders, work) => {
    using bundle = sparse(folders);
    const project = withSubmodule(bundle, "docs/sub");
    work(await opened(bundle, 1, project));
    const { commit } = await keep(bundle, project);
    const tree = inTree(bundle, commit);
    expect(tree.filter((name) => name.startsWith("docs"))).toEqual(["docs"]);
  });
});

test("what is outside in a folder named like a build's comes back", async () => {
  using bundle = sparse();
  const project = bundle.repositoryProject({ ...FILES, "docs/target/x.md": "x\n" });
  const path = await opened(bundle, 1, project);
  writeFiles(path, { "docs/target/x.md": "mine\n", "docs/target/new.md": "new\n" });
  const before = filesIn(path);
  await bundle.workspaces.discard(1);
  rmSync(bundle.trash, { recursive: true });
  const answer = await bundle.workspaces.restore(1, NEWEST, bundle.signal);
  expect(answer).toMatchObject({ ok: true, restored: { lost: 0 } });
  expect(filesIn(path)).toEqual(before);
});

test("an agent may list so many folders that no command could hold them", async () => {
  using bundle = sparse();
  const project = bundle.repositoryProject(FILES);
  const path = await opened(bundle, 1, project);
  const many = Array.from({ length: 4000 }, (_, at) => `none/folder-with-a-long-name-${at}`);
  const patterns = patternsOf([...many, "libs", "services/api"]);
  writeFileSync(join(path, ".git/info/sparse-checkout"), patterns);
  expect(await keep(bundle, project)).toMatchObject({ changed: [] });
  await bundle.workspaces.discard(1);
  await bundle.workspaces.restore(1, NEWEST, bundle.signal);
  expect(await keep(bundle, project)).toMatchObject({ changed: [] });
});
