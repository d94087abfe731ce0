import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  chownSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { describe, expect, test } from "vitest";
import { type HomeLayout, homeLayout } from "../../../src/adapters/files/home-layout.ts";
import { openHome } from "../../../src/adapters/files/open-home.ts";
import { trashSessions } from "../../../src/adapters/files/sessions.ts";
import { type Deleting, emptyTrash } from "../../../src/adapters/files/trash.ts";
import { createLauncher } from "../../../src/adapters/process/launcher.ts";
import { fencingLauncher, sandbox } from "../sandbox/support.ts";

const isRoot = process.getuid?.() === 0;
const ORDINARY_ID = 2001;
const ALL = Number.MAX_VALUE;
const { signal } = new AbortController();

interface Place extends Disposable {
  readonly root: string;
  readonly home: HomeLayout;
}

function place(): Place {
  const root = mkdtempSync(join(tmpdir(), "sle-trash-"));
  const home = homeLayout(join(root, "home"));
  openHome(home.path);
  return { root, home, [Symbol.dispose]: () => execFileSync("rm", ["-rf", root]) };
}

/** Writes in the trash with a shell, as no name or depth is too odd for it. */
function plant(home: HomeLayout, script: string): void {
  execFileSync("/bin/sh", ["-ec", script], { cwd: home.trash });
}

async function unfenced(): Promise<Deleting> {
  return { launcher: await createLauncher(), isFenced: false };
}

async function fenced(): Promise<Deleting> {
  return { launcher: await fencingLauncher(), isFenced: true };
}

const WAYS: readonly (readonly [string, () => Promise<Deleting>])[] = [
  ["without a fence", unfenced],
  ...(sandbox.ok ? [["in the fence", fenced] as const] : []),
];

describe.each(WAYS)("the trash emptied %s", (_, deleting) => {
  test("loses what lies there longer than it may, and nothing behind a link", async () => {
    using here = place();
    const { home, root } = here;
    const outside = join(root, "outside");
    mkdirSync(outside);
    writeFileSync(join(outside, "kept"), "");
    plant(home, `mkdir -p 7-old/deep; echo x >7-old/deep/x; ln -s ${outside} 7-old/deep/link`);
    symlinkSync(outside, join(home.trash, "link"));
    writeFileSync(join(home.trash, "file"), "");
    const by = await deleting();
    const early = await emptyTrash(home, by, Date.now() - 3_600_000, signal);
    expect(early).toEqual({ count: 0, stuck: [] });
    expect(readdirSync(home.trash).toSorted()).toEqual(["7-old", "file", "link"]);
    const late = await emptyTrash(home, by, Date.now() + 3_600_000, signal);
    expect(late).toEqual({ count: 3, stuck: [] });
    expect(readdirSync(home.trash)).toEqual([]);
    expect(readdirSync(outside)).toEqual(["kept"]);
  });

  const ODD: Record<string, string> = {
    "locked folders": "mkdir -p 1/a/b/c; echo x >1/a/b/c/x; chmod 0 1/a/b/c 1/a/b 1/a 1",
    "names of any bytes": `mkdir -p 1/"$(printf 'new\\nline')" 1/"$(printf '\\377\\351')"; echo >1/-rf; echo >"1/ "; echo >'1/*'`,
    "odd kinds of files": "mkdir 1; mkfifo 1/pipe; echo >1/s; chmod 6777 1/s; echo >1/core.77",
    "a name of its own that is no plain one": `mkdir "$(printf 'a\\n\\377')"`,
    "more than one call's worth": "mkdir $(seq 60); for each in $(seq 60); do echo >$each/x; done",
    "twenty thousand files":
      "mkdir 1; cd 1; mkdir $(seq 20); for each in $(seq 20); do (cd $each; seq 1000 | xargs touch); done",
    // A shell cannot make it: its own working folder has a path.
    "five thousand folders in one another": `python3 -c '
import os
for name in ["1"] + ["d" * 9] * 5000:
    os.mkdir(name)
    os.chdir(name)'`,
  };
  test.each(Object.keys(ODD))("loses %s", async (kind) => {
    using here = place();
    const { home } = here;
    plant(home, ODD[kind] ?? "");
    const planted = readdirSync(home.trash).length;
    const cleared = await emptyTrash(home, await deleting(), ALL, signal);
    expect(cleared).toEqual({ count: planted, stuck: [] });
    expect(readdirSync(home.trash)).toEqual([]);
  });

  test("changes no file that has a second name elsewhere", async () => {
    using here = place();
    const outside = join(here.root, "key");
    writeFileSync(outside, "", { mode: 0o400 });
    plant(here.home, "mkdir -p 1/locked; echo x >1/locked/x");
    linkSync(outside, join(here.home.trash, "1", "key"));
    const { ctimeMs: _time, mode } = statSync(outside);
    chmodSync(join(here.home.trash, "1", "locked"), 0);
    await emptyTrash(here.home, await deleting(), ALL, signal);
    expect([readdirSync(here.home.trash), statSync(outside).mode]).toEqual([[], mode]);
  });
});

test("a stop is heeded, and what was begun goes the next time whatever its age", async () => {
  using here = place();
  const { home } = here;
  plant(home, "mkdir 8; echo x >8/x");
  const by = await unfenced();
  await expect(emptyTrash(home, by, ALL, AbortSignal.abort())).rejects.toThrow("abort");
  expect(readdirSync(home.trash)).toEqual(["8"]);
  const stop = new AbortController();
  const stopping = {
    ...by.launcher,
    spawn: () => {
      stop.abort();
      throw new Error("not any more");
    },
  };
  await expect(
    emptyTrash(home, { launcher: stopping, isFenced: false }, ALL, stop.signal),
  ).rejects.toThrow("abort");
  expect(await emptyTrash(home, by, 0, signal)).toEqual({ count: 1, stuck: [] });
});

test("where the fence cannot be made nothing is deleted without it, and that is told", async () => {
  using here = place();
  const { home } = here;
  plant(home, "mkdir 8; echo x >8/x; echo >file");
  const by = { launcher: await createLauncher(), isFenced: true };
  const { count, stuck } = await emptyTrash(home, by, ALL, signal);
  expect([count, stuck]).toEqual([
    1,
    [{ path: expect.stringMatching(/-8$/u), why: "There is no sandbox on this machine." }],
  ]);
  expect(existsSync(join(stuck[0]?.path ?? "", "x"))).toBe(true);
});

/** Empties the trash in a process of an ordinary user. */
async function emptiedBy(uid: number, home: HomeLayout): Promise<unknown> {
  const from = (path: string): string =>
    JSON.stringify(new URL(`../../../src/adapters/${path}`, import.meta.url).href);
  const program = `
    import { emptyTrash } from ${from("files/trash.ts")};
    import { homeLayout } from ${from("files/home-layout.ts")};
    import { createLauncher } from ${from("process/launcher.ts")};
    import { openSandbox } from ${from("sandbox/open-sandbox.ts")};
    const sandbox = await openSandbox({ searchPath: process.env.PATH, temporary: "/tmp" });
    const launcher = await createLauncher(
      sandbox.ok ? { fences: { sandbox: sandbox.fence } } : {},
    );
    const by = { launcher, isFenced: sandbox.ok };
    const home = homeLayout(${JSON.stringify(home.path)});
    const signal = new AbortController().signal;
    console.log(JSON.stringify(await emptyTrash(home, by, Number.MAX_VALUE, signal)));`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", program], {
    cwd: "/",
    stdio: ["ignore", "pipe", "inherit"],
    uid,
    gid: uid,
  });
  const [said] = await Promise.all([text(child.stdout), once(child, "close")]);
  return JSON.parse(said);
}

test.runIf(isRoot)("as an ordinary user: one that cannot be deleted stops no other", async () => {
  using here = place();
  const { home } = here;
  const script = `
for each in a b c; do mkdir -p $each/x/y; echo x >$each/x/y/z; chmod 0 $each/x/y $each/x $each; done
mkdir -p b/foreign/x`;
  plant(home, script);
  execFileSync("chown", ["-R", `${ORDINARY_ID}:${ORDINARY_ID}`, here.root]);
  chownSync(join(home.trash, "b", "foreign"), 0, 0);
  expect(await emptiedBy(ORDINARY_ID, home)).toEqual({
    count: 2,
    stuck: [
      {
        path: expect.stringMatching(/deleting-.*-b$/u),
        why: expect.stringContaining("Permission denied"),
      },
    ],
  });
  expect(readdirSync(home.trash)).toEqual([expect.stringMatching(/-b$/u)]);
});

test.runIf(isRoot && sandbox.ok)("as root: also what is another's below the task's", async () => {
  using here = place();
  plant(here.home, "mkdir -p 1/root/x; echo x >1/root/x/y; chown 61099 1; chmod 700 1/root");
  expect(await emptyTrash(here.home, await fenced(), ALL, signal)).toEqual({
    count: 1,
    stuck: [],
  });
});

test("what an agent remembered goes with the folder of its task, also when it locked it", async () => {
  using here = place();
  const { home } = here;
  for (const id of ["7", "8"]) mkdirSync(join(home.sessions, id, "projects"), { recursive: true });
  chmodSync(join(home.sessions, "7"), 0);
  mkdirSync(join(home.tasks, "8"));
  expect(await trashSessions(home)).toEqual({ count: 1, stuck: [] });
  expect(readdirSync(home.sessions)).toEqual(["8"]);
  expect(readdirSync(home.trash)).toEqual([expect.stringMatching(/^session-7-/u)]);
  rmSync(join(home.sessions, "8"), { recursive: true });
});
