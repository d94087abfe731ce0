import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { chownSync, lstatSync, readFileSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { claimFiles, giveFiles } from "../../../src/adapters/git-workspaces/give-files.ts";
import { gitWorkspaces } from "../../../src/adapters/git-workspaces/git-workspaces.ts";
import { childEnd } from "../../../src/adapters/process/ending.ts";
import { TASK_UID } from "../../../src/adapters/sandbox/stage.ts";
import { confineTo, fencingLauncher, sandbox } from "../sandbox/support.ts";
import { type Bundle, git, listed, NOW, setup } from "./setup.ts";

const FILES = { "a.txt": "one\n", "lib/b.txt": "two\n", "lib/long/c.txt": "three\n" };
/** From the number of a user in an entry of an index to its name. */
const OWNER_BEFORE_NAME = 34;
const AGENT = { uid: TASK_UID, gid: TASK_UID };

/** Files that git would have to read to say whether they are others. */
function unsure(folder: string): readonly string[] {
  const args = ["diff-files", "--name-only"];
  return git(folder, ...args)
    .split("\n")
    .filter((name) => name !== "");
}

/** A folder whose index knows every file for certain. */
function settled(bundle: Bundle): string {
  const { location } = bundle.repositoryProject(FILES);
  for (const name of Object.keys(FILES)) utimesSync(join(location, name), 1e9, 1e9);
  git(location, "update-index", "--refresh");
  return location;
}

// Only root may give files away.
describe.skipIf(process.getuid?.() !== 0)("files that are given to another user", () => {
  test("are known again by the index that was there when they were", async () => {
    using bundle = setup();
    const folder = settled(bundle);
    await giveFiles(folder, join(folder, ".git/index"), AGENT);
    expect(unsure(folder)).toEqual([]);
    const given = listed(folder).filter((name) => !name.startsWith(".git"));
    expect(given.map((name) => lstatSync(join(folder, name)).uid)).toEqual(
      given.map(() => TASK_UID),
    );
    expect([statSync(folder).uid, statSync(join(folder, ".git")).uid]).toEqual([0, 0]);
  });

  test("are not known again when somebody else gave them, or one is another by then", async () => {
    using bundle = setup();
    const folder = settled(bundle);
    writeFileSync(join(folder, "a.txt"), "two\n");
    utimesSync(join(folder, "a.txt"), 1e9 + 1, 1e9 + 1);
    await giveFiles(folder, join(folder, ".git/index"), AGENT);
    expect(unsure(folder)).toEqual(["a.txt"]);
    execFileSync("chown", ["-R", "0:0", folder]);
    expect(unsure(folder)).toEqual(Object.keys(FILES));
  });

  test("are known where their user has another number, unless their time says otherwise", async () => {
    using bundle = setup();
    const folder = settled(bundle);
    const index = join(folder, ".git/index");
    await giveFiles(folder, index, { uid: 0, gid: 0 });
    // As behind a fence: the owner in the index is not what one sees, all else is.
    const data = readFileSync(index);
    for (const name of Object.keys(FILES)) {
      data.writeUInt32BE(1000, data.indexOf(`${name}\0`) - OWNER_BEFORE_NAME);
    }
    data.set(createHash("sha1").update(data.subarray(0, -20)).digest(), data.length - 20);
    writeFileSync(index, data);
    expect(unsure(folder)).toEqual(Object.keys(FILES));
    chownSync(join(folder, "lib/b.txt"), 0, 0);
    await claimFiles(folder, index);
    expect(unsure(folder)).toEqual(["lib/b.txt"]);
  });

  test.skipIf(!sandbox.ok)(
    "a change of equal size with the time put back is kept, and nothing else is read",
    async () => {
      using bundle = setup();
      const launcher = await fencingLauncher();
      const workspaces = gitWorkspaces({
        ...bundle,
        program: "git",
        searchPath: process.env["PATH"] ?? "",
        now: () => NOW,
        fence: () => launcher,
        agentOf: () => AGENT,
      });
      const project = bundle.repositoryProject(FILES);
      const { path, needs = [] } = await workspaces.open(7, project, bundle.signal);
      const script = `
      touch -r a.txt /tmp/then; printf 'ono\\n' >a.txt; touch -r /tmp/then a.txt
      mv lib/long lib/other; mkdir lib/long; printf 'THREE\\n' >lib/long/c.txt
      touch -r lib/other/c.txt lib/long/c.txt; rm -r lib/other; stat -c %U:%u . .git a.txt | sort -u`;
      const { child } = launcher.spawn({
        command: "/bin/sh",
        args: ["-c", script],
        cwd: path,
        env: {},
        mark: "task/7",
        confinement: confineTo({ workspace: path }, { readable: needs }),
      });
      let said = "";
      child.stdout?.on("data", (data: Buffer) => {
        said += data.toString();
      });
      await childEnd(child);
      expect([said.trim().split("\n").length, statSync(path).uid]).toEqual([1, TASK_UID]);
      const { changed } = await workspaces.keep(7, 1, project, bundle.signal);
      expect(changed).toEqual([
        { status: "M", path: "a.txt" },
        { status: "M", path: "lib/long/c.txt" },
      ]);
    },
  );
});
