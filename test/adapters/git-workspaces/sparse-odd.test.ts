import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { deflateSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { patternsOf } from "../../../src/adapters/git-workspaces/cone.ts";
import type { Project } from "../../../src/core/project.ts";
import { type Bundle, commitFile, git, opened, writeFiles } from "./setup.ts";
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

describe("what the agent's git did to files that are not checked out is kept", () => {
  type Work = (path: string, home: Project) => void;
  const works: readonly [string, Work, readonly string[]][] = [
    [
      "a commit that was taken back",
      (path) => git(path, "revert", "--no-edit", "HEAD"),
      ["M docs/guide.md", "M libs/one.ts", "D services/web/new"],
    ],
    [
      "the same with a sparse index",
      (path) => {
        git(path, "sparse-checkout", "reapply", "--sparse-index");
        git(path, "revert", "--no-edit", "HEAD");
        expect(git(path, "ls-files", "--sparse", "docs")).toBe("docs/\n");
      },
      ["M docs/guide.md", "M libs/one.ts", "D services/web/new"],
    ],
    [
      "a merge, with commits of its own",
      (path) => git(path, "merge", "-q", "--no-edit", "origin/feature"),
      ["A docs/feature.md", "D docs/more/other.md"],
    ],
    [
      "a content that only the agent has",
      (path) => {
        writeFiles(path, { "docs/guide.md": "only here\n" });
        git(path, "add", "--sparse", "docs/guide.md");
        git(path, "commit", "-q", "-m", "mine");
        git(path, "sparse-checkout", "reapply");
        expect(filesIn(path)).not.toContain("docs/guide.md");
      },
      ["M docs/guide.md"],
    ],
    [
      "a removal",
      (path) => git(path, "rm", "-q", "--sparse", "docs/guide.md"),
      ["D docs/guide.md"],
    ],
    ["another part", (path) => git(path, "sparse-checkout", "set", "docs"), []],
    [
      "another part, with a removal before",
      (path) => {
        git(path, "rm", "-q", "libs/one.ts");
        git(path, "sparse-checkout", "set", "docs");
      },
      ["D libs/one.ts"],
    ],
    [
      "a fresh repository",
      (path) => {
        rmSync(join(path, ".git"), { recursive: true });
        git(path, "init", "-q");
        git(path, "add", "-A");
      },
      [],
    ],
    [
      "an index made anew",
      (path) => {
        rmSync(join(path, ".git/index"));
        git(path, "add", "libs");
      },
      [],
    ],
    [
      "a pipe for an index",
      (path) => {
        rmSync(join(path, ".git/index"));
        execFileSync("mkfifo", [join(path, ".git/index")]);
      },
      [],
    ],
    ["no index", (path) => writeFileSync(join(path, ".git/index"), "DIRC and no more"), []],
  ];

  test.each(works)("%s", async (_, work, expected) => {
    using bundle = sparse();
    const project = bundle.repositoryProject({ ...FILES, "docs/guide.md": "first\n" });
    const { location } = project;
    git(location, "checkout", "-q", "-b", "feature");
    git(location, "rm", "-q", "docs/more/other.md");
    commitFile(location, "docs/feature.md", "feature\n");
    git(location, "checkout", "-q", "main");
    writeFiles(location, { "docs/guide.md": "2\n", "libs/one.ts": "2\n" });
    commitFile(location, "services/web/new", "new\n");
    const path = await opened(bundle, 1, project);
    work(path, project);
    const { changed, leftOut = [] } = await keep(bundle, project);
    expect([changed.map((each) => `${each.status} ${each.path}`), leftOut]).toEqual([expected, []]);
    await bundle.workspaces.discard(1);
    rmSync(bundle.trash, { recursive: true });
    await bundle.workspaces.restore(1, NEWEST, bundle.signal);
    const again = await bundle.workspaces.keep(1, 2, project, bundle.signal);
    expect(again.changed).toEqual(changed);
  });
});

describe("an index that lies", () => {
  function notCheckedOut(path: string, hash: string): void {
    git(path, "update-index", "--cacheinfo", `100644,${hash},docs/guide.md`);
    git(path, "update-index", "--skip-worktree", "docs/guide.md");
  }

  async function leftOutOf(
    work: (path: string) => void,
    expected: readonly string[] = [],
  ): Promise<unknown> {
    using bundle = sparse();
    const project = bundle.repositoryProject({ ...FILES, "-git/x": "x\n" });
    const path = await opened(bundle, 1, project);
    work(path);
    const { changed, leftOut } = await keep(bundle, project);
    expect(changed.map((each) => `${each.status} ${each.path}`)).toEqual(expected);
    return leftOut;
  }

  test("of contents that are nowhere is told", async () => {
    const leftOut = await leftOutOf((path) => {
      notCheckedOut(path, "1".repeat(40));
    });
    expect(leftOut).toEqual([{ path: "docs/guide.md", reason: "unreadable" }]);
  });

  test("of contents that are others is told", async () => {
    const leftOut = await leftOutOf((path) => {
      notCheckedOut(path, "1".repeat(40));
      mkdirSync(join(path, ".git/objects/11"));
      const file = join(path, ".git/objects/11", "1".repeat(38));
      writeFileSync(file, deflateSync("blob 4\0lie\n"));
    });
    expect(leftOut).toEqual([{ path: "docs/guide.md", reason: "unreadable" }]);
  });

  test("of a name that is git's own brings nothing", async () => {
    const leftOut = await leftOutOf(
      (path) => {
        const index = join(path, ".git/index");
        const data = readFileSync(index);
        data.write(".git/x", data.indexOf("-git/x"));
        data.set(createHash("sha1").update(data.subarray(0, -20)).digest(), data.length - 20);
        writeFileSync(index, data);
      },
      ["D -git/x"],
    );
    expect(leftOut).toBe(undefined);
  });
});
