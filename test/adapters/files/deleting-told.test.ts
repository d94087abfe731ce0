import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { homeLayout } from "../../../src/adapters/files/home-layout.ts";
import { openHome } from "../../../src/adapters/files/open-home.ts";
import { examine } from "../../../src/app/doctor.ts";
import { readResult } from "../../../src/app/files-for-cli.ts";

const { signal } = new AbortController();

test("the doctor names what is in the trash and cannot be deleted, and says nothing of the rest", async () => {
  const root = mkdtempSync(join(tmpdir(), "sle-told-"));
  try {
    const home = homeLayout(join(root, "home"));
    openHome(home.path);
    mkdirSync(join(home.trash, "8-later"));
    const told = async (): Promise<readonly unknown[]> =>
      (await examine(home.path, process.env, signal)).filter(({ name }) => name === "trash");
    expect(await told()).toEqual([]);
    mkdirSync(join(home.trash, "deleting-7"));
    mkdirSync(join(home.trash, "deleting-9"));
    expect(await told()).toMatchObject([
      {
        status: "warning",
        detail: expect.stringMatching(/deleting-\d and 1 more cannot be deleted/u) as unknown,
      },
    ]);
  } finally {
    rmSync(root, { recursive: true });
  }
});

test("a result that is a link, a pipe or a folder is none, and nobody waits for it", async () => {
  const root = mkdtempSync(join(tmpdir(), "sle-told-"));
  try {
    writeFileSync(join(root, "output"), "words\n");
    symlinkSync(join(root, "output"), join(root, "link"));
    execFileSync("mkfifo", [join(root, "pipe")]);
    const range = { offset: 0, length: 100 };
    const sizes = ["output", "link", "pipe", ".", "../passwd", "gone"].map(
      async (name) => (await readResult(root, ".", name, range))?.size ?? null,
    );
    expect(await Promise.all(sizes)).toEqual([6, null, null, null, null, null]);
  } finally {
    rmSync(root, { recursive: true });
  }
});
