import {
  existsSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { workspacesContract } from "../../contract/workspaces.ts";
import { git, inside, listed, NOW, read, setup, writeFiles } from "./setup.ts";

describe("workspaces of git", () => {
  workspacesContract(setup);
});

test("a task of a repository works on a copy of the checked-out commit, with a .git of its own", async () => {
  using bundle = setup();
  const project = bundle.repositoryProject({ "a.txt": "one\n", "src/b.txt": "two\n" });
  git(project.location, "branch", "other");
  writeFileSync(join(project.location, "a.txt"), "not committed\n");
  const workspace = await bundle.workspaces.open(7, project, bundle.signal);
  expect(workspace).toEqual({
    path: join(bundle.tasks, "7"),
    reused: false,
    needs: [join(bundle.repositories, "app.git")],
  });
  expect(read(workspace.path, "a.txt")).toBe("one\n");
  expect(git(workspace.path, "status", "--porcelain", "--branch")).toBe("## sleepless/7\n");
  expect(git(workspace.path, "branch", "--all", "--format=%(refname:short)").split("\n")).toEqual([
    "sleepless/7",
    "origin/main",
    "origin/other",
    "",
  ]);
  expect(git(workspace.path, "log", "--format=%s")).toBe("first\n");
  expect(git(workspace.path, "remote")).toBe("");
  git(workspace.path, "fsck");
  writeFileSync(join(workspace.path, "c"), "");
  git(workspace.path, "add", "c");
  git(workspace.path, "commit", "-q", "-m", "mine");
});

test("a thought works in an empty folder, a task of a plain folder on a copy of its files", async () => {
  using bundle = setup();
  const thought = await bundle.workspaces.open(1, null, bundle.signal);
  expect(readdirSync(thought.path)).toEqual([".git"]);
  const project = bundle.folderProject({ "a.txt": "one\n", ".gitignore": "*.log\n", "x.log": "" });
  const first = await bundle.workspaces.open(2, project, bundle.signal);
  expect(readdirSync(first.path).toSorted()).toEqual([".git", ".gitignore", "a.txt"]);
  const second = await bundle.workspaces.open(3, project, bundle.signal);
  writeFileSync(join(project.location, "a.txt"), "later\n");
  const third = await bundle.workspaces.open(4, project, bundle.signal);
  expect([read(second.path, "a.txt"), read(third.path, "a.txt")]).toEqual(["one\n", "later\n"]);
  expect(inside(bundle, "folder", "rev-list", "--count", "refs/heads/main")).toBe("2");
  expect(existsSync(join(project.location, ".git"))).toBe(false);
});

test("keeping tells what changed and stores it all below a private ref", async () => {
  using bundle = setup();
  const project = bundle.repositoryProject({
    "a.txt": "1\n2\n3\n",
    "gone.txt": "x\n",
    "same.txt": "",
  });
  const { path } = await bundle.workspaces.open(7, project, bundle.signal);
  writeFiles(path, { "a.txt": "1\nzwei\n3\n4\n", "new/deep.txt": "n\n" });
  rmSync(join(path, "gone.txt"));
  git(path, "add", "a.txt");
  git(path, "commit", "-q", "-m", "the agent's own commit");
  const kept = await bundle.workspaces.keep(7, 1, project, bundle.signal);
  const ref = "refs/sleepless/keep/7/1";
  expect(kept).toEqual({
    changed: [
      { status: "M", path: "a.txt" },
      { status: "D", path: "gone.txt" },
      { status: "A", path: "new/deep.txt" },
    ],
    insertions: 3,
    deletions: 2,
    commit: inside(bundle, "app", "rev-parse", ref),
    ref,
  });
  expect(inside(bundle, "app", "log", "-1", "--format=%s %an %at %P", ref)).toBe(
    `Task 7, attempt 1 Sleepless Agent ${NOW / 1000} ${inside(bundle, "app", "rev-parse", "main")}`,
  );
  expect(inside(bundle, "app", "show", `${ref}:new/deep.txt`)).toBe("n");
  expect(await bundle.workspaces.diff(ref, project, 10_000)).toContain("\n-2\n+zwei\n 3\n+4\n");
  expect(await bundle.workspaces.keep(7, 1, project, bundle.signal)).toEqual(kept);
});

test("nothing changed is kept as nothing changed", async () => {
  using bundle = setup();
  const project = bundle.repositoryProject();
  await bundle.workspaces.open(1, null, bundle.signal);
  await bundle.workspaces.open(2, project, bundle.signal);
  const nothing = { changed: [], insertions: 0, deletions: 0 };
  expect(await bundle.workspaces.keep(1, 1, null, bundle.signal)).toMatchObject(nothing);
  expect(await bundle.workspaces.keep(2, 1, project, bundle.signal)).toMatchObject(nothing);
  expect(await bundle.workspaces.diff("refs/sleepless/keep/2/1", project, 100)).toBe("");
});

test("opening again finds the same folder with everything in it, whatever the project is now", async () => {
  using bundle = setup();
  const project = bundle.repositoryProject();
  const first = await bundle.workspaces.open(7, project, bundle.signal);
  writeFileSync(join(first.path, "half.txt"), "half done\n");
  writeFileSync(join(project.location, "a.txt"), "moved on\n");
  git(project.location, "commit", "-q", "-a", "-m", "second");
  const again = await bundle.workspaces.open(7, project, bundle.signal);
  expect(again).toEqual({ ...first, reused: true });
  expect([read(again.path, "half.txt"), read(again.path, "a.txt")]).toEqual([
    "half done\n",
    "one\n",
  ]);
  const kept = await bundle.workspaces.keep(7, 2, project, bundle.signal);
  expect(kept.changed).toEqual([{ status: "A", path: "half.txt" }]);
});

test("a folder that was only half made is put aside and made anew", async () => {
  using bundle = setup();
  const project = bundle.repositoryProject();
  writeFiles(join(bundle.tasks, "7"), { "a.txt": "half a check-out" });
  const workspace = await bundle.workspaces.open(7, project, bundle.signal);
  expect(workspace.reused).toBe(false);
  expect(read(workspace.path, "a.txt")).toBe("one\n");
  const [trashed = ""] = readdirSync(bundle.trash);
  expect(trashed).toMatch(/^7-20260115T220000Z-[\da-f]{8}$/u);
  expect(read(bundle.trash, trashed, "a.txt")).toBe("half a check-out");
});

test("a folder that vanished is made anew; before that its state cannot be kept", async () => {
  using bundle = setup();
  const { path } = await bundle.workspaces.open(7, null, bundle.signal);
  rmSync(path, { recursive: true });
  await expect(bundle.workspaces.keep(7, 1, null, bundle.signal)).rejects.toMatchObject({
    name: "WorkspaceUnavailable",
    failure: "crash",
  });
  expect(await bundle.workspaces.open(7, null, bundle.signal)).toEqual({ path, reused: false });
});

test("an interrupted check-out leaves nothing in the way", async () => {
  using bundle = setup();
  const project = bundle.repositoryProject();
  const stop = new AbortController();
  const opening = bundle.workspaces.open(7, project, stop.signal);
  stop.abort(new Error("stopped"));
  await expect(opening).rejects.toThrow("stopped");
  expect(readdirSync(bundle.tasks)).toEqual([]);
  expect((await bundle.workspaces.open(7, project, bundle.signal)).reused).toBe(false);
});

test("discarding moves the folder aside; its states stay, and one that was not kept is kept first", async () => {
  using bundle = setup();
  const project = bundle.repositoryProject();
  const { path } = await bundle.workspaces.open(7, project, bundle.signal);
  writeFileSync(join(path, "new.txt"), "new\n");
  const { ref } = await bundle.workspaces.keep(7, 1, project, bundle.signal);
  writeFileSync(join(path, "later.txt"), "later\n");
  await bundle.workspaces.discard(7);
  await bundle.workspaces.discard(7);
  await bundle.workspaces.discard(8);
  expect(existsSync(path)).toBe(false);
  const [trashed = ""] = readdirSync(bundle.trash);
  expect(read(bundle.trash, trashed, "new.txt")).toBe("new\n");
  expect(await bundle.workspaces.diff(ref, project, 10_000)).not.toContain("+later");
  const last = await bundle.workspaces.diff("refs/sleepless/keep/7/0", project, 10_000);
  expect(last).toContain("+later");
  expect((await bundle.workspaces.open(7, project, bundle.signal)).reused).toBe(false);
});

test("discarding keeps nothing twice, and nothing of a folder that no agent ever had", async () => {
  using bundle = setup();
  const { path } = await bundle.workspaces.open(7, null, bundle.signal);
  writeFileSync(join(path, "new.txt"), "new\n");
  await bundle.workspaces.keep(7, 1, null, bundle.signal);
  writeFiles(join(bundle.tasks, "8"), { "half.txt": "" });
  await bundle.workspaces.discard(7);
  await bundle.workspaces.discard(8);
  await bundle.workspaces.restore(7, { state: 0, into: null, replace: false }, bundle.signal);
  await bundle.workspaces.discard(7);
  expect(inside(bundle, "scratch", "for-each-ref", "--format=%(refname)").split("\n")).toEqual([
    "refs/sleepless/aside/7/0",
    "refs/sleepless/keep/7/0",
    "refs/sleepless/keep/7/1",
    "refs/sleepless/nothing",
    expect.stringMatching(/^refs\/sleepless\/trash\/7-/u),
  ]);
  expect(readdirSync(bundle.trash)).toHaveLength(2);
});

test("a kept state can be restored as it was, into an empty place only", async () => {
  using bundle = setup();
  const project = bundle.repositoryProject({ "run.sh": "#!/bin/sh\n", "a.txt": "one\n" });
  const { path } = await bundle.workspaces.open(7, project, bundle.signal);
  writeFiles(path, { "deep/er/x.txt": "x\n" });
  symlinkSync("/etc/passwd", join(path, "link"));
  rmSync(join(path, "a.txt"));
  const { ref } = await bundle.workspaces.keep(7, 1, project, bundle.signal);
  const into = join(bundle.root, "restored");
  await bundle.workspaces.restoreKept(ref, project, into, bundle.signal);
  expect(listed(into)).toEqual(["deep", "deep/er", "deep/er/x.txt", "link", "run.sh"]);
  expect(readlinkSync(join(into, "link"))).toBe("/etc/passwd");
  await expect(bundle.workspaces.restoreKept(ref, project, into, bundle.signal)).rejects.toThrow(
    "is not empty",
  );
});

test("a diff is cut at a character, and only kept states have one", async () => {
  using bundle = setup();
  const { path } = await bundle.workspaces.open(7, null, bundle.signal);
  writeFileSync(join(path, "wide.txt"), `${"🌙".repeat(5000)}\n`);
  const { ref } = await bundle.workspaces.keep(7, 1, null, bundle.signal);
  const whole = await bundle.workspaces.diff(ref, null, 1_000_000);
  for (const maxBytes of [0, 1, 100, 201, 202, 203, 204]) {
    const text = await bundle.workspaces.diff(ref, null, maxBytes);
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(maxBytes);
    expect(whole.startsWith(text)).toBe(true);
  }
  await expect(bundle.workspaces.diff("HEAD", null, 100)).rejects.toThrow(
    "is not the ref of a kept",
  );
  await expect(bundle.workspaces.diff("refs/sleepless/keep/7/9", null, 100)).rejects.toMatchObject({
    failure: "config",
  });
});

test("many tasks at once do not get into each other's way", async () => {
  using bundle = setup();
  const project = bundle.repositoryProject();
  const ids = [1, 2, 3, 4, 5, 6, 7, 8];
  await Promise.all(
    ids.map(async (id) => {
      const { path } = await bundle.workspaces.open(id, project, bundle.signal);
      writeFileSync(join(path, `${id}.txt`), "x\n");
    }),
  );
  const kept = await Promise.all(
    ids.map((id) => bundle.workspaces.keep(id, 1, project, bundle.signal)),
  );
  expect(kept.map(({ changed }) => changed)).toEqual(
    ids.map((id) => [{ status: "A", path: `${id}.txt` }]),
  );
});

test("two projects and a thought may share a name or an id", async () => {
  using bundle = setup();
  const project = bundle.repositoryProject({ "a.txt": "one\n" }, "scratch");
  const { path } = await bundle.workspaces.open(1, project, bundle.signal);
  const thought = await bundle.workspaces.open(2, null, bundle.signal);
  expect(read(path, "a.txt")).toBe("one\n");
  expect(readdirSync(bundle.repositories).toSorted()).toEqual([
    ".private",
    "@scratch.git",
    "scratch.git",
  ]);
  expect(readdirSync(thought.path)).toEqual([".git"]);
});

test("locks that a killed git left behind do not stop the work", async () => {
  using bundle = setup();
  const project = bundle.repositoryProject();
  await bundle.workspaces.open(7, project, bundle.signal);
  const stale = new Date(Date.now() - 3_600_000);
  for (const name of [
    "refs/sleepless/keep/7/1.lock",
    "refs/sleepless/base/8.lock",
    "refs/heads/main.lock",
  ]) {
    const lock = join(bundle.repositories, "app.git", name);
    mkdirSync(join(lock, ".."), { recursive: true });
    writeFileSync(lock, "");
    utimesSync(lock, stale, stale);
  }
  writeFileSync(join(project.location, "a.txt"), "two\n");
  git(project.location, "commit", "-q", "-a", "-m", "second");
  await bundle.workspaces.keep(7, 1, project, bundle.signal);
  const { path } = await bundle.workspaces.open(8, project, bundle.signal);
  expect(read(path, "a.txt")).toBe("two\n");
});

test("nothing private of ours is left over", async () => {
  using bundle = setup();
  const project = bundle.repositoryProject();
  await bundle.workspaces.open(7, project, bundle.signal);
  await bundle.workspaces.keep(7, 1, project, bundle.signal);
  await bundle.workspaces.discard(7);
  expect(listed(join(bundle.repositories, ".private"))).toEqual(["home", "seeds"]);
  expect(statSync(join(bundle.repositories, ".private", "home")).mode & 0o777).toBe(0o700);
});
