import { chmodSync, existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Project } from "../../../../src/core/project.ts";
import { type Bundle, commitFile, git, inside, opened, read, setup, writeFiles } from "../setup.ts";

const AT = Date.UTC(2026, 0, 16, 2);

test("the base branch is the one that is checked out, or the one that is named", async () => {
  using bundle = setup();
  const project = bundle.repositoryProject();
  git(project.location, "branch", "release");
  commitFile(project.location, "b.txt", "two\n");
  const { branches } = bundle.workspaces;
  const head = git(project.location, "rev-parse", "main").trim();
  const release = git(project.location, "rev-parse", "release").trim();
  expect(await branches.base(project, bundle.signal)).toEqual({ name: "main", commit: head });
  const other = { ...project, base: "release" };
  expect(await branches.base(other, bundle.signal)).toEqual({ name: "release", commit: release });
  git(project.location, "checkout", "-q", "--detach");
  expect(await branches.base(project, bundle.signal)).toEqual({ name: null, commit: head });
  const missing = { ...project, base: "gone" };
  await expect(branches.base(missing, bundle.signal)).rejects.toMatchObject({
    failure: "config",
    message: `The repository of project app, ${project.location}, has no branch gone yet; make one first.`,
  });
});

test("a state is put on a base that moved, when nothing collides", async () => {
  using bundle = setup();
  const { project, kept, branches } = await worked(bundle, { "a.txt": "one\nours\n" });
  expect(await fit(bundle, project, kept.commit, kept.base)).toMatchObject({
    type: "fits",
    base: kept.base,
    commit: kept.commit,
    changed: [{ status: "M", path: "a.txt" }],
  });
  commitFile(project.location, "b.txt", "theirs\n");
  const base = await branches.base(project, bundle.signal);
  const fitted = await fit(bundle, project, kept.commit, base.commit);
  expect(fitted).toMatchObject({
    type: "fits",
    base: base.commit,
    changed: [{ status: "M", path: "a.txt" }],
    insertions: 1,
  });
  const moved = fitted.type === "fits" ? fitted.commit : "";
  expect(inside(bundle, "app", "show", `${moved}:b.txt`)).toBe("theirs");
  expect(inside(bundle, "app", "rev-parse", `${moved}^`)).toBe(base.commit);
});

test("a conflict is told with its files and opened for the agent with both versions marked", async () => {
  using bundle = setup();
  const { project, kept, branches } = await worked(bundle, { "a.txt": "ours\n", "new.txt": "n\n" });
  commitFile(project.location, "a.txt", "theirs\n");
  const base = await branches.base(project, bundle.signal);
  const conflict = await fit(bundle, project, kept.commit, base.commit);
  expect(conflict).toMatchObject({ type: "conflict", base: base.commit, paths: ["a.txt"] });
  expect(conflict.type === "conflict" && conflict.hunks).toContain("+theirs");
  const state = { taskId: 1, commit: kept.commit };
  await branches.openConflict(project, state, base.commit, bundle.signal);
  const path = join(bundle.tasks, "1");
  expect(read(path, "a.txt")).toMatch(
    /^<<<<<<< .*\ntheirs\n\|\|\|\|\|\|\| .*\none\n=======\nours\n>>>>>>> .*\n$/u,
  );
  expect(read(path, "new.txt")).toBe("n\n");
  // Nothing is believed of what is marked: it is compared with the new base, whatever the agent does.
  expect((await keep(bundle, project, 2)).changed).toEqual([
    { status: "M", path: "a.txt" },
    { status: "A", path: "new.txt" },
  ]);
  writeFileSync(join(path, "a.txt"), "both\n");
  const resolved = await keep(bundle, project, 3);
  expect(resolved.changed).toEqual([
    { status: "M", path: "a.txt" },
    { status: "A", path: "new.txt" },
  ]);
  expect(await fit(bundle, project, resolved.commit, base.commit)).toMatchObject({ type: "fits" });
});

test("a base without a common history is told as that", async () => {
  using bundle = setup();
  const { project, kept, branches } = await worked(bundle, { "a.txt": "ours\n" });
  git(project.location, "checkout", "-q", "--orphan", "fresh");
  git(project.location, "commit", "-q", "-m", "fresh");
  git(project.location, "branch", "-M", "main");
  const base = await branches.base(project, bundle.signal);
  expect(await fit(bundle, project, kept.commit, base.commit)).toEqual({
    type: "unrelated",
    base: base.commit,
  });
});

test("a branch is made in a person's repository, is found again, and only ours is replaced", async () => {
  using bundle = setup();
  const { project, kept, branches } = await worked(bundle, { "a.txt": "ours\n" });
  const branch = "feature/app-1-x";
  const push = (sent: string | null, ours: readonly string[]): Promise<unknown> =>
    branches.push(project, { branch, commit: sent, ours }, bundle.signal);
  const first = await commit(bundle, project, kept, "first");
  expect(await push(first, [])).toEqual({ type: "pushed" });
  expect(git(project.location, "rev-parse", branch).trim()).toBe(first);
  expect(git(project.location, "status", "--porcelain")).toBe("");
  expect(await push(first, [])).toEqual({ type: "there" });
  const second = await commit(bundle, project, kept, "second");
  expect(await push(second, [])).toMatchObject({ type: "refused", reason: "taken" });
  expect(await push(second, [first])).toEqual({ type: "pushed" });
  git(project.location, "checkout", "-q", branch);
  expect(await push(null, [second])).toMatchObject({
    type: "refused",
    reason: "taken",
    message: `The branch ${branch} is checked out in ${project.location}; check out another one there.`,
  });
  git(project.location, "checkout", "-q", "main");
  expect(await push(null, [second])).toEqual({ type: "pushed" });
  expect(git(project.location, "branch", "--list", branch)).toBe("");
});

test("nothing of a person's configuration runs when a branch is made or landed", async () => {
  using bundle = setup();
  const { project, kept, branches } = await worked(bundle, { "a.txt": "ours\n" });
  const canary = join(bundle.root, "canary");
  const trap = join(bundle.root, "trap");
  writeFileSync(trap, `#!/bin/sh\ntouch ${canary}\n`);
  chmodSync(trap, 0o755);
  const hooks = join(project.location, ".git/hooks");
  for (const hook of [
    "reference-transaction",
    "post-checkout",
    "post-index-change",
    "post-merge",
  ]) {
    writeFiles(hooks, { [hook]: read(trap) });
    chmodSync(join(hooks, hook), 0o755);
  }
  git(project.location, "config", "core.fsmonitor", trap);
  const result = await commit(bundle, project, kept, "first");
  const move = { branch: "main", expected: kept.base, commit: result };
  await branches.push(project, { branch: "feature/x", commit: result, ours: [] }, bundle.signal);
  expect(await branches.landLocally(project, move, bundle.signal)).toEqual({
    type: "landed",
    commit: result,
  });
  expect(existsSync(canary)).toBe(false);
  git(project.location, "status");
  expect(existsSync(canary)).toBe(true);
});

test("a base branch that is checked out moves with its files, and a person's changes stay", async () => {
  using bundle = setup();
  const { project, kept, branches } = await worked(bundle, { "a.txt": "ours\n" });
  const result = await commit(bundle, project, kept, "first");
  const move = { branch: "main", expected: kept.base, commit: result };
  writeFileSync(join(project.location, "a.txt"), "by hand\n");
  expect(await branches.landLocally(project, move, bundle.signal)).toMatchObject({
    type: "refused",
    message: expect.stringContaining("changed by hand where the result changes them"),
  });
  expect(read(project.location, "a.txt")).toBe("by hand\n");
  expect(git(project.location, "rev-parse", "main").trim()).toBe(kept.base);
  git(project.location, "checkout", "-q", "a.txt");
  writeFileSync(join(project.location, "notes.txt"), "mine\n");
  expect(await branches.landLocally(project, move, bundle.signal)).toMatchObject({
    type: "landed",
  });
  expect(read(project.location, "a.txt")).toBe("ours\n");
  expect(git(project.location, "status", "--porcelain")).toBe("?? notes.txt\n");
  expect(await branches.landLocally(project, move, bundle.signal)).toMatchObject({ type: "there" });
});

test("a base branch that moved, or is not there, is left alone; a bare repository is landed on", async () => {
  using bundle = setup();
  const { project, kept, branches } = await worked(bundle, { "a.txt": "ours\n" });
  const bare = { ...project, location: join(bundle.root, "bare.git") };
  git(bundle.root, "clone", "-q", "--bare", project.location, bare.location);
  const result = await commit(bundle, project, kept, "first");
  const move = { branch: "main", expected: kept.base, commit: result };
  expect(await branches.landLocally(bare, move, bundle.signal)).toMatchObject({ type: "landed" });
  expect(git(bare.location, "rev-parse", "main").trim()).toBe(result);
  commitFile(project.location, "b.txt", "theirs\n");
  expect(await branches.landLocally(project, move, bundle.signal)).toEqual({
    type: "refused",
    message: "The branch main moved meanwhile; land it again.",
  });
  const nowhere = { ...move, branch: "gone" };
  expect(await branches.landLocally(project, nowhere, bundle.signal)).toMatchObject({
    type: "refused",
  });
});

test("thoughts gather on a branch of their own, each in its folder, once", async () => {
  using bundle = setup();
  const { branches } = bundle.workspaces;
  const think = async (
    taskId: number,
    files: Readonly<Record<string, string>>,
  ): Promise<string> => {
    const path = (await bundle.workspaces.open(taskId, null, bundle.signal)).path;
    writeFiles(path, files);
    const kept = await bundle.workspaces.keep(taskId, 1, null, bundle.signal);
    const spec = { taskId, folder: `${taskId}-idea`, commit: kept.commit, summary: "I thought.\n" };
    return branches.addThought({ ...spec, message: `Idea ${taskId}\n`, at: AT }, bundle.signal);
  };
  const first = await think(1, { "idea.md": "one\n" });
  const second = await think(2, { "deep/idea.md": "two\n", "SUMMARY.md": "mine\n" });
  expect(await think(2, { "deep/idea.md": "two\n", "SUMMARY.md": "mine\n" })).toBe(second);
  const list = inside(bundle, "scratch", "ls-tree", "-r", "--name-only", "thought-ideas");
  expect(list.split("\n")).toEqual([
    "1-idea/SUMMARY.md",
    "1-idea/idea.md",
    "2-idea/SUMMARY.md",
    "2-idea/deep/idea.md",
  ]);
  expect(inside(bundle, "scratch", "show", "thought-ideas:2-idea/SUMMARY.md")).toBe("mine");
  expect(inside(bundle, "scratch", "rev-parse", "thought-ideas^")).toBe(first);
});

interface Worked {
  readonly project: Project;
  readonly branches: Bundle["workspaces"]["branches"];
  readonly kept: { readonly commit: string; readonly base: string };
}

/** Task 1 of a repository has been done: these files were written. */
async function worked(bundle: Bundle, files: Readonly<Record<string, string>>): Promise<Worked> {
  const project = bundle.repositoryProject();
  const base = git(project.location, "rev-parse", "HEAD").trim();
  writeFiles(await opened(bundle, 1, project), files);
  const { commit: state } = await keep(bundle, project, 1);
  return { project, branches: bundle.workspaces.branches, kept: { commit: state, base } };
}

function keep(
  bundle: Bundle,
  project: Project,
  attempt: number,
): ReturnType<Bundle["workspaces"]["keep"]> {
  return bundle.workspaces.keep(1, attempt, project, bundle.signal);
}

function fit(
  { workspaces, signal }: Bundle,
  project: Project,
  state: string,
  onto: string,
): ReturnType<Bundle["workspaces"]["branches"]["fit"]> {
  const spec = { taskId: 1, commit: state, message: "Fitted" };
  return workspaces.branches.fit(project, spec, onto, signal);
}

function commit(
  { workspaces, signal }: Bundle,
  project: Project,
  kept: Worked["kept"],
  message: string,
): Promise<string> {
  const spec = { taskId: 1, files: kept.commit, parents: [kept.base], message, at: AT };
  return workspaces.branches.commit(project, spec, signal);
}
