import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { coneOf, isInCone } from "../../../src/core/cone.ts";
import type { Project } from "../../../src/core/project.ts";
import type { Kept, RestoreRequest } from "../../../src/ports/workspaces.ts";
import {
  type Bundle,
  commitFile,
  git,
  inside,
  listed,
  opened,
  read,
  setup,
  writeFiles,
} from "./setup.ts";

const FILES = {
  "README.md": "top\n",
  "services/notes.md": "notes\n",
  "services/api/main.ts": "api\n",
  "services/api/deep/x.ts": "x\n",
  "services/web/main.ts": "web\n",
  "libs/one.ts": "one\n",
  "docs/guide.md": "guide\n",
  "docs/more/other.md": "other\n",
};
const HERE = [
  "README.md",
  "libs/one.ts",
  "services/api/deep/x.ts",
  "services/api/main.ts",
  "services/notes.md",
];
const NEWEST: RestoreRequest = { state: null, into: null, replace: false };

function sparse(folders: readonly string[] = ["services/api", "libs"]): Bundle {
  return setup("git", undefined, folders);
}

function filesIn(folder: string): readonly string[] {
  const said = execFileSync(
    "find",
    [".", "-path", "./.git", "-prune", "-o", "-type", "f", "-print"],
    {
      cwd: folder,
      encoding: "utf8",
    },
  );
  return said
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => line.slice(2))
    .toSorted((a, b) => (a < b ? -1 : 1));
}

function keep(bundle: Bundle, project: Project, taskId = 1): Promise<Kept> {
  return bundle.workspaces.keep(taskId, 1, project, bundle.signal);
}

function inTree(bundle: Bundle, commit: string): readonly string[] {
  return inside(bundle, "app", "ls-tree", "-r", "--name-only", commit).split("\n");
}

/** The index that was noted when the folder was made is gone, as after a conflict or a restore. */
function forgetSeed(bundle: Bundle): void {
  rmSync(join(bundle.repositories, ".private/seeds"), { recursive: true });
}

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

test("a submodule outside stays what it was, and one within, too", async () => {
  using bundle = sparse(["libs"]);
  const project = bundle.repositoryProject(FILES);
  const hash = git(project.location, "rev-parse", "HEAD").trim();
  for (const path of ["libs/sub", "docs/sub"]) {
    git(project.location, "update-index", "--add", "--cacheinfo", `160000,${hash},${path}`);
  }
  git(project.location, "commit", "-q", "-m", "submodules");
  await opened(bundle, 1, project);
  const { changed, commit } = await keep(bundle, project);
  expect(changed).toEqual([]);
  expect(inTree(bundle, commit)).toEqual(expect.arrayContaining(["docs/sub", "libs/sub"]));
});

test("checks see all of the repository", async () => {
  using bundle = sparse();
  const project = bundle.repositoryProject(FILES);
  const path = await opened(bundle, 1, project);
  writeFiles(path, { "libs/two.ts": "two\n" });
  const { commit } = await keep(bundle, project);
  const checked = await bundle.workspaces.checkOut(1, project, commit, bundle.signal);
  expect(filesIn(checked.path)).toEqual([...Object.keys(FILES), "libs/two.ts"].toSorted());
  await checked.discard();
});

test("a folder stays the part that it was made as, whatever the settings say since", async () => {
  const folders = ["libs"];
  using bundle = setup("git", undefined, folders);
  const project = bundle.repositoryProject(FILES);
  await opened(bundle, 1, project);
  folders.splice(0, 1);
  await opened(bundle, 1, project);
  expect(await keep(bundle, project)).toMatchObject({ changed: [] });
  await bundle.workspaces.discard(1);
  expect(filesIn(await opened(bundle, 1, project))).toEqual(Object.keys(FILES).toSorted());
  rmSync(join(bundle.tasks, "1/docs"), { recursive: true });
  expect((await keep(bundle, project)).changed).toHaveLength(2);
});

describe("a part comes back", () => {
  async function cameBack(
    work: (path: string) => void,
    isInTrash: boolean,
  ): Promise<{ before: readonly string[]; after: readonly string[]; status: [string, string] }> {
    using bundle = sparse();
    const project = bundle.repositoryProject(FILES);
    const path = await opened(bundle, 1, project);
    work(path);
    const before = listed(path);
    const status = git(path, "status", "--short");
    await bundle.workspaces.discard(1);
    if (!isInTrash) rmSync(bundle.trash, { recursive: true });
    const answer = await bundle.workspaces.restore(1, NEWEST, bundle.signal);
    expect(answer).toMatchObject({ ok: true, restored: { lost: 0 } });
    const after = listed(path);
    const { changed } = await bundle.workspaces.keep(1, 2, project, bundle.signal);
    expect(changed.filter((each) => each.status === "D")).toEqual([]);
    return { before, after, status: [status, git(path, "status", "--short")] };
  }

  const works: readonly [string, (path: string) => void][] = [
    ["untouched", () => {}],
    ["with changes within", (path) => writeFiles(path, { "libs/one.ts": "1\n", "libs/2": "2\n" })],
    [
      "with changes outside",
      (path) => writeFiles(path, { "docs/guide.md": "mine\n", "docs/new.md": "new\n" }),
    ],
    ["with a folder more", (path) => git(path, "sparse-checkout", "add", "docs")],
    ["with everything", (path) => git(path, "sparse-checkout", "disable")],
    [
      "with commits of its own",
      (path) => {
        writeFiles(path, { "libs/2": "2\n" });
        git(path, "add", "-A");
        git(path, "commit", "-q", "-m", "mine");
      },
    ],
  ];

  test.each(works)("%s, from what was kept", async (_, work) => {
    const { before, after, status } = await cameBack(work, false);
    expect(after).toEqual(before);
    expect(status[1]).toBe(status[0]);
  });

  test.each(works)("%s, from the trash", async (_, work) => {
    const { before, after, status } = await cameBack(work, true);
    expect(after).toEqual(before);
    expect(status[1]).toBe(status[0]);
  });

  test("as files alone in a new folder, without what was not checked out", async () => {
    using bundle = sparse();
    const project = bundle.repositoryProject(FILES);
    writeFiles(await opened(bundle, 1, project), { "docs/guide.md": "mine\n" });
    await bundle.workspaces.discard(1);
    const into = join(bundle.root, "files");
    const answer = await bundle.workspaces.restore(1, { ...NEWEST, into }, bundle.signal);
    expect(answer).toMatchObject({ ok: true });
    expect(filesIn(into)).toEqual([...HERE, "docs/guide.md"].toSorted());
  });
});

test("a conflict outside is checked out with all that the work changed", async () => {
  using bundle = sparse();
  const project = bundle.repositoryProject(FILES);
  const path = await opened(bundle, 1, project);
  writeFiles(path, {
    "libs/one.ts": "mine\n",
    "docs/guide.md": "mine\n",
    "services/web/new": "n\n",
  });
  const { commit } = await keep(bundle, project);
  commitFile(project.location, "docs/guide.md", "theirs\n");
  const { branches } = bundle.workspaces;
  const { commit: base } = await branches.base(project, bundle.signal);
  await branches.openConflict(project, { taskId: 1, commit }, base, bundle.signal);
  expect(read(path, "docs/guide.md")).toMatch(/<<<<<<<[^]*theirs[^]*>>>>>>>/u);
  expect(filesIn(path)).toEqual(
    [
      ...HERE,
      "docs/guide.md",
      "docs/more/other.md",
      "services/web/main.ts",
      "services/web/new",
    ].toSorted(),
  );
  writeFiles(path, { "docs/guide.md": "both\n" });
  const { changed } = await bundle.workspaces.keep(1, 2, project, bundle.signal);
  expect(changed.map((each) => `${each.status} ${each.path}`)).toEqual([
    "M docs/guide.md",
    "M libs/one.ts",
    "A services/web/new",
  ]);
  expect(existsSync(join(path, "docs/more/other.md"))).toBe(true);
});

type Step =
  | { readonly do: "write"; readonly path: string; readonly text: string }
  | { readonly do: "remove"; readonly path: string }
  | { readonly do: "check out"; readonly folder: string }
  | { readonly do: "commit" };

const PATHS = [...Object.keys(FILES), "new.txt", "libs/new.ts", "docs/more/new.md", "else/new"];
const STEPS: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.oneof(
    fc.record({
      do: fc.constant("write" as const),
      path: fc.constantFrom(...PATHS),
      text: fc.constantFrom("1\n", "2\n", "guide\n"),
    }),
    fc.record({ do: fc.constant("remove" as const), path: fc.constantFrom(...PATHS) }),
    fc.record({
      do: fc.constant("check out" as const),
      folder: fc.constantFrom("docs", "docs/more", "services"),
    }),
    fc.record({ do: fc.constant("commit" as const) }),
  ),
  { minLength: 1, maxLength: 8 },
);

function take(path: string, step: Step): void {
  switch (step.do) {
    case "write":
      return writeFiles(path, { [step.path]: step.text });
    case "remove":
      return rmSync(join(path, step.path), { force: true });
    case "check out":
      git(path, "sparse-checkout", "add", step.folder);
      return;
    case "commit":
      git(path, "add", "-A", "--sparse");
      git(path, "commit", "-q", "--allow-empty", "-m", "mine");
  }
}

/** What is to be kept: the files that are there, and those of the base that nobody checked out. */
function expected(path: string, steps: readonly Step[]): Readonly<Record<string, string>> {
  const added = steps.flatMap((step) => (step.do === "check out" ? [step.folder] : []));
  const cone = coneOf(["services/api", "libs", ...added]);
  const outside = Object.entries(FILES).filter(([name]) => !isInCone(cone, name));
  const here = filesIn(path).map((name) => [name, read(path, name)] as const);
  return { ...Object.fromEntries(outside), ...Object.fromEntries(here) };
}

test("whatever is done in a part, the whole is kept with just that changed", async () => {
  using bundle = sparse();
  const project = bundle.repositoryProject(FILES);
  let taskId = 0;
  await fc.assert(
    fc.asyncProperty(STEPS, fc.boolean(), async (steps, isSeeded) => {
      taskId += 1;
      const path = await opened(bundle, taskId, project);
      if (!isSeeded) forgetSeed(bundle);
      for (const step of steps) take(path, step);
      const { commit } = await keep(bundle, project, taskId);
      const want = expected(path, steps);
      expect(inTree(bundle, commit)).toEqual(Object.keys(want).toSorted());
      for (const [name, text] of Object.entries(want)) {
        expect(`${inside(bundle, "app", "show", `${commit}:${name}`)}\n`).toBe(text);
      }
    }),
    { numRuns: Number(process.env["RUNS"] ?? 25) },
  );
});
