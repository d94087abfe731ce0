import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { git, opened, read, writeFiles } from "./setup.ts";
import { FILES, filesIn, forgetSeed, HERE, inTree, keep, sparse } from "./sparse-setup.ts";

describe("a folder with a part of a repository", () => {
  test("is told as such, each time", async () => {
    using bundle = sparse(["services/api", "libs", "libs"]);
    const project = bundle.repositoryProject(FILES);
    const told = { folders: ["libs", "services/api"] };
    expect(await bundle.workspaces.open(1, project, bundle.signal)).toMatchObject(told);
    expect(await bundle.workspaces.open(1, project, bundle.signal)).toMatchObject(told);
  });

  test("has the folders that were asked for and the files beside and above them", async () => {
    using bundle = sparse();
    const path = await opened(bundle, 1, bundle.repositoryProject(FILES));
    expect(filesIn(path)).toEqual(HERE);
    expect(git(path, "status", "--short")).toBe("");
    expect(git(path, "sparse-checkout", "list")).toBe("libs\nservices/api\n");
  });

  test("gets more when its agent asks git for it", async () => {
    using bundle = sparse();
    const path = await opened(bundle, 1, bundle.repositoryProject(FILES));
    git(path, "sparse-checkout", "add", "docs");
    expect(read(path, "docs/more/other.md")).toBe("other\n");
  });

  test("is refused for a folder that is not there", async () => {
    using bundle = sparse(["services/api", "sevrices/web"]);
    const project = bundle.repositoryProject(FILES);
    await expect(opened(bundle, 1, project)).rejects.toMatchObject({
      failure: "config",
      message:
        "The repository of project app has no folder sevrices/web where its work begins; see projects.app.folders in the settings.",
    });
  });

  test("is refused for what is a file", async () => {
    using bundle = sparse(["README.md"]);
    await expect(opened(bundle, 1, bundle.repositoryProject(FILES))).rejects.toThrow(
      "has no folder README.md",
    );
  });

  test("is that of a plain folder as well", async () => {
    using bundle = sparse();
    const project = bundle.folderProject(FILES);
    const path = await opened(bundle, 1, project);
    expect(filesIn(path)).toEqual(HERE);
    expect(await keep(bundle, project)).toMatchObject({ changed: [] });
  });
});

describe.each(["with", "without"])("what is kept %s the index of the fresh folder", (how) => {
  async function kept(
    work: (path: string) => void,
    files: Readonly<Record<string, string>> = FILES,
  ): Promise<{ changed: readonly string[]; tree: readonly string[] }> {
    using bundle = sparse();
    const project = bundle.repositoryProject(files);
    const path = await opened(bundle, 1, project);
    if (how === "without") forgetSeed(bundle);
    work(path);
    const { changed, commit } = await keep(bundle, project);
    return {
      changed: changed.map(({ status, path: name }) => `${status} ${name}`),
      tree: inTree(bundle, commit),
    };
  }

  test("has everything that was not checked out, when nothing is done", async () => {
    const { changed, tree } = await kept(() => {});
    expect(changed).toEqual([]);
    expect(tree).toEqual(Object.keys(FILES).toSorted());
  });

  test("has what was changed, removed and added within, and nothing else", async () => {
    const { changed } = await kept((path) => {
      writeFiles(path, { "services/api/main.ts": "changed\n", "libs/two.ts": "two\n" });
      rmSync(join(path, "services/api/deep"), { recursive: true });
    });
    expect(changed).toEqual([
      "A libs/two.ts",
      "D services/api/deep/x.ts",
      "M services/api/main.ts",
    ]);
  });

  test("has what was changed and added outside, and what is not there unchanged", async () => {
    const { changed, tree } = await kept((path) => {
      writeFiles(path, { "docs/guide.md": "mine\n", "docs/new.md": "new\n", "fresh/a": "a\n" });
    });
    expect(changed).toEqual(["M docs/guide.md", "A docs/new.md", "A fresh/a"]);
    expect(tree).toContain("docs/more/other.md");
  });

  test("has what was removed of a folder that the agent checked out", async () => {
    const { changed } = await kept((path) => {
      git(path, "sparse-checkout", "add", "docs");
      git(path, "rm", "-q", "docs/guide.md");
    });
    expect(changed).toEqual(["D docs/guide.md"]);
  });

  test("has what was removed once the agent checked out everything", async () => {
    const { changed } = await kept((path) => {
      git(path, "sparse-checkout", "disable");
      rmSync(join(path, "docs"), { recursive: true });
    });
    expect(changed).toEqual(["D docs/guide.md", "D docs/more/other.md"]);
  });

  test("has all that was not checked out, when all that was is removed", async () => {
    const { tree } = await kept((path) => {
      for (const name of ["README.md", "services", "libs"]) {
        rmSync(join(path, name), { recursive: true });
      }
    });
    expect(tree).toEqual(["docs/guide.md", "docs/more/other.md", "services/web/main.ts"]);
  });

  test("has a file or a link that took the place of a folder", async () => {
    const { changed } = await kept((path) => {
      writeFileSync(join(path, "docs"), "no folder\n");
      execFileSync("ln", ["-s", "api", join(path, "services/web")]);
    });
    expect(changed).toEqual([
      "A docs",
      "D docs/guide.md",
      "D docs/more/other.md",
      "A services/web",
      "D services/web/main.ts",
    ]);
  });

  test("leaves out what a .gitignore outside excludes", async () => {
    const files = { ...FILES, "docs/.gitignore": "*.log\n" };
    const { changed } = await kept((path) => {
      writeFiles(path, { "docs/x.log": "ignored\n", "docs/y.md": "y\n" });
    }, files);
    expect(changed).toEqual(["A docs/y.md"]);
  });

  test("has what was removed of a folder beside one whose name git must escape", async () => {
    const { changed } = await kept((path) => {
      git(path, "sparse-checkout", "add", "docs");
      const list = join(path, ".git/info/sparse-checkout");
      writeFileSync(list, `${readFileSync(list, "utf8")}/app/\\[id\\]/\n`);
      rmSync(join(path, "docs/guide.md"));
    });
    expect(changed).toEqual(["D docs/guide.md"]);
  });

  test.each([
    ["what is no list of folders", "/*\n"],
    ["patterns of another form", "*.md\n!/docs\n"],
    ["a folder above the top", "/*\n!/*/\n/../\n"],
  ])("is not misled by %s", async (_, patterns) => {
    const { changed } = await kept((path) => {
      writeFileSync(join(path, ".git/info/sparse-checkout"), patterns);
    });
    expect(changed).toEqual([]);
  });

  test("is not misled by a link, a pipe or no file at all in place of the list", async () => {
    const { changed } = await kept((path) => {
      const list = join(path, ".git/info/sparse-checkout");
      rmSync(list);
      execFileSync("mkfifo", [list]);
      mkdirSync(join(path, ".git/config.worktree"));
    });
    expect(changed).toEqual([]);
  });
});
