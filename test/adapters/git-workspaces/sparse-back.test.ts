import { createHash } from "node:crypto";
import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { coneOf, inCone } from "../../../src/core/cone.ts";
import { commitFile, git, inside, listed, opened, read, setup, writeFiles } from "./setup.ts";
import { FILES, filesIn, forgetSeed, HERE, inTree, keep, NEWEST, sparse } from "./sparse-setup.ts";

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

/** What is to be kept: the files that are there, and what the agent's git has of others. */
function expected(path: string, steps: readonly Step[]): Readonly<Record<string, string>> {
  const added = steps.flatMap((step) => (step.do === "check out" ? [step.folder] : []));
  const isPart = inCone(coneOf(["services/api", "libs", ...added]));
  const known = git(path, "ls-files", "-t", "--stage").trimEnd().split("\n");
  const [all, away] = [new Set<string>(), new Map<string, string>()];
  for (const line of known) {
    const [letter, , hash = "", , name = ""] = line.split(/[ \t]/u);
    all.add(name);
    if (letter === "S") away.set(name, git(path, "cat-file", "blob", hash));
  }
  const outside = Object.entries(FILES).filter(
    ([name]) => !isPart(name) && (away.size === 0 || all.has(name)),
  );
  const here = filesIn(path).map((name) => [name, read(path, name)] as const);
  return { ...Object.fromEntries([...outside, ...away]), ...Object.fromEntries(here) };
}

function blobOf(text: string): string {
  return createHash("sha1")
    .update(`blob ${Buffer.byteLength(text)}\0${text}`)
    .digest("hex");
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
      const found = inside(bundle, "app", "ls-tree", "-r", "--full-tree", commit).split("\n");
      const entry = ([name, text]: [string, string]): string =>
        `100644 blob ${blobOf(text)}\t${name}`;
      expect(found.toSorted()).toEqual(Object.entries(want).map(entry).toSorted());
    }),
    { numRuns: Number(process.env["RUNS"] ?? 12) },
  );
});
