import { expect, test } from "vitest";
import { gitWorkspaces } from "../../../../src/adapters/git-workspaces/git-workspaces.ts";
import { inside, NOW, setup } from "../setup.ts";

const AT = NOW;

test("thoughts of several processes at once all get onto their branch", async () => {
  using bundle = setup();
  const { tasks, trash, repositories, signal } = bundle;
  const searchPath = process.env["PATH"] ?? "";
  const places = { tasks, trash, repositories, program: "git", searchPath, now: () => AT };
  const processes = [1, 2, 3, 4].map(() => gitWorkspaces(places));
  await bundle.workspaces.open(1, null, signal);
  const { commit } = await bundle.workspaces.keep(1, 1, null, signal);
  const added = processes.map(async ({ branches }, at) => {
    const [taskId, summary] = [at + 1, "I thought.\n"];
    const spec = { taskId, folder: `${taskId}-idea`, commit, summary, message: "Idea\n", at: AT };
    await branches.addThought(spec, signal);
  });
  await Promise.all(added);
  expect(inside(bundle, "scratch", "ls-tree", "--name-only", "thought-ideas").split("\n")).toEqual([
    "1-idea",
    "2-idea",
    "3-idea",
    "4-idea",
  ]);
});
