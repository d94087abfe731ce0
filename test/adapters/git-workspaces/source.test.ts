import { appendFileSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { probeGit } from "../../../src/adapters/git-workspaces/probe.ts";
import type { Project } from "../../../src/core/project.ts";
import { commitFile, git, inside, opened, read, setup } from "./setup.ts";

test("each fresh task begins from what is checked out now", async () => {
  using bundle = setup();
  const project = bundle.repositoryProject({ "a.txt": "one\n" });
  await opened(bundle, 1, project);
  git(project.location, "checkout", "-q", "-b", "feature/x");
  commitFile(project.location, "b.txt", "on a branch\n");
  expect(read(await opened(bundle, 2, project), "b.txt")).toBe("on a branch\n");
  git(project.location, "checkout", "-q", "--detach", "main");
  commitFile(project.location, "c.txt", "on none\n");
  const third = await opened(bundle, 3, project);
  expect(readdirSync(third).toSorted()).toEqual([".git", "a.txt", "c.txt"]);
});

test("branches that went, came back under another shape or were rewritten are followed", async () => {
  using bundle = setup();
  const project = bundle.repositoryProject({ "a.txt": "one\n" });
  git(project.location, "branch", "topic");
  await opened(bundle, 1, project);
  git(project.location, "branch", "-D", "topic");
  git(project.location, "branch", "topic/deep");
  writeFileSync(join(project.location, "a.txt"), "rewritten\n");
  git(project.location, "commit", "-q", "--amend", "-a", "-m", "rewritten");
  const path = await opened(bundle, 2, project);
  expect(read(path, "a.txt")).toBe("rewritten\n");
  expect(git(path, "branch", "--remotes", "--format=%(refname:short)")).toBe(
    "origin/main\norigin/topic/deep\n",
  );
});

test("a kept state outlives a rewritten history of its project", async () => {
  using bundle = setup();
  const project = bundle.repositoryProject({ "a.txt": "one\n" });
  const path = await opened(bundle, 1, project);
  writeFileSync(join(path, "new.txt"), "new\n");
  const { ref } = await bundle.workspaces.keep(1, 1, project, bundle.signal);
  git(project.location, "commit", "-q", "--amend", "-m", "other");
  await opened(bundle, 2, project);
  inside(bundle, "app", "-c", "gc.pruneExpire=now", "gc", "--quiet");
  expect(await bundle.workspaces.diff(ref, project, 10_000)).toContain("+new");
});

test("a shallow clone, a work tree and a bare repository are repositories too", async () => {
  using bundle = setup();
  const origin = bundle.repositoryProject({ "a.txt": "one\n" }, "origin");
  commitFile(origin.location, "b.txt", "two\n");
  const project = (name: string): Project => ({
    ...origin,
    name,
    location: join(bundle.root, name),
  });
  const [shallow, tree, bare] = [project("shallow"), project("tree"), project("bare")];
  git(bundle.root, "clone", "-q", "--depth=1", `file://${origin.location}`, shallow.location);
  git(origin.location, "worktree", "add", "-q", tree.location);
  git(bundle.root, "clone", "-q", "--bare", origin.location, bare.location);
  for (const [index, one] of [shallow, tree, bare].entries()) {
    const path = await opened(bundle, index + 1, one);
    expect(readdirSync(path).toSorted()).toEqual([".git", "a.txt", "b.txt"]);
    git(path, "status");
    git(path, "log");
    writeFileSync(join(path, "a.txt"), "x\n");
    const { changed } = await bundle.workspaces.keep(index + 1, 1, one, bundle.signal);
    expect(changed).toEqual([{ status: "M", path: "a.txt" }]);
  }
});

test("a repository without a commit is taken like a plain folder", async () => {
  using bundle = setup();
  const project = bundle.folderProject({ "a.txt": "one\n" });
  git(project.location, "init", "-q");
  expect(readdirSync(await opened(bundle, 1, project)).toSorted()).toEqual([".git", "a.txt"]);
  git(project.location, "add", "-A");
  git(project.location, "commit", "-q", "-m", "first");
  expect(git(await opened(bundle, 2, project), "log", "--format=%s")).toBe("first\n");
});

test("an empty folder, an odd path and a sparse name work", async () => {
  using bundle = setup();
  const empty = bundle.folderProject({}, "empty");
  expect(readdirSync(await opened(bundle, 1, empty))).toEqual([".git"]);
  const odd = { ...empty, name: "x.y_z-1", location: join(bundle.root, "a b:c 'd' -e\n") };
  mkdirSync(odd.location);
  commitAll(odd.location);
  expect(readdirSync(await opened(bundle, 2, odd)).toSorted()).toEqual([".git", "a.txt"]);
});

function commitAll(folder: string): void {
  writeFileSync(join(folder, "a.txt"), "one\n");
  git(folder, "init", "-q");
  git(folder, "add", "-A");
  git(folder, "commit", "-q", "-m", "first");
}

test("what cannot be brought in is refused with a sentence that says what to do", async () => {
  using bundle = setup();
  const project = bundle.repositoryProject();
  const refusalOf = async (one: Project): Promise<unknown> => {
    try {
      return await bundle.workspaces.open(1, one, bundle.signal);
    } catch (error) {
      return error;
    }
  };
  const gone = { ...project, location: join(bundle.root, "gone") };
  expect(await refusalOf(gone)).toMatchObject({
    failure: "config",
    message: `The folder of project app, ${gone.location}, is not there; bring it back or run \`sle project remove app\`.`,
  });
  const above = { ...project, location: bundle.root };
  expect(await refusalOf(above)).toMatchObject({
    failure: "config",
    message: `The folder of project app, ${bundle.root}, contains the home of Sleepless Agent; make the project of a folder below it.`,
  });
  rmSync(join(project.location, ".git", "HEAD"));
  expect(await refusalOf(project)).toMatchObject({
    failure: "config",
    message: `The repository of project app, ${project.location}, is broken; see what \`git -C ${project.location} status\` says.`,
  });
  const long = { ...project, name: "long", location: join(bundle.root, "long") };
  mkdirSync(long.location);
  git(long.location, "init", "-q", "--object-format=sha256");
  commitFile(long.location, "a.txt", "one\n");
  expect(await refusalOf(long)).toMatchObject({
    failure: "config",
    message: `The repository of project long, ${long.location}, uses SHA-256 names, which are not supported; use one with SHA-1 names.`,
  });
  for (const name of ["../x", "..", "a/b", "", "UP", "-x", "@scratch"]) {
    await expect(bundle.workspaces.open(1, { ...project, name }, bundle.signal)).rejects.toThrow(
      "is not the name of a project",
    );
  }
  expect(readdirSync(bundle.tasks)).toEqual([]);
});

test("without git the answer says to install it", async () => {
  using bundle = setup("/nowhere/git");
  await expect(bundle.workspaces.open(1, null, bundle.signal)).rejects.toMatchObject({
    failure: "config",
    message: expect.stringContaining("install git 2.34 or newer") as string,
  });
});

test("a full disk is told as one", async () => {
  using root = setup();
  const full = join(root.root, "full-git");
  const script = "#!/bin/sh\necho 'fatal: write error: No space left on device' >&2\nexit 128\n";
  writeFileSync(full, script, { mode: 0o755 });
  using bundle = setup(full);
  await expect(bundle.workspaces.open(1, null, bundle.signal)).rejects.toMatchObject({
    failure: "disk",
    message: "The disk is full; free some space.",
  });
});

test("the probe tells the version, an old one and a missing one", async () => {
  using bundle = setup();
  const probe = (program: string): Promise<unknown> => {
    const options = { program, searchPath: process.env["PATH"] ?? "", home: bundle.root };
    return probeGit(options, bundle.signal);
  };
  expect(await probe("git")).toEqual({
    ok: true,
    version: expect.stringMatching(/^2\.\d+/u) as string,
  });
  const old = join(bundle.root, "old-git");
  writeFileSync(old, "#!/bin/sh\necho git version 2.25.1\n", { mode: 0o755 });
  expect(await probe(old)).toEqual({
    ok: false,
    message: "git 2.25.1 is too old; install git 2.34 or newer.",
  });
  expect(await probe("/nowhere/git")).toMatchObject({ ok: false });
});

test("a large change of a plain folder is one commit more, and its history stays", async () => {
  using bundle = setup();
  const project = bundle.folderProject({ "a.txt": "one\n", "b/c.txt": "two\n" });
  const first = await opened(bundle, 1, project);
  renameSync(join(project.location, "b"), join(project.location, "d"));
  appendFileSync(join(project.location, "a.txt"), "more\n");
  const second = await opened(bundle, 2, project);
  expect([read(first, "b/c.txt"), read(second, "d/c.txt"), read(second, "a.txt")]).toEqual([
    "two\n",
    "two\n",
    "one\nmore\n",
  ]);
  expect(git(second, "log", "--format=%s")).toBe("The files of folder\nThe files of folder\n");
});
