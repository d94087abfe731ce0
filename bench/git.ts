// What workspaces cost in a large repository, against bare git in the same run, by turns.
// node bench/git.ts [--files 50000] [--rounds 5] [--write]
import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { cpus, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import {
  type GitWorkspaces,
  gitWorkspaces,
} from "../src/adapters/git-workspaces/git-workspaces.ts";
import { SPARE_RULES } from "../src/adapters/git-workspaces/spares.ts";
import { createLauncher } from "../src/adapters/process/launcher.ts";
import { openSandbox } from "../src/adapters/sandbox/open-sandbox.ts";
import { TASK_UID } from "../src/adapters/sandbox/stage.ts";
import type { Project } from "../src/core/project.ts";
import type { Launcher } from "../src/ports/launcher.ts";
import { together } from "./git-together.ts";
import { changeFiles, gitIn, makeBigRepository, moveBase } from "./git-repository.ts";
import { type Row, tableOf } from "./table.ts";

const { values } = parseArgs({
  options: {
    files: { type: "string", default: "50000" },
    rounds: { type: "string", default: "5" },
    write: { type: "boolean", default: false },
  },
});
const [files, rounds] = [Number(values.files), Number(values.rounds)];
const { signal } = new AbortController();
const isRoot = process.getuid?.() === 0;

const WHY = `"Ready": a spare folder
of the commit that is wanted was there; "100 files moved": it was of the commit before. "fenced" is what a daemon
does by default: what the agent left is read in the sandbox, and as root the files are given to another user
first, one by one, which is the difference between both kinds of opening. "Tasks at once" run in a repository of
2,000 files; a lock that is held is waited for, never an error, and how often is not counted.

Reading a state again behind the fence took every file anew, because the files had been given to another user since
the index was written, and because users have other numbers inside. Now they are given before the agent begins, and
the index is told. Settings such as \`core.checkStat=minimal\` would have been no cure: an agent can put back the
time of a file that it wrote, but not that of its inode (ARCHITECTURE.md, "A spare folder is known by its name").

"1 folder of 20": \`projects.<name>.folders\` names a folder with a twentieth of the files; the rest is in the index
and not on the disk.`;

/** A project with the same files, of which agents get one folder. */
const PART = "part";
const FILES_TOGETHER = 2000;
const ROUNDS_TOGETHER = 5;

/** Everything that is measured, in milliseconds. */
const times = new Map<string, number[]>();
let nextTask = 1;

const sandbox = await openSandbox({ searchPath: process.env["PATH"] ?? "", temporary: tmpdir() });
if (!sandbox.ok) throw new Error(`${sandbox.reason} ${sandbox.advice}`);
const launcher = await createLauncher({ fences: { sandbox: sandbox.fence } });
const root = mkdtempSync(join(tmpdir(), "sle-bench-git-"));
try {
  const load = loadavg()[0] ?? 0;
  const location = makeBigRepository(join(root, "repository"), files);
  const project = {
    name: "big",
    location,
    base: null,
    parallelMax: 8,
    budget: null,
    checks: [],
    createdAt: 0,
  };
  const fenced = workspacesIn("fenced", launcher);
  const plain = workspacesIn("plain", null);
  for (const each of [fenced, plain]) await each.branches.base(project, signal);
  for (let round = 0; round < rounds; round += 1) await oneRound(project, fenced, plain, round);
  await fenced.spares?.stop();
  await plain.spares?.stop();
  const parallel = await together(plain, smaller(), join(root, "remote.git"), ROUNDS_TOGETHER);
  const text = `${machine(load)}\n\n${tableOf([...rows(), ...parallel])}`;
  process.stdout.write(`${text}\n`);
  if (values.write) write(text);
} finally {
  // A disk may take minutes for it; nobody needs to wait.
  spawn("rm", ["-rf", root], { detached: true, stdio: "ignore" }).unref();
}

/** Locks are the same in a repository of any size. */
function smaller(): Project {
  const location = makeBigRepository(join(root, "smaller"), FILES_TOGETHER);
  return {
    name: "smaller",
    location,
    base: null,
    parallelMax: 8,
    budget: null,
    checks: [],
    createdAt: 0,
  };
}

function workspacesIn(name: string, fence: Launcher | null): GitWorkspaces {
  const at = (folder: string): string => join(root, name, folder);
  const home = { tasks: at("tasks"), trash: at("trash"), repositories: at("repositories") };
  for (const folder of Object.values(home)) mkdirSync(folder, { recursive: true });
  const searchPath = process.env["PATH"] ?? "";
  const owner = isRoot && fence !== null ? { uid: TASK_UID, gid: TASK_UID } : null;
  return gitWorkspaces({
    ...home,
    program: "git",
    searchPath,
    now: Date.now,
    fence: () => fence,
    agentOf: () => owner,
    foldersOf: (project) => (project === PART ? ["m0"] : []),
    spares: SPARE_RULES,
  });
}

async function oneRound(
  project: Project,
  fenced: GitWorkspaces,
  plain: GitWorkspaces,
  round: number,
): Promise<void> {
  const { location } = project;
  const bare = join(root, `bare-${round}`);
  await timed("git worktree add", () =>
    gitIn(location, "worktree", "add", "-q", "--detach", bare, "HEAD"),
  );
  await timed("git clone --shared", () =>
    gitIn(root, "clone", "-q", "--shared", location, `${bare}-clone`),
  );
  gitIn(location, "worktree", "remove", "--force", bare);
  await rm(`${bare}-clone`, { recursive: true, force: true });
  for (const [name, workspaces] of [
    ["fenced", fenced],
    ["plain", plain],
  ] as const) {
    await workspaces.spares?.settled();
    await workspaces.spares?.tidy(new Set());
    await turn(name, workspaces, project, round);
    await turnInPart(name, workspaces, { ...project, name: PART });
  }
}

/** Cold, then ready, then ready with a base that moved; a state kept, checked out, and put on a base. */
async function turn(
  name: string,
  workspaces: GitWorkspaces,
  project: Project,
  round: number,
): Promise<void> {
  const [cold, ready, behind] = [nextTask, nextTask + 1, nextTask + 2];
  nextTask += 3;
  const open = (taskId: number): (() => Promise<unknown>) => {
    return () => workspaces.open(taskId, project, signal);
  };
  await timed(`${name}: open, cold`, open(cold));
  await workspaces.spares?.settled();
  await timed(`${name}: open, ready`, open(ready));
  await workspaces.spares?.settled();
  moveBase(project.location, round * 100, 100);
  await timed(`${name}: open, ready but 100 files moved`, open(behind));
  await workspaces.spares?.settled();
  const { path } = await workspaces.open(ready, project, signal);
  changeFiles(path, 10_000 % files, 50);
  const kept = await timed(`${name}: keep, 50 files changed`, () =>
    workspaces.keep(ready, 1, project, signal),
  );
  const checked = await timed(`${name}: check out for a check`, () =>
    workspaces.checkOut(ready, project, kept.commit, signal),
  );
  await timed(`${name}: and remove it`, () => checked.discard());
  const { commit: onto } = await workspaces.branches.base(project, signal);
  const state = { taskId: ready, commit: kept.commit, message: "bench" };
  await timed(`${name}: put on a base that moved`, () =>
    workspaces.branches.fit(project, state, onto, signal),
  );
  for (const each of [cold, ready, behind]) {
    await rm(join(root, name, "tasks", String(each)), { recursive: true, force: true });
  }
}

/** The same with one folder of twenty checked out; such a folder is never made ahead. */
async function turnInPart(name: string, workspaces: GitWorkspaces, part: Project): Promise<void> {
  const taskId = nextTask;
  nextTask += 1;
  await workspaces.branches.base(part, signal);
  const { path } = await timed(`${name}: open, 1 folder of 20`, () =>
    workspaces.open(taskId, part, signal),
  );
  changeFiles(path, 0, 50);
  await timed(`${name}: keep of that, 50 files changed`, () =>
    workspaces.keep(taskId, 1, part, signal),
  );
  await rm(path, { recursive: true, force: true });
}

async function timed<T>(name: string, action: () => T | Promise<T>): Promise<T> {
  const startedMs = performance.now();
  const result = await action();
  times.set(name, [...(times.get(name) ?? []), performance.now() - startedMs]);
  return result;
}

function rows(): readonly Row[] {
  const bare = times.get("git worktree add") ?? [];
  return [...times].flatMap(([name, all]) => {
    const sorted = all.toSorted((a, b) => a - b);
    const note = `median of ${all.length}, ${sorted[0]?.toFixed(0)} to ${sorted.at(-1)?.toFixed(0)}`;
    const goal = /open, (?:ready|1 folder)/u.test(name) ? "<= 1000" : "";
    const row = { name, value: median(all), unit: "ms", goal, note };
    if (!name.includes("open")) return [row];
    const ratios = all.map((ms, round) => ms / (bare[round] ?? Number.NaN));
    const spread = `${Math.min(...ratios).toFixed(2)} to ${Math.max(...ratios).toFixed(2)}`;
    const ratio = { name: "", value: median(ratios), unit: "of git worktree add", goal: "" };
    return [row, { ...ratio, note: `pairs by turns, ${spread}` }];
  });
}

function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

function machine(before: number): string {
  const git = execFileSync("git", ["--version"], { encoding: "utf8" }).trim();
  const load = `load ${before.toFixed(1)} before, ${(loadavg()[0] ?? 0).toFixed(1)} after`;
  const processors = `${cpus().length} x ${cpus()[0]?.model.trim() ?? "?"}`;
  const user = isRoot ? "as root" : "not as root";
  return `${processors}, node ${process.version}, ${git}, ${user}; ${load}\n${files} files in ${tmpdir()}`;
}

function write(text: string): void {
  const date = new Date().toISOString().slice(0, 10);
  const page = `# Workspaces\n\n\`npm run bench:git\`, ${date}\n\n\`\`\`text\n${text}\n\`\`\`\n\n${WHY}\n`;
  writeFileSync(join(import.meta.dirname, "RESULTS-git.md"), page);
}
