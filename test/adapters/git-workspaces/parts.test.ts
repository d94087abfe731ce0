import { expect, test } from "vitest";
import { parseChanges } from "../../../src/adapters/git-workspaces/changes.ts";
import { keyedLock } from "../../../src/adapters/git-workspaces/keyed-lock.ts";
import { hardenedGit } from "../../../src/adapters/git-workspaces/git.ts";
import { git, setup, writeFiles } from "./setup.ts";

test("a lock runs one action after another for a key, also after a failure, and others beside", async () => {
  const lock = keyedLock();
  const told: string[] = [];
  const gate = Promise.withResolvers<void>();
  const slow = lock("a", async () => {
    await gate.promise;
    told.push("a1");
    throw new Error("a1 failed");
  });
  const next = lock("a", async () => told.push("a2"));
  await lock("b", async () => told.push("b"));
  gate.resolve();
  await expect(slow).rejects.toThrow("a1 failed");
  await next;
  expect(told).toEqual(["b", "a1", "a2"]);
});

test("change records are read whatever the names are", () => {
  const sha = "0".repeat(40);
  const raw = (status: string, path: string): string =>
    `:100644 100644 ${sha} ${sha} ${status}\0${path}\0`;
  const output = [
    raw("A", ":odd\tname"),
    raw("T", "1\t2\tlink"),
    raw("D", "gone\n"),
    `:000000 120000 ${sha} ${sha} A\0ln k\0`,
    `:160000 000000 ${sha} ${sha} D\0sub\0`,
    "5\t0\t:odd\tname\0",
    "-\t-\tbinary\0",
    "1\t7\tgone\n\0",
  ].join("");
  expect(parseChanges(Buffer.from(output))).toEqual({
    changed: [
      { status: "A", path: ":odd\tname" },
      { status: "M", path: "1\t2\tlink" },
      { status: "D", path: "gone\n" },
      { status: "A", path: "ln k" },
      { status: "D", path: "sub" },
    ],
    insertions: 6,
    deletions: 7,
    links: ["ln k"],
    submodules: ["sub"],
  });
});

function gitOf(program: string): ReturnType<typeof hardenedGit> {
  return hardenedGit({ program, searchPath: process.env["PATH"] ?? "", home: "/nonexistent" });
}

test("git that hangs is ended after its time, with the parts of itself that it started", async () => {
  using bundle = setup();
  writeFiles(bundle.root, {
    git: '#!/bin/sh\ntrap "" TERM\nsleep 1000 &\necho $! > "$PWD/pid"\nwait\n',
  });
  git("/", "-c", `alias.x=!chmod 755 ${bundle.root}/git`, "x");
  const slow = gitOf(`${bundle.root}/git`);
  const call = { args: ["status"], cwd: bundle.root, timeoutMs: 300 };
  await expect(slow.run(call, bundle.signal)).rejects.toThrow(
    "git status took too long and was ended",
  );
  const stop = new AbortController();
  const aborted = slow.run({ args: ["status"], cwd: bundle.root }, stop.signal);
  stop.abort(new Error("stopped by a person"));
  await expect(aborted).rejects.toThrow("stopped by a person");
});

test("output is bounded; the environment is ours alone", async () => {
  using bundle = setup();
  writeFiles(bundle.root, { flood: "#!/bin/sh\nyes\n", env: "#!/bin/sh\nexec env\n" });
  git("/", "-c", `alias.x=!chmod 755 ${bundle.root}/flood ${bundle.root}/env`, "x");
  const call = { args: ["status"], cwd: bundle.root, maxBytes: 1000 };
  const flood = await gitOf(`${bundle.root}/flood`).run(call, bundle.signal);
  expect([flood.stdout.length, flood.isCut, flood.code]).toEqual([1000, true, 0]);
  await expect(gitOf(`${bundle.root}/flood`).must(call, bundle.signal)).rejects.toThrow(
    "said more than is read",
  );
  const env = await gitOf(`${bundle.root}/env`).must({ args: [], cwd: bundle.root }, bundle.signal);
  const names = env
    .toString()
    .split("\n")
    .map((line) => line.split("=", 1)[0]);
  const ours = new Set([
    "PATH",
    "HOME",
    "XDG_CONFIG_HOME",
    "LC_ALL",
    "PWD",
    "SHLVL",
    "_",
    "OLDPWD",
    "",
  ]);
  expect(names.filter((name) => !ours.has(name ?? "") && !name?.startsWith("GIT_"))).toEqual([]);
});
