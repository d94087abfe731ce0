import { execFileSync } from "node:child_process";
import {
  mkdirSync,
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
import { afterEach, describe, expect, test } from "vitest";
import { fileArtifacts, pruneResults } from "../../../src/adapters/files/artifacts.ts";
import { type HomeLayout, homeLayout } from "../../../src/adapters/files/home-layout.ts";
import { openHome } from "../../../src/adapters/files/open-home.ts";
import type { Artifacts } from "../../../src/ports/artifacts.ts";
import { artifactsContract } from "../../contract/artifacts.ts";

const AT = Date.UTC(2027, 0, 15, 23, 59);
const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

interface Bundle {
  readonly home: HomeLayout;
  readonly artifacts: Artifacts;
  readonly path: string;
  readonly relative: string;
}

async function setup(): Promise<Bundle> {
  const root = mkdtempSync(join(tmpdir(), "sle-results-"));
  folders.push(root);
  const home = homeLayout(join(root, "home"));
  openHome(home.path);
  const artifacts = fileArtifacts(home);
  return { home, artifacts, ...(await artifacts.open(12, 3, AT)) };
}

describe("artifacts in files", () => {
  artifactsContract(() => {
    const root = mkdtempSync(join(tmpdir(), "sle-results-"));
    const home = homeLayout(join(root, "home"));
    openHome(home.path);
    const dispose = (): void => {
      rmSync(root, { recursive: true, force: true });
    };
    return { artifacts: fileArtifacts(home), [Symbol.dispose]: dispose };
  });
});

test("an attempt's folder is named by UTC day, task and attempt, and opening twice is fine", async () => {
  const { home, artifacts, path, relative } = await setup();
  expect({ path, relative }).toEqual({
    path: `${home.path}/data/results/2027-01-15/12-3`,
    relative: "data/results/2027-01-15/12-3",
  });
  expect(await artifacts.open(12, 3, AT)).toEqual({ path, relative });
});

test("a file is written whole, readable by its owner only, and read by either name of its folder", async () => {
  const { artifacts, path, relative } = await setup();
  await artifacts.write(path, "final.md", "first");
  await artifacts.write(relative, "final.md", "second");
  expect(await artifacts.tail(relative, "final.md", 100)).toBe("second");
  expect(await artifacts.tail(path, "final.md", 3)).toBe("ond");
  expect(await artifacts.tail(path, "final.md", 0)).toBe("");
  expect(readdirSync(path)).toEqual(["final.md"]);
  expect(statSync(join(path, "final.md")).mode & 0o777).toBe(0o600);
});

test("what cannot be written leaves the old file and nothing else", async () => {
  const { artifacts, path } = await setup();
  mkdirSync(join(path, "taken", "full"), { recursive: true });
  await expect(artifacts.write(path, "taken", "text")).rejects.toThrow();
  expect(readdirSync(path)).toEqual(["taken"]);
});

test("nothing there is null, not an error", async () => {
  const { artifacts, path } = await setup();
  expect(await artifacts.tail(path, "none.md", 10)).toBeNull();
  expect(await artifacts.tail("data/results/2027-01-15/99-1", "none.md", 10)).toBeNull();
});

test("a tail never begins in the middle of a character", async () => {
  const { artifacts, path } = await setup();
  await artifacts.write(path, "out.txt", "ab€🌙");
  const tails = await Promise.all(
    [9, 8, 7, 6, 5, 4, 3, 2, 1].map((bytes) => artifacts.tail(path, "out.txt", bytes)),
  );
  expect(tails).toEqual(["ab€🌙", "b€🌙", "€🌙", "🌙", "🌙", "🌙", "", "", ""]);
});

test("bytes that are no text do not break a tail", async () => {
  const { artifacts, path } = await setup();
  writeFileSync(join(path, "raw"), Buffer.from([0xff, 0x80, 0x80, 0x80, 0x80, 0x41]));
  expect(await artifacts.tail(path, "raw", 4)).toBe("A");
  expect(await artifacts.tail(path, "raw", 100)).toBe(`${"\ufffd".repeat(5)}A`);
});

test("links, pipes and folders are no files of ours: nothing behind them is read", async () => {
  const { home, artifacts, path } = await setup();
  const secret = join(home.path, "secret");
  writeFileSync(secret, "canary");
  symlinkSync(secret, join(path, "link"));
  execFileSync("mkfifo", [join(path, "pipe")]);
  mkdirSync(join(path, "folder"));
  for (const name of ["link", "pipe", "folder"]) {
    expect(await artifacts.tail(path, name, 100)).toBeNull();
  }
  symlinkSync(home.path, join(home.results, "2027-01-15", "13-1"));
  expect(await artifacts.tail("data/results/2027-01-15/13-1", "secret", 100)).toBeNull();
  await expect(artifacts.write("data/results/2027-01-15/13-1", "x", "")).rejects.toThrow();
});

test("writing onto a link replaces the link and leaves alone what it points to", async () => {
  const { home, artifacts, path } = await setup();
  const target = join(home.path, "target");
  writeFileSync(target, "untouched");
  symlinkSync(target, join(path, "final.md"));
  await artifacts.write(path, "final.md", "ours");
  expect(readFileSync(target, "utf8")).toBe("untouched");
  expect(await artifacts.tail(path, "final.md", 100)).toBe("ours");
});

test.each(["../x", "a/b", "", ".", "..", ".hidden", "a\0", "x".repeat(201)])(
  "the name %j is refused",
  async (name) => {
    const { artifacts, path } = await setup();
    await expect(artifacts.write(path, name, "")).rejects.toThrow("is not a plain file name");
    await expect(artifacts.tail(path, name, 1)).rejects.toThrow("is not a plain file name");
  },
);

test.each(["/etc", "data/results", "data/results/../logs", "../elsewhere", ""])(
  "the folder %j is refused",
  async (folder) => {
    const { artifacts } = await setup();
    await expect(artifacts.tail(folder, "passwd", 1)).rejects.toThrow("is not among the results");
  },
);

test("results of days before the limit go, newer ones and strangers stay", async () => {
  const { home, artifacts } = await setup();
  await artifacts.open(1, 1, Date.UTC(2026, 11, 31));
  await artifacts.open(2, 1, Date.UTC(2027, 0, 14));
  mkdirSync(join(home.results, "of-the-owner"));
  expect(await pruneResults(home, AT)).toBe(2);
  expect(readdirSync(home.results).toSorted()).toEqual(["2027-01-15", "of-the-owner"]);
});
