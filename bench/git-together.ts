import { execFileSync } from "node:child_process";
import type { GitWorkspaces } from "../src/adapters/git-workspaces/git-workspaces.ts";
import type { Project } from "../src/core/project.ts";
import { changeFiles, gitIn } from "./git-repository.ts";
import type { Row } from "./table.ts";

const TASKS = 8;
const FIRST_TASK = 1000;

/** Tasks side by side on one repository, from an open folder to a pushed branch. */
export async function together(
  workspaces: GitWorkspaces,
  project: Project,
  remote: string,
  rounds: number,
): Promise<readonly Row[]> {
  execFileSync("git", ["clone", "-q", "--bare", project.location, remote]);
  const pushed = { ...project, location: remote };
  const failures: string[] = [];
  const durations: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const startedMs = performance.now();
    const ways = Array.from({ length: TASKS }, (_, index) =>
      wholeWay(workspaces, pushed, FIRST_TASK + round * TASKS + index, index),
    );
    for (const end of await Promise.allSettled(ways)) {
      if (end.status === "rejected") failures.push(String(end.reason));
    }
    durations.push(performance.now() - startedMs);
  }
  for (const failure of failures) process.stderr.write(`${failure}\n`);
  const branches = gitIn(remote, "for-each-ref", "refs/heads/task-*").split("\n").length;
  const sorted = durations.toSorted((a, b) => a - b);
  const note = `${rounds} rounds of open, keep, fit, commit, push; ${branches} branches arrived`;
  const spread = `${sorted[0]?.toFixed(0)} to ${sorted.at(-1)?.toFixed(0)}`;
  return [
    { name: `${TASKS} tasks at once`, value: failures.length, unit: "failed", goal: "= 0", note },
    {
      name: "",
      value: sorted[Math.floor(sorted.length / 2)] ?? Number.NaN,
      unit: "ms a round",
      goal: "",
      note: `median, ${spread}`,
    },
  ];
}

async function wholeWay(
  workspaces: GitWorkspaces,
  project: Project,
  taskId: number,
  index: number,
): Promise<void> {
  const { signal } = new AbortController();
  const { branches } = workspaces;
  const { path } = await workspaces.open(taskId, project, signal);
  changeFiles(path, index * 50, 50);
  const kept = await workspaces.keep(taskId, 1, project, signal);
  const base = await branches.base(project, signal);
  const state = { taskId, commit: kept.commit, message: `task ${taskId}` };
  const fit = await branches.fit(project, state, base.commit, signal);
  if (fit.type !== "fits") throw new Error(`task ${taskId}: ${fit.type}`);
  const spec = { taskId, files: fit.commit, parents: [fit.base], message: "task", at: 0 };
  const commit = await branches.commit(project, spec, signal);
  const push = { branch: `task-${taskId}`, commit, ours: [] };
  const sent = await branches.push(project, push, signal);
  if (sent.type !== "pushed") throw new Error(`task ${taskId}: ${JSON.stringify(sent)}`);
  await workspaces.discard(taskId);
}
