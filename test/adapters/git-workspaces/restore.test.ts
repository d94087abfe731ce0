import { execFileSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Project } from "../../../src/core/project.ts";
import type { RestoreRequest } from "../../../src/ports/workspaces.ts";
import { type Bundle, git, inside, listed, read, setup, writeFiles } from "./setup.ts";

const PROJECT: Project = {
  name: "app",
  location: "/nowhere",
  base: null,
  parallelMax: 1,
  budget: null,
  checks: [],
  createdAt: 0,
};
const NEWEST: RestoreRequest = { state: null, into: null, replace: false };

/** A task whose agent committed, stashed and ignored things. */
async function worked(bundle: Bundle): Promise<string> {
  const project = bundle.repositoryProject({ "a.txt": "one\n", ".gitignore": "*.log\n" });
  const { path } = await bundle.workspaces.open(7, project, bundle.signal);
  writeFiles(path, { "a.txt": "stashed\n" });
  git(path, "stash", "-q");
  writeFiles(path, { "a.txt": "committed\n", "out.log": "ignored\n" });
  git(path, "commit", "-q", "-a", "-m", "the agent's own");
  writeFiles(path, { "new.txt": "new\n" });
  return path;
}

function emptyTrash(bundle: Bundle): void {
  execFileSync("rm", ["-rf", bundle.trash]);
  mkdirSync(bundle.trash);
}

async function whyStays(bundle: Bundle): Promise<string | null> {
  const [name = ""] = readdirSync(bundle.trash);
  return bundle.workspaces.whyItStays(name, bundle.signal);
}

function objectPath(bundle: Bundle, hash: string): string {
  return join(bundle.repositories, "app.git/objects", hash.slice(0, 2), hash.slice(2));
}

describe("a workspace comes back", () => {
  test("from the trash while it lies there, and is the task's folder again", async () => {
    using bundle = setup();
    const path = await worked(bundle);
    const before = statSync(join(path, "new.txt"));
    await bundle.workspaces.discard(7);
    const answer = await bundle.workspaces.restore(7, NEWEST, bundle.signal);
    expect(answer).toEqual({
      ok: true,
      restored: {
        path,
        attempt: 0,
        commit: inside(bundle, "app", "rev-parse", "refs/sleepless/keep/7/0"),
        from: "trash",
        gitState: "restored",
        gitStatePath: null,
        lost: 0,
      },
    });
    expect(statSync(join(path, "new.txt")).mtimeMs).toBe(before.mtimeMs);
    expect(readdirSync(bundle.trash)).toEqual([]);
    expect(inside(bundle, "app", "for-each-ref", "refs/sleepless/trash")).toBe("");
    const project = PROJECT;
    expect(await bundle.workspaces.open(7, project, bundle.signal)).toMatchObject({ reused: true });
  });

  test("from what was kept, with the agent's own commits, stash and ignored files", async () => {
    using bundle = setup();
    const path = await worked(bundle);
    const said = (): string =>
      ["status --porcelain", "stash list", "log --format=%H%s", "reflog"]
        .map((words) => git(path, ...words.split(" ")))
        .join("\n");
    const before = [said(), listed(path)];
    await bundle.workspaces.discard(7);
    emptyTrash(bundle);
    const answer = await bundle.workspaces.restore(7, NEWEST, bundle.signal);
    expect(answer).toMatchObject({ ok: true, restored: { from: "kept", gitState: "restored" } });
    expect([said(), listed(path)]).toEqual(before);
    expect(read(path, "out.log")).toBe("ignored\n");
    expect(git(path, "show", "stash@{0}:a.txt")).toBe("stashed\n");
    expect(readdirSync(bundle.tasks)).toEqual(["7"]);
    expect(listed(join(bundle.repositories, ".private")).includes("restore-")).toBe(false);
  });

  test("as an earlier attempt left it, what is there now being kept first", async () => {
    using bundle = setup();
    const path = await worked(bundle);
    const project = PROJECT;
    await bundle.workspaces.keep(7, 1, project, bundle.signal);
    writeFiles(path, { "later.txt": "later\n", "out.log": "later\n" });
    const first = { ...NEWEST, state: 1 };
    expect(await bundle.workspaces.restore(7, first, bundle.signal)).toEqual({
      ok: false,
      refusal: { reason: "in-the-way", path },
    });
    await bundle.workspaces.restore(7, { ...first, replace: true }, bundle.signal);
    expect([existsSync(join(path, "later.txt")), read(path, "out.log")]).toEqual([
      false,
      "ignored\n",
    ]);
    const back = { ...NEWEST, state: 0, replace: true };
    expect(await bundle.workspaces.restore(7, back, bundle.signal)).toMatchObject({
      restored: { from: "trash" },
    });
    expect([read(path, "later.txt"), read(path, "out.log")]).toEqual(["later\n", "later\n"]);
  });

  test("whatever number it had: none is lost to a newer one of the same attempt", async () => {
    using bundle = setup();
    const path = await worked(bundle);
    for (const text of ["first\n", "second\n", "third\n"]) {
      writeFiles(path, { "a.txt": text, "out.log": text });
      await bundle.workspaces.discard(7);
      emptyTrash(bundle);
      await bundle.workspaces.restore(7, NEWEST, bundle.signal);
    }
    const states = await bundle.workspaces.states(7);
    expect(
      states.map(({ attempt, isCurrent, gitState }) => [attempt, isCurrent, gitState]),
    ).toEqual([
      [0, true, "kept"],
      [0, false, "kept"],
      [0, false, "kept"],
    ]);
    const found: string[] = [];
    for (const [index, { commit }] of states.entries()) {
      const into = join(bundle.root, `into-${index}`);
      const request = { ...NEWEST, state: commit.slice(0, 12), into };
      await bundle.workspaces.restore(7, request, bundle.signal);
      found.push(read(into, "a.txt"), read(into, "out.log"));
    }
    expect(found.toSorted()).toEqual(
      ["first\n", "first\n", "second\n", "second\n", "third\n", "third\n"].toSorted(),
    );
  });

  test("elsewhere as files alone; git's own state lies beside and does nothing", async () => {
    using bundle = setup();
    const path = await worked(bundle);
    writeFiles(path, { ".gitattributes": "* text eol=crlf\n", "crlf.txt": "a\r\nb\r\n" });
    await bundle.workspaces.discard(7);
    const into = join(bundle.root, "into");
    const answer = await bundle.workspaces.restore(7, { ...NEWEST, into }, bundle.signal);
    const gitStatePath = `${into}.git-state.tar`;
    expect(answer).toMatchObject({ restored: { path: into, gitState: "beside", gitStatePath } });
    expect(listed(into)).toEqual([
      ".gitattributes",
      ".gitignore",
      "a.txt",
      "crlf.txt",
      "new.txt",
      "out.log",
    ]);
    expect(read(into, "crlf.txt")).toBe("a\r\nb\r\n");
    const names = execFileSync("tar", ["-tf", gitStatePath], { encoding: "utf8" });
    expect(names).toContain("./.git/refs/stash\n");
    expect(statSync(into).uid).toBe(process.getuid?.());
    for (const where of [into, join(bundle.root, "no/folder")]) {
      const no = await bundle.workspaces.restore(7, { ...NEWEST, into: where }, bundle.signal);
      expect(no.ok).toBe(false);
    }
  });

  test("with a .git that was as we made it: it is made once more", async () => {
    using bundle = setup();
    const project = bundle.repositoryProject();
    const { path } = await bundle.workspaces.open(7, project, bundle.signal);
    writeFiles(path, { "a.txt": "x\n" });
    await bundle.workspaces.keep(7, 1, project, bundle.signal);
    const refs = inside(bundle, "app", "for-each-ref", "--format=%(refname)", "refs/sleepless");
    expect(refs).not.toContain("aside");
    rmSync(path, { recursive: true });
    const answer = await bundle.workspaces.restore(7, NEWEST, bundle.signal);
    expect(answer).toMatchObject({ restored: { attempt: 1, gitState: "made-anew" } });
    expect(git(path, "status", "--porcelain", "--branch")).toBe("## sleepless/7\n M a.txt\n");
  });
});

describe("what lies in the trash is deleted only when", () => {
  test("its whole state is there and reachable", async () => {
    using bundle = setup();
    await worked(bundle);
    await bundle.workspaces.discard(7);
    expect(await whyStays(bundle)).toBeNull();
    expect(await bundle.workspaces.whyItStays("session-7-x", bundle.signal)).toBeNull();
  });

  test.each([
    ["a file of its commit", "refs/sleepless/keep/7/0:new.txt", /not whole: .*missing/u],
    ["its archive", "refs/sleepless/aside/7/0:git-state.tar", /not whole: .*missing/u],
    ["a folder of what it began from", "refs/sleepless/keep/7/0^^{tree}", /not whole/u],
  ])("%s is not missing", async (_, name, why) => {
    using bundle = setup();
    await worked(bundle);
    await bundle.workspaces.discard(7);
    rmSync(objectPath(bundle, inside(bundle, "app", "rev-parse", name)), { force: true });
    expect(await whyStays(bundle)).toMatch(why);
  });

  test.each([
    ["refs/sleepless/keep/7/0", /no ref any more/u],
    ["refs/sleepless/aside/7/0", /set aside of it has no ref/u],
    ["refs/sleepless/trash", /no kept state is noted/u],
  ])("%s is there", async (ref, why) => {
    using bundle = setup();
    await worked(bundle);
    await bundle.workspaces.discard(7);
    rmSync(join(bundle.repositories, "app.git", ref), { recursive: true });
    expect(await whyStays(bundle)).toMatch(why);
  });

  test("nothing was too large to be kept; it comes back from the trash", async () => {
    using bundle = setup();
    const path = await worked(bundle);
    for (const name of ["huge.log", "huge.bin"]) {
      writeFileSync(join(path, name), "x");
      truncateSync(join(path, name), 600 * 1024 * 1024);
    }
    const project = PROJECT;
    const { leftOut } = await bundle.workspaces.keep(7, 1, project, bundle.signal);
    expect(leftOut).toEqual([
      { path: "huge.bin", reason: "too-large" },
      { path: "huge.log", reason: "too-large" },
    ]);
    await bundle.workspaces.discard(7);
    expect(await whyStays(bundle)).toBe("2 of its files could not be kept");
    const answer = await bundle.workspaces.restore(7, NEWEST, bundle.signal);
    expect(answer).toMatchObject({ restored: { from: "trash", lost: 0 } });
    expect(statSync(join(path, "huge.log")).size).toBe(600 * 1024 * 1024);
  });
});

test("a folder that another repository knows is kept before a fresh one takes its place", async () => {
  using bundle = setup();
  const path = await worked(bundle);
  const other = bundle.folderProject();
  await bundle.workspaces.open(7, other, bundle.signal);
  expect(read(path, "a.txt")).toBe("one\n");
  expect(await whyStays(bundle)).toBeNull();
  expect(inside(bundle, "app", "show", "refs/sleepless/keep/7/0:new.txt")).toBe("new");
});

test("objects that a workspace borrows stay in our repository, whatever becomes of the project", async () => {
  using bundle = setup();
  const path = await worked(bundle);
  await bundle.workspaces.discard(7);
  emptyTrash(bundle);
  const project = join(bundle.root, "projects/app");
  git(project, "checkout", "-q", "--orphan", "other");
  git(project, "commit", "-q", "-m", "all else is gone");
  git(project, "branch", "-q", "-D", "main");
  git(project, "reflog", "expire", "--expire=now", "--all");
  git(project, "gc", "-q", "--prune=now");
  const spec = { ...PROJECT, location: project };
  for (let task = 8; task < 12; task += 1) await bundle.workspaces.open(task, spec, bundle.signal);
  await bundle.workspaces.restore(7, NEWEST, bundle.signal);
  git(path, "fsck", "--full");
  expect(git(path, "show", "HEAD~1:a.txt")).toBe("one\n");
});

test("no git of ours is ever told to drop objects", () => {
  const folder = join(import.meta.dirname, "../../../src/adapters/git-workspaces");
  const files = listed(folder).filter((name) => name.endsWith(".ts"));
  expect(files).toContain("branches/branches.ts");
  const dropping = files.filter((name) =>
    /"(?:gc|prune|prune-packed|repack|maintenance|pack-refs)"/u.test(
      readFileSync(join(folder, name), "utf8"),
    ),
  );
  expect(dropping).toEqual([]);
});

test("rights that keep even their owner out are given back to the owner, and told by nobody", async () => {
  using bundle = setup();
  const path = await worked(bundle);
  writeFiles(path, { "ro/deep.log": "x\n", "ro/kept.txt": "y\n" });
  chmodSync(join(path, "ro"), 0o555);
  await bundle.workspaces.discard(7);
  emptyTrash(bundle);
  await bundle.workspaces.restore(7, NEWEST, bundle.signal);
  expect(statSync(join(path, "ro")).mode & 0o777).toBe(0o555);
  expect(read(path, "ro/deep.log")).toBe("x\n");
});
