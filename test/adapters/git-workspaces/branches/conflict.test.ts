import { once } from "node:events";
import { existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { expect, test } from "vitest";
import type { Project } from "../../../../src/core/project.ts";
import { startOther } from "../other-process.ts";
import { type Bundle, commitFile, git, opened, read, setup, writeFiles } from "../setup.ts";

const MARKS = /^<<<<<<< [^]*\ntheirs\n[^]*=======\nours\n>>>>>>> /u;

/** A task whose work collides with what its base became. */
async function collided(
  bundle: Bundle,
  taskId = 1,
): Promise<{ project: Project; commit: string; base: string }> {
  const project = bundle.repositoryProject({ "a.txt": "one\n", "b.txt": "b\n" });
  const path = await opened(bundle, taskId, project);
  writeFiles(path, { "a.txt": "ours\n", "new.txt": "n\n" });
  const { commit } = await bundle.workspaces.keep(taskId, 1, project, bundle.signal);
  commitFile(project.location, "a.txt", "theirs\n");
  const { commit: base } = await bundle.workspaces.branches.base(project, bundle.signal);
  return { project, commit, base };
}

async function inConflict(bundle: Bundle): Promise<{ project: Project; path: string }> {
  const { project, commit, base } = await collided(bundle);
  const { branches } = bundle.workspaces;
  await branches.openConflict(project, { taskId: 1, commit }, base, bundle.signal);
  return { project, path: join(bundle.tasks, "1") };
}

async function settle(bundle: Bundle, project: Project): Promise<readonly string[]> {
  const { commit } = await bundle.workspaces.keep(1, 2, project, bundle.signal);
  const state = { taskId: 1, commit };
  return bundle.workspaces.branches.settleConflict(project, state, bundle.signal);
}

test("a folder with a conflict is told as one until no file of it is marked any more", async () => {
  using bundle = setup();
  const { project, path } = await inConflict(bundle);
  const open = (): Promise<unknown> => bundle.workspaces.open(1, project, bundle.signal);
  expect(await open()).toMatchObject({ reused: true, unresolved: ["a.txt"] });
  expect(await settle(bundle, project)).toEqual(["a.txt"]);
  writeFiles(path, { "a.txt": read(path, "a.txt").replace(/^<<<<<<<.*\n/u, "") });
  expect(await settle(bundle, project)).toEqual(["a.txt"]);
  expect(await open()).toMatchObject({ unresolved: ["a.txt"] });
  writeFiles(path, { "a.txt": "both\n" });
  expect(await settle(bundle, project)).toEqual([]);
  expect(await open()).not.toHaveProperty("unresolved");
});

test("what only looks like a mark, or stands in other files, is none", async () => {
  using bundle = setup();
  const { project, path } = await inConflict(bundle);
  const marked = read(path, "a.txt");
  const text = "<<<<<<< HEAD\nx\n=======\ny\n>>>>>>> other\n  <<<<<<< a\n";
  writeFiles(path, { "a.txt": text, "docs/on-merging.md": marked });
  expect(await settle(bundle, project)).toEqual([]);
});

test("a file that was removed to resolve it is resolved", async () => {
  using bundle = setup();
  const { project, path } = await inConflict(bundle);
  rmSync(join(path, "a.txt"));
  expect(await settle(bundle, project)).toEqual([]);
});

test("very many files in conflict, oddly named, are no trouble", async () => {
  using bundle = setup();
  const names = Array.from({ length: 700 }, (_, at) => `-d ${at}/*:(top)[${"x".repeat(80)}].txt`);
  const all = (text: string): Record<string, string> =>
    Object.fromEntries(names.map((name) => [name, text]));
  const project = bundle.repositoryProject(all("one\n"));
  const path = await opened(bundle, 1, project);
  writeFiles(path, all("ours\n"));
  const { commit } = await bundle.workspaces.keep(1, 1, project, bundle.signal);
  writeFiles(project.location, all("theirs\n"));
  git(project.location, "commit", "-q", "-a", "-m", "theirs");
  const { branches } = bundle.workspaces;
  const { commit: base } = await branches.base(project, bundle.signal);
  await branches.openConflict(project, { taskId: 1, commit }, base, bundle.signal);
  const marked = await settle(bundle, project);
  expect(marked.length).toBeGreaterThan(400);
  expect(names).toEqual(expect.arrayContaining([...marked]));
});

/** Moments of opening a conflict, told by what can be seen of them from outside. */
const MOMENTS: Readonly<Record<string, (bundle: Bundle, taskId: number) => boolean>> = {
  "the merge is noted": (bundle, taskId) => has(bundle, "conflict", taskId),
  "the old folder is kept": (bundle, taskId) =>
    existsSync(join(bundle.repositories, `app.git/refs/sleepless/keep/${taskId}/0`)),
  "the old folder is in the trash": (bundle, taskId) => inTrash(bundle, taskId),
  "the new folder is being made": (bundle, taskId) =>
    readdirSync(bundle.tasks).some((name) => name.startsWith(`${taskId}.making-`)),
  "the new folder is made": (bundle, taskId) => isMadeAnew(bundle, taskId),
  "the old base is still noted": (bundle, taskId) =>
    inTrash(bundle, taskId) && has(bundle, "base", taskId),
  "the new folder is noted": (bundle, taskId) =>
    isMadeAnew(bundle, taskId) && has(bundle, "base", taskId),
};

function isMadeAnew(bundle: Bundle, taskId: number): boolean {
  return inTrash(bundle, taskId) && existsSync(join(bundle.tasks, String(taskId)));
}

function has({ repositories }: Bundle, kind: string, taskId: number): boolean {
  return existsSync(join(repositories, `app.git/refs/sleepless/${kind}/${taskId}`));
}

function inTrash({ trash }: Bundle, taskId: number): boolean {
  return readdirSync(trash).some((name) => name.startsWith(`${taskId}-`));
}

async function until(isTime: () => boolean): Promise<void> {
  while (!isTime()) await pause(1);
}

test.each(Object.keys(MOMENTS))("killed when %s, nothing of the work is lost", async (moment) => {
  using bundle = setup();
  const { project, commit } = await collided(bundle, 7);
  const work = { taskId: 7, project, commit, steps: ["conflict"] } as const;
  const other = startOther(bundle, work);
  const gone = once(other, "exit");
  await until(() => other.exitCode !== null || (MOMENTS[moment]?.(bundle, 7) ?? true));
  other.kill("SIGKILL");
  await gone;
  // An agent that is started on it, because of words that came meanwhile, has its work and is told.
  const { path, unresolved } = await bundle.workspaces.open(7, project, bundle.signal);
  const text = read(path, "a.txt");
  expect(text === "ours\n" || (MARKS.test(text) && unresolved?.join() === "a.txt")).toBe(true);
  expect(read(path, "new.txt")).toBe("n\n");
  // Without words, what was kept is taken up, and collides again.
  const attempts = { from: 1, to: 2 };
  expect(await bundle.workspaces.takeUp(7, attempts, project)).toMatchObject({ commit });
  const { branches } = bundle.workspaces;
  const state = { taskId: 7, commit };
  expect(await branches.settleConflict(project, state, bundle.signal)).toEqual([]);
  const { commit: base } = await branches.base(project, bundle.signal);
  await branches.openConflict(project, state, base, bundle.signal);
  expect(read(bundle.tasks, "7/a.txt")).toMatch(MARKS);
  const kept = await bundle.workspaces.keep(7, 3, project, bundle.signal);
  expect(kept.changed.map((each) => each.path)).toEqual(["a.txt", "new.txt"]);
});
