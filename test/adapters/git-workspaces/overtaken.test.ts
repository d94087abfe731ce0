import { expect, test } from "vitest";
import type { GitAnswer } from "../../../src/adapters/git-workspaces/git.ts";
import { writeRefs } from "../../../src/adapters/git-workspaces/repository.ts";

const REPOSITORY = { name: "app", gitDir: "/repositories/app.git" };
const OVERTAKEN = `error: cannot lock ref 'refs/heads/a': is at ${"1".repeat(40)} but expected ${"2".repeat(40)}`;

/** Runs a call that a git says these things to, one after the other; the last is said for ever. */
async function written(...said: readonly string[]): Promise<number> {
  let calls = 0;
  const run = async (): Promise<GitAnswer> => {
    const stderr = said[Math.min(calls, said.length - 1)] ?? "";
    calls += 1;
    return { code: stderr === "" ? 0 : 1, stdout: Buffer.alloc(0), stderr, isCut: false };
  };
  const must = async (): Promise<Buffer> => Buffer.alloc(0);
  const shelf = { git: { run, must }, repositories: "/repositories" };
  const call = { args: ["fetch"], cwd: "/repositories/app.git" };
  await writeRefs(shelf, REPOSITORY, call, new AbortController().signal);
  return calls;
}

test("refs that somebody else wrote meanwhile are written again", async () => {
  expect(await written(OVERTAKEN, "")).toBe(2);
  const isNew = "error: cannot lock ref 'refs/heads/a': reference already exists";
  expect(await written(isNew, OVERTAKEN, "")).toBe(3);
});

test("what goes on for ever or is something else is told", async () => {
  await expect(written(OVERTAKEN)).rejects.toThrow("but expected");
  await expect(written("fatal: no space left", "")).rejects.toThrow("no space left");
});
