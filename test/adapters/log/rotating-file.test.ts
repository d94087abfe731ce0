import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { rotatingFile } from "../../../src/adapters/log/rotating-file.ts";

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

function setup(): { folder: string; path: string } {
  const folder = mkdtempSync(join(tmpdir(), "sle-rotate-"));
  folders.push(folder);
  return { folder, path: join(folder, "daemon.log") };
}

function contents(folder: string): Record<string, string> {
  const names = readdirSync(folder).toSorted();
  return Object.fromEntries(names.map((name) => [name, readFileSync(join(folder, name), "utf8")]));
}

test("files are moved on when the newest is full, and the oldest goes", () => {
  const { folder, path } = setup();
  using file = rotatingFile({ path, fileBytesMax: 8, filesMax: 3 });
  for (const line of ["1111\n", "222\n", "33\n", "4444444\n", "5\n", "66\n", "777\n"])
    file.write(line);
  expect(contents(folder)).toEqual({
    "daemon.log": "777\n",
    "daemon.log.1": "5\n66\n",
    "daemon.log.2": "4444444\n",
  });
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

test("the bound is hard: whatever is written, no file and no sum of files exceeds it", () => {
  const { folder, path } = setup();
  const bound = { path, fileBytesMax: 1000, filesMax: 4 };
  {
    using file = rotatingFile(bound);
    for (let line = 0; line < 2000; line += 1) file.write(`${"€".repeat(line % 90)}\n`);
  }
  const sizes = readdirSync(folder).map((name) => statSync(join(folder, name)).size);
  expect(sizes).toHaveLength(4);
  expect(Math.max(...sizes)).toBeLessThanOrEqual(1000);
  using again = rotatingFile({ ...bound, filesMax: 2 });
  again.write("x\n");
  expect(readdirSync(folder).toSorted()).toEqual(["daemon.log", "daemon.log.1"]);
});

test("with one file the old lines go", () => {
  const { folder, path } = setup();
  using file = rotatingFile({ path, fileBytesMax: 4, filesMax: 1 });
  file.write("aaa\n");
  file.write("bbb\n");
  expect(contents(folder)).toEqual({ "daemon.log": "bbb\n" });
});

test("a line that fits no file is left out and counted", () => {
  const { folder, path } = setup();
  using file = rotatingFile({ path, fileBytesMax: 4, filesMax: 2 });
  file.write("aaa\n");
  file.write("too long\n");
  file.write("bbb\n");
  expect([file.takeLost(), file.takeLost()]).toEqual([1, 0]);
  expect(contents(folder)).toEqual({ "daemon.log": "bbb\n", "daemon.log.1": "aaa\n" });
});

test("two writers of one file lose no line and both follow a rotation", () => {
  const { folder, path } = setup();
  const bound = { path, fileBytesMax: 8, filesMax: 5 };
  using one = rotatingFile(bound);
  using two = rotatingFile(bound);
  for (const text of ["a", "b", "c"]) {
    one.write(`1${text}\n`);
    two.write(`2${text}\n`);
  }
  one.write("1d\n");
  two.write("2d\n");
  const lines = Object.values(contents(folder)).join("").split("\n").filter(Boolean);
  expect(lines.toSorted()).toEqual(["1a", "1b", "1c", "1d", "2a", "2b", "2c", "2d"]);
});

test("when the folder vanishes nothing throws, and writing goes on once it is back", () => {
  const { folder, path } = setup();
  using file = rotatingFile({ path, fileBytesMax: 100, filesMax: 2 });
  file.write("before\n");
  rmSync(folder, { recursive: true });
  writeFileSync(folder, "a file in the way");
  for (let line = 0; line < 30; line += 1) file.write("while it was gone\n");
  expect(file.takeLost()).toBeGreaterThan(0);
  expect(existsSync(path)).toBe(false);
});

test("a file that cannot be opened is told at the start; a link is never followed", () => {
  const { folder, path } = setup();
  symlinkSync("/dev/null", path);
  expect(() => rotatingFile({ path, fileBytesMax: 100, filesMax: 2 })).toThrow("ELOOP");
  expect(() =>
    rotatingFile({ path: join(folder, "no", "x.log"), fileBytesMax: 1, filesMax: 1 }),
  ).toThrow("ENOENT");
  chmodSync(folder, 0o700);
});
