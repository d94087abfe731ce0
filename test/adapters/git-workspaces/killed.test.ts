import { once } from "node:events";
import { existsSync, readdirSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { expect, test } from "vitest";
import { sweepLeftovers } from "../../../src/adapters/git-workspaces/sweep.ts";
import { startOther } from "./other-process.ts";
import { type Bundle, git, listed, NOW, setup, writeFiles } from "./setup.ts";

/** Moments of the work, told by what can be seen of them from outside. */
const MOMENTS: Readonly<Record<string, (bundle: Bundle, taskId: number) => boolean>> = {
  "bringing in": (bundle) => has(join(bundle.repositories, "app.git"), /lock|tmp_/u),
  "making the folder": (bundle, taskId) =>
    has(bundle.tasks, new RegExp(`^${taskId}\\.making-`, "u")),
  "the folder is made": (bundle, taskId) => existsSync(join(bundle.tasks, String(taskId))),
  "reading the state": (bundle) => has(join(bundle.repositories, ".private"), /^index-/u),
  "naming the state": (bundle, taskId) =>
    existsSync(join(bundle.repositories, "app.git/refs/sleepless/keep", String(taskId))),
};
const KILLS_PER_MOMENT = 2;

function has(folder: string, name: RegExp): boolean {
  return existsSync(folder) && readdirSync(folder).some((entry) => name.test(entry));
}

async function until(isTime: () => boolean): Promise<void> {
  while (!isTime()) await pause(1);
}

test.each(Object.keys(MOMENTS))(
  "a process killed while %s does not stop or falsify the next",
  async (moment) => {
    using bundle = setup();
    const files = Array.from({ length: 200 }, (_, at): [string, string] => [
      `d/${at}.txt`,
      `${at}\n`,
    ]);
    const project = bundle.repositoryProject({ ...Object.fromEntries(files), "a.txt": "one\n" });
    for (let taskId = 1; taskId <= KILLS_PER_MOMENT; taskId += 1) {
      git(project.location, "commit", "-q", "--allow-empty", "-m", `state ${taskId}`);
      const other = startOther(bundle, { taskId, project, steps: ["open", "keep"] });
      const gone = once(other, "exit");
      await until(() => other.exitCode !== null || (MOMENTS[moment]?.(bundle, taskId) ?? true));
      other.kill("SIGKILL");
      await gone;
      const { path } = await bundle.workspaces.open(taskId, project, bundle.signal);
      expect(git(path, "status", "--porcelain")).toBe("");
      writeFiles(path, { "a.txt": `${taskId}\n` });
      const kept = await bundle.workspaces.keep(taskId, 2, project, bundle.signal);
      expect(kept.changed).toEqual([{ status: "M", path: "a.txt" }]);
      expect(git(path, "log", "-1", "--format=%s")).toBe(`state ${taskId}\n`);
    }
  },
);

test("what a killed maker of the same folder had begun goes when it is made", async () => {
  using bundle = setup();
  writeFiles(bundle.tasks, { "7.making-old/x": "", "77.making-old/x": "" });
  await bundle.workspaces.open(7, null, bundle.signal);
  expect(readdirSync(bundle.tasks).toSorted()).toEqual(["7", "77.making-old"]);
});

test("what killed processes left is swept after a day, what a clock that jumped ahead makes look old stays", async () => {
  using bundle = setup();
  writeFiles(bundle.tasks, { "7.making-old/x": "", "8.making-new/x": "", "9/x": "" });
  const internal = join(bundle.repositories, ".private");
  writeFiles(internal, {
    "index-old": "",
    "index-new": "",
    "seeds/app-1": "",
    "fresh-old/HEAD": "",
  });
  const longAgo = new Date(Date.UTC(2026, 0, 14, 21, 59));
  const lately = new Date(Date.UTC(2026, 0, 15, 20, 0));
  for (const path of [
    `${bundle.tasks}/7.making-old`,
    `${internal}/index-old`,
    `${internal}/fresh-old`,
    `${internal}/seeds`,
  ]) {
    utimesSync(path, longAgo, longAgo);
  }
  for (const path of [`${bundle.tasks}/8.making-new`, `${internal}/index-new`]) {
    utimesSync(path, lately, lately);
  }
  await sweepLeftovers(bundle, bundle.tasks, NOW);
  expect(readdirSync(bundle.tasks).toSorted()).toEqual(["8.making-new", "9"]);
  expect(listed(internal)).toEqual(["index-new", "seeds", "seeds/app-1"]);
});
