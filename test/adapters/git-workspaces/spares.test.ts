import { once } from "node:events";
import { existsSync, lstatSync, readdirSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import {
  type GitWorkspaces,
  gitWorkspaces,
} from "../../../src/adapters/git-workspaces/git-workspaces.ts";
import { takeSpare } from "../../../src/adapters/git-workspaces/spare-folders.ts";
import type { SpareRules, Spares } from "../../../src/adapters/git-workspaces/spares.ts";
import { sweepLeftovers } from "../../../src/adapters/git-workspaces/sweep.ts";
import { childEnd } from "../../../src/adapters/process/ending.ts";
import type { Project } from "../../../src/core/project.ts";
import { confineTo, fencingLauncher, sandbox } from "../sandbox/support.ts";
import { startOther } from "./other-process.ts";
import {
  type Bundle,
  commitFile,
  git,
  inside,
  listed,
  NOW,
  read,
  setup,
  writeFiles,
} from "./setup.ts";

const ALWAYS: SpareRules = { fromMs: -1, fromFiles: 0, diskFreeMinBytes: 0, unusedMs: 86_400_000 };
const FILES = { "a.txt": "one\n", "lib/b.txt": "two\n", "lib/deep/c.sh": "three\n" };

/** Workspaces of the bundle's home that keep spare folders, and the folders. */
function keeping(
  bundle: Bundle,
  rules: Partial<SpareRules> = {},
  now = NOW,
): { workspaces: GitWorkspaces; spares: Spares } {
  const workspaces = gitWorkspaces({
    ...bundle,
    program: "git",
    searchPath: process.env["PATH"] ?? "",
    now: () => now,
    spares: { ...ALWAYS, ...rules },
  });
  if (workspaces.spares === null) throw new Error("no spares");
  return { workspaces, spares: workspaces.spares };
}

function sparesIn({ tasks }: Bundle): readonly string[] {
  return readdirSync(tasks).filter((name) => name.startsWith(".spare"));
}

function headOf({ location }: Project): string {
  return git(location, "rev-parse", "HEAD").trim();
}

/** Everything of a folder but times: those in its index, and of its log. */
function all(folder: string): unknown {
  return listed(folder).map((path) => {
    const found = lstatSync(join(folder, path));
    const text = found.isFile() && !path.endsWith("/index") ? read(folder, path) : null;
    return [path, found.mode, text?.replaceAll(/ \d+ \+0000\t/gu, " then\t") ?? null];
  });
}

test("a folder made from a spare one is that made from nothing, and the next is ready", async () => {
  using bundle = setup();
  const project = bundle.repositoryProject(FILES);
  const cold = await bundle.workspaces.open(7, project, bundle.signal);
  const expected = all(cold.path);
  await bundle.workspaces.discard(7);
  const { workspaces, spares } = keeping(bundle);
  await workspaces.open(1, project, bundle.signal);
  await spares.settled();
  const [name = ""] = sparesIn(bundle);
  expect(sparesIn(bundle)).toEqual([`.spare-app@${headOf(project)}`]);
  const { ino } = statSync(join(bundle.tasks, name));
  const { path } = await workspaces.open(7, project, bundle.signal);
  expect([statSync(path).ino, git(path, "status", "--porcelain")]).toEqual([ino, ""]);
  expect(all(path)).toEqual(expected);
  expect(await workspaces.list()).toEqual([1, 7]);
  writeFiles(path, { "a.txt": "mine\n" });
  const { changed } = await workspaces.keep(7, 1, project, bundle.signal);
  expect(changed).toEqual([{ status: "M", path: "a.txt" }]);
  await spares.settled();
  expect(sparesIn(bundle)).toHaveLength(1);
});

test("a spare one of an older base is brought forward, file by file", async () => {
  using bundle = setup();
  const project = bundle.repositoryProject(FILES);
  const { workspaces, spares } = keeping(bundle);
  await workspaces.open(1, project, bundle.signal);
  await spares.settled();
  git(project.location, "rm", "-q", "-r", "lib");
  commitFile(project.location, "lib", "now a file\n");
  const { path } = await workspaces.open(2, project, bundle.signal);
  expect(listed(path).filter((name) => !name.startsWith(".git"))).toEqual(["a.txt", "lib"]);
  expect([read(path, "lib"), git(path, "status", "--porcelain")]).toEqual(["now a file\n", ""]);
  expect(git(path, "rev-parse", "HEAD").trim()).toBe(headOf(project));
});

test("a base that moved is followed in the background; nothing is made for it alone", async () => {
  using bundle = setup();
  const project = bundle.repositoryProject(FILES);
  const { workspaces, spares } = keeping(bundle);
  await workspaces.branches.base(project, bundle.signal);
  await spares.settled();
  expect(sparesIn(bundle)).toEqual([]);
  await workspaces.open(1, project, bundle.signal);
  await spares.settled();
  commitFile(project.location, "a.txt", "newer\n");
  await workspaces.branches.base(project, bundle.signal);
  await spares.settled();
  const spare = `.spare-app@${headOf(project)}`;
  expect([sparesIn(bundle), read(bundle.tasks, spare, "a.txt")]).toEqual([[spare], "newer\n"]);
});

test("what was changed in a spare one is put right when it is taken", async () => {
  using bundle = setup();
  const project = bundle.repositoryProject(FILES);
  const { workspaces, spares } = keeping(bundle);
  await workspaces.open(1, project, bundle.signal);
  await spares.settled();
  const spare = join(bundle.tasks, sparesIn(bundle)[0] ?? "");
  writeFiles(spare, { "a.txt": "bad\n", ".git/config": "[core]\n\tfsmonitor = false\n" });
  writeFileSync(join(spare, ".git/HEAD"), "ref: refs/heads/bad\n");
  writeFiles(spare, { ".git/info/attributes": "* ident\n", ".git/refs/heads/bad": "bad\n" });
  const { path } = await workspaces.open(2, project, bundle.signal);
  expect([read(path, "a.txt"), git(path, "branch", "--show-current")]).toEqual([
    "one\n",
    "sleepless/2\n",
  ]);
  expect(listed(join(path, ".git"))).toEqual(
    listed(join(bundle.tasks, "1/.git")).map((name) =>
      name.replace(/sleepless\/1$/u, "sleepless/2"),
    ),
  );
  expect(read(path, ".git/config")).toBe(read(bundle.tasks, "1/.git/config"));
});

test("one that is broken is thrown away, and the folder made from nothing", async () => {
  using bundle = setup();
  const project = bundle.repositoryProject(FILES);
  const { workspaces, spares } = keeping(bundle);
  await workspaces.open(1, project, bundle.signal);
  await spares.settled();
  writeFileSync(join(bundle.tasks, sparesIn(bundle)[0] ?? "", ".git/index"), "no index");
  const { path } = await workspaces.open(2, project, bundle.signal);
  expect(git(path, "status", "--porcelain")).toBe("");
});

test("two that open at once share no folder", async () => {
  using bundle = setup();
  const project = bundle.repositoryProject(FILES);
  const { workspaces, spares } = keeping(bundle);
  await workspaces.open(1, project, bundle.signal);
  await spares.settled();
  const ids = [2, 3, 4, 5];
  const made = await Promise.all(ids.map((id) => workspaces.open(id, project, bundle.signal)));
  expect(made.map(({ path }) => git(path, "status", "--porcelain", "--branch"))).toEqual(
    ids.map((id) => `## sleepless/${id}\n`),
  );
  await spares.settled();
  expect(sparesIn(bundle)).toHaveLength(1);
});

test.each<readonly [string, Partial<SpareRules>, readonly string[], number]>([
  ["of a project that is gone", {}, ["other"], NOW],
  ["that nobody took for a day", {}, ["app"], NOW + 86_400_001],
  ["where disk is short", { diskFreeMinBytes: Number.MAX_SAFE_INTEGER }, ["app"], NOW],
])("one %s goes to the trash, to be deleted", async (_why, rules, projects, now) => {
  using bundle = setup();
  const project = bundle.repositoryProject(FILES);
  const first = keeping(bundle);
  await first.workspaces.open(1, project, bundle.signal);
  await first.spares.settled();
  await first.spares.tidy(new Set(["app"]));
  expect(sparesIn(bundle)).toHaveLength(1);
  await keeping(bundle, rules, now).spares.tidy(new Set(projects));
  expect([sparesIn(bundle), readdirSync(bundle.trash)]).toEqual([
    [],
    [expect.stringMatching(/^deleting-spare-/u)],
  ]);
});

test("none is made for a project that is quick, or where disk is short", async () => {
  using bundle = setup();
  const project = bundle.repositoryProject(FILES);
  const short = { diskFreeMinBytes: Number.MAX_SAFE_INTEGER };
  for (const [at, rules] of [{ fromMs: 1e9, fromFiles: 3 }, short].entries()) {
    const { workspaces, spares } = keeping(bundle, rules);
    await workspaces.open(at + 1, project, bundle.signal);
    await spares.settled();
  }
  expect(sparesIn(bundle)).toEqual([]);
});

test("one that was made long ago is no leftover to others once it is taken", async () => {
  using bundle = setup();
  const project = bundle.repositoryProject(FILES);
  const { workspaces, spares } = keeping(bundle);
  await workspaces.open(1, project, bundle.signal);
  await spares.settled();
  const long = NOW / 1000 - 200_000;
  utimesSync(join(bundle.tasks, sparesIn(bundle)[0] ?? ""), long, long);
  const repository = { name: "app", gitDir: join(bundle.repositories, "app.git") };
  const path = join(bundle.tasks, "2.making-now");
  await takeSpare({ tasks: bundle.tasks, now: () => NOW }, repository, path);
  await sweepLeftovers(bundle, bundle.tasks, NOW);
  expect(existsSync(join(path, "a.txt"))).toBe(true);
});

test.each([
  ["at the top", ".gitattributes"],
  ["in a folder", "lib/.gitattributes"],
])("a spare one is of no use once attributes %s are others", async (_where, name) => {
  using bundle = setup();
  const project = bundle.repositoryProject(FILES);
  const { workspaces, spares } = keeping(bundle);
  await workspaces.open(1, project, bundle.signal);
  await spares.settled();
  commitFile(project.location, name, "*.txt text eol=crlf\n");
  const { path } = await workspaces.open(2, project, bundle.signal);
  expect(read(path, "lib/b.txt")).toBe("two\r\n");
  commitFile(project.location, name, "*.txt -text\n");
  await workspaces.branches.base(project, bundle.signal);
  await spares.settled();
  const spare = join(bundle.tasks, sparesIn(bundle)[0] ?? "none");
  expect(read(spare, "lib/b.txt")).toBe("two\n");
});

/** Steps of making and taking, told by what can be seen of them from outside. */
const MOMENTS: Readonly<Record<string, (bundle: Bundle) => boolean>> = {
  "begins a spare": (bundle) => sparesIn(bundle).some((name) => name.includes("@making-")),
  "writes its index": (bundle) =>
    sparesIn(bundle).some((name) => existsSync(join(bundle.tasks, name, ".git/index.lock"))),
  "has made it": (bundle) => sparesIn(bundle).some((name) => /@[0-9a-f]{40}$/u.test(name)),
  "takes it": (bundle) => readdirSync(bundle.tasks).some((name) => name.startsWith("2.making")),
  "has opened from it": (bundle) => existsSync(join(bundle.tasks, "2")),
};

async function until(isTime: () => boolean): Promise<void> {
  while (!isTime()) await pause(1);
}

test.each(Object.keys(MOMENTS))(
  "a process killed when it %s: the next is right",
  async (moment) => {
    using bundle = setup();
    const many = Array.from({ length: 300 }, (_, at): [string, string] => [`d/${at}`, `${at}\n`]);
    const project = bundle.repositoryProject(Object.fromEntries(many));
    const other = startOther(bundle, { taskId: 1, project, steps: ["open"], next: 2 });
    const gone = once(other, "exit");
    await until(() => other.exitCode !== null || (MOMENTS[moment]?.(bundle) ?? true));
    other.kill("SIGKILL");
    await gone;
    const { workspaces, spares } = keeping(bundle);
    for (const taskId of [2, 3]) {
      const { path } = await workspaces.open(taskId, project, bundle.signal);
      expect(git(path, "status", "--porcelain", "--branch")).toBe(`## sleepless/${taskId}\n`);
      expect(readdirSync(join(path, "d"))).toHaveLength(300);
      await spares.settled();
      expect(sparesIn(bundle)).toEqual([`.spare-app@${headOf(project)}`]);
    }
    expect(inside(bundle, "app", "fsck", "--strict")).toBe("");
  },
);

describe.skipIf(!sandbox.ok)("behind the fence", () => {
  test("an agent neither sees nor reaches the spare folder, which belongs to us", async () => {
    using bundle = setup();
    const project = bundle.repositoryProject(FILES);
    const { workspaces, spares } = keeping(bundle);
    const { path, needs = [] } = await workspaces.open(1, project, bundle.signal);
    await spares.settled();
    const spare = join(bundle.tasks, sparesIn(bundle)[0] ?? "");
    const before = all(spare);
    const script = `ls -A ..; cat '${spare}/a.txt'; echo bad >'${spare}/a.txt'; echo x >'${spare}/new'; mv '${spare}' mine; ln -s '${spare}' link; echo bad >link/a.txt; true`;
    const launcher = await fencingLauncher();
    const { child } = launcher.spawn({
      command: "/bin/sh",
      args: ["-c", script],
      cwd: path,
      env: {},
      mark: "task/1",
      confinement: confineTo({ workspace: path }, { readable: needs }),
    });
    let said = "";
    child.stdout?.on("data", (data: Buffer) => {
      said += data.toString();
    });
    child.stderr?.resume();
    await childEnd(child);
    expect([said, all(spare)]).toEqual(["1\n", before]);
    expect(lstatSync(spare).uid).toBe(process.getuid?.());
  });
});
