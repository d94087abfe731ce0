import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readCaptureAnswer } from "../../../src/adapters/git-workspaces/capture-order.ts";
import { hardenedGit } from "../../../src/adapters/git-workspaces/git.ts";
import type { Repository, Shelf } from "../../../src/adapters/git-workspaces/repository.ts";
import { takeIn } from "../../../src/adapters/git-workspaces/take-in.ts";
import { type Bundle, git, setup } from "./setup.ts";

/** A repository of another, and ours, which is to take in a pack from there. */
function two(bundle: Bundle, program = "git"): { other: string; shelf: Shelf; ours: Repository } {
  const other = join(bundle.root, "other");
  git("/", "init", "-q", other);
  const gitDir = join(bundle.repositories, "app.git");
  git("/", "init", "-q", "--bare", gitDir);
  const searchPath = process.env["PATH"] ?? "";
  const shelf = {
    git: hardenedGit({ program, searchPath, home: "/nonexistent" }),
    repositories: bundle.repositories,
  };
  return { other, shelf, ours: { name: "app", gitDir } };
}

function object(other: string, type: string, content: string | Buffer): string {
  const args = ["hash-object", "-t", type, "-w", "--stdin", "--literally"];
  return execFileSync("git", args, { cwd: other, input: content, encoding: "utf8" }).trim();
}

function treeOf(other: string, ...entries: (readonly [string, string, string])[]): string {
  const parts = entries.map(([mode, name, hash]) =>
    Buffer.concat([Buffer.from(`${mode} ${name}\0`), Buffer.from(hash, "hex")]),
  );
  return object(other, "tree", Buffer.concat(parts));
}

function packOf(other: string, ...hashes: string[]): string {
  const pack = join(other, "..", "pack");
  const { stdout } = spawnSync("git", ["pack-objects", "--stdout", "-q"], {
    cwd: other,
    input: hashes.map((hash) => `${hash}\n`).join(""),
    maxBuffer: 1e9,
  });
  writeFileSync(pack, stdout);
  return pack;
}

const BAD: Record<string, (other: string, blob: string) => readonly string[]> = {
  "a tree with a .git in it": (other, blob) => [blob, treeOf(other, ["100644", ".git", blob])],
  "a tree with a .git in another spelling": (other, blob) => [
    blob,
    treeOf(other, ["100644", "GIT~1", blob]),
  ],
  "a tree with a way out": (other, blob) => [blob, treeOf(other, ["40000", "..", treeOf(other)])],
  "a tree with a path as a name": (other, blob) => [blob, treeOf(other, ["100644", "a/b", blob])],
  "a tree with a name twice": (other, blob) => [
    blob,
    treeOf(other, ["100644", "a", blob], ["100644", "a", blob]),
  ],
  "a tree that leads to what is missing": (other, blob) => [treeOf(other, ["100644", "a", blob])],
  "a broken commit": (other) => [object(other, "commit", "no commit\n")],
};

test.each(Object.keys(BAD))("%s is refused, and nothing of it is there", async (kind) => {
  using bundle = setup();
  const { other, shelf, ours } = two(bundle);
  const hashes = BAD[kind]?.(other, object(other, "blob", "x\n")) ?? [];
  const pack = packOf(other, ...hashes);
  await expect(takeIn(shelf, ours, pack, bundle.signal)).rejects.toThrow("is not sound");
  const last = hashes.at(-1) ?? "";
  const there = spawnSync("git", ["cat-file", "-e", last], { cwd: ours.gitDir });
  expect(there.status).not.toBe(0);
});

test.each([3, 600])("%i sound objects are taken in, loose or as a pack", async (count) => {
  using bundle = setup();
  const { other, shelf, ours } = two(bundle);
  const names = Array.from({ length: count }, (_, at) => `${at}.txt`);
  for (const name of names) writeFileSync(join(other, name), name);
  const args = ["hash-object", "-w", "--stdin-paths"];
  const hashed = execFileSync("git", args, { cwd: other, input: `${names.join("\n")}\n` });
  const pack = packOf(other, ...hashed.toString().trim().split("\n"));
  await takeIn(shelf, ours, pack, bundle.signal);
  const counted = git(ours.gitDir, "count-objects", "-v");
  expect(counted).toContain(count > 500 ? `in-pack: ${count}` : `count: ${count}`);
});

test("bytes that are no pack, a cut one, a link and a folder are refused", async () => {
  using bundle = setup();
  const { other, shelf, ours } = two(bundle);
  const pack = packOf(other, object(other, "blob", "x\n"));
  const at = (name: string): string => join(bundle.root, name);
  writeFileSync(at("nothing"), "");
  writeFileSync(at("words"), "not a pack at all, only words\n");
  execFileSync("sh", ["-c", `head -c 20 ${pack} >${at("cut")}`]);
  symlinkSync(pack, at("link"));
  mkdirSync(at("folder"));
  execFileSync("mkfifo", [at("pipe")]);
  for (const name of ["nothing", "words", "cut", "link", "folder", "pipe", "missing"]) {
    await expect(takeIn(shelf, ours, at(name), bundle.signal), name).rejects.toThrow();
  }
  expect(git(ours.gitDir, "count-objects", "-v")).toContain("count: 0");
});

test("an older git that does not know all checks takes in as well", async () => {
  using bundle = setup();
  const old = join(bundle.root, "git");
  const script = `#!/bin/sh
case "$*" in *gitattributes*) echo "fatal: Unhandled message id: gitattributesblob" >&2; exit 128;; esac
exec git "$@"\n`;
  writeFileSync(old, script, { mode: 0o755 });
  const { other, shelf, ours } = two(bundle, old);
  const blob = object(other, "blob", "x\n");
  await takeIn(shelf, ours, packOf(other, blob), bundle.signal);
  expect(git(ours.gitDir, "cat-file", "-p", blob)).toBe("x\n");
});

test("an answer is believed only in its form, and never that nothing changed", () => {
  const tree = "4b825dc642cb6eb9a060e54bf8d69288fbee4904";
  const nothing = { isMade: false, umask: 0o022, lost: [] };
  const answer = (captured: unknown, aside: unknown = nothing): unknown =>
    readCaptureAnswer(JSON.stringify({ ok: true, isPacked: false, captured, aside }));
  const leftOut = [{ path: "a", reason: "too-large", more: 1 }];
  for (const [cone, read] of [
    [null, null],
    [
      ["libs", "libs/b", "a"],
      ["a", "libs"],
    ],
  ] as const) {
    expect(answer({ tree, isBase: true, leftOut, cone })).toEqual({
      ok: true,
      isPacked: false,
      captured: { tree, isBase: false, leftOut: [{ path: "a", reason: "too-large" }], cone: read },
      aside: nothing,
    });
  }
  const whole = { tree, leftOut: [], cone: null };
  expect(answer(whole)).not.toBeNull();
  for (const bad of [null, {}, { ...nothing, umask: "022" }, { ...nothing, lost: [1] }]) {
    expect(answer(whole, bad), JSON.stringify(bad)).toBeNull();
  }
  expect(answer(whole, { ...nothing, umask: 0o1000 })).toBeNull();
  for (const bad of [
    null,
    [],
    { ...whole, tree: "--all" },
    { ...whole, tree: `${tree}\n` },
    { tree, cone: null },
    { ...whole, leftOut: [null] },
    { ...whole, leftOut: [{ path: "a", reason: "because" }] },
    { ...whole, leftOut: [{ reason: "too-large" }] },
    { tree, leftOut: [] },
    { ...whole, cone: "libs" },
    { ...whole, cone: [7] },
    { ...whole, cone: ["../up"] },
  ]) {
    expect(answer(bad), JSON.stringify(bad)).toBeNull();
  }
  for (const text of ["", "{", "null", "7", '{"ok":true}', '{"ok":false}']) {
    expect(readCaptureAnswer(text), text).toBeNull();
  }
});
