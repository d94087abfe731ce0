import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, it } from "vitest";
import { diffTexts } from "../../../src/core/secrets/diff.ts";
import { temporaryFolder } from "../support.ts";

const HOSTILE =
  "@@ -1 +1 @@\n+++ b/other\n--- a/other\ndiff --git a/x b/x\nBinary files a and b differ\n\\ No";
const numbered = (count: number): string =>
  Array.from({ length: count }, (_, at) => `line ${at}`).join("\n");

const BEFORE: Readonly<Record<string, string>> = {
  "plain.txt": `${numbered(60)}\n`,
  "gone.txt": "gone\n",
  "b/b b/b.txt": "one\n",
  "moved.txt": `${numbered(40)}\n`,
  "no newline": "one\ntwo",
  "hostile.txt": `${HOSTILE}\n`,
};
const AFTER: Readonly<Record<string, string | Buffer>> = {
  "plain.txt": `first\n${numbered(60).replace("line 30", "line thirty\nand more")}\nlast`,
  "b/b b/b.txt": "one\ntwo\n",
  'odd "name"\t\\ ä\n.txt': "odd\n",
  "new file b/new file": `${HOSTILE}\n${HOSTILE}`,
  "no newline": "one\n2",
  "hostile.txt": `${HOSTILE}\n+more\n`,
  empty: "",
  "wide.reg": Buffer.from("\ufeffkey=value\r\n", "utf16le"),
  "returns.txt": "a\r\nb\rc\r\n",
  " begins with a space": "x\n",
};

it("a diff that git wrote is read as the files are", async () => {
  await using folder = await temporaryFolder();
  const cwd = folder.path;
  const git = (...args: readonly string[]): string =>
    execFileSync("git", ["-c", "user.name=T", "-c", "user.email=t@example.org", ...args], {
      cwd,
      encoding: "utf8",
      env: { PATH: process.env["PATH"], HOME: cwd, GIT_CONFIG_NOSYSTEM: "1" },
    });
  const write = (path: string, text: string | Buffer): void => {
    mkdirSync(dirname(join(cwd, path)), { recursive: true });
    writeFileSync(join(cwd, path), text);
  };
  const commit = (): string => {
    git("add", "-A");
    git("commit", "-qm", "x");
    return git("rev-parse", "HEAD").trim();
  };
  git("init", "-q");
  for (const [path, text] of Object.entries(BEFORE)) write(path, text);
  const from = commit();
  for (const [path, text] of Object.entries(AFTER)) write(path, text);
  rmSync(join(cwd, "gone.txt"));
  renameSync(join(cwd, "moved.txt"), join(cwd, "moved to.txt"));
  const to = commit();
  const diff = git("diff-tree", "-r", "-p", "--no-color", "--find-renames", from, to);
  const { texts, unread } = diffTexts(diff);
  const names = texts.filter(({ where }) => where.kind === "file-name").map(({ text }) => text);
  expect(names.toSorted()).toEqual([...Object.keys(AFTER), "moved to.txt"].toSorted());
  expect(unread).toEqual(["wide.reg"]);
  const added: Record<string, number> = {};
  for (const { where, text, added: own } of texts) {
    if (where.kind !== "file") continue;
    const real = readFileSync(join(cwd, where.path), "utf8").split("\n");
    const first = (where.line ?? 1) - 1;
    expect(text.split("\n")).toEqual(real.slice(first, first + text.split("\n").length));
    added[where.path] = (added[where.path] ?? 0) + (own?.size ?? 0);
  }
  const counts = git("diff-tree", "-r", "-z", "--numstat", "--no-renames", from, to)
    .split("\0")
    .map((record) => record.split("\t"))
    .filter(([count]) => Number(count) > 0)
    .map(([count, , ...path]): [string, number] => [path.join("\t"), Number(count)])
    .filter(([path]) => path !== "moved to.txt");
  expect(added).toEqual(Object.fromEntries(counts));
});
