import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { homeLayout } from "../../../src/adapters/files/home-layout.ts";
import { openHome } from "../../../src/adapters/files/open-home.ts";
import { trashSessions } from "../../../src/adapters/files/sessions.ts";
import { emptyTrash } from "../../../src/adapters/files/trash.ts";

test("the trash loses what lies there longer than it may, and nothing behind a link", async () => {
  const root = mkdtempSync(join(tmpdir(), "sle-trash-"));
  try {
    const home = homeLayout(join(root, "home"));
    openHome(home.path);
    const outside = join(root, "outside");
    mkdirSync(join(home.trash, "7-old", "deep"), { recursive: true });
    writeFileSync(join(home.trash, "7-old", "deep", "x"), "");
    mkdirSync(outside);
    writeFileSync(join(outside, "kept"), "");
    symlinkSync(outside, join(home.trash, "link"));
    const { signal } = new AbortController();
    expect(await emptyTrash(home, Date.now() - 3_600_000, signal)).toBe(0);
    expect(readdirSync(home.trash).toSorted()).toEqual(["7-old", "link"]);
    expect(await emptyTrash(home, Date.now() + 3_600_000, signal)).toBe(2);
    expect(readdirSync(home.trash)).toEqual([]);
    expect(existsSync(join(outside, "kept"))).toBe(true);
    mkdirSync(join(home.trash, "8"));
    await expect(emptyTrash(home, Number.MAX_VALUE, AbortSignal.abort())).rejects.toThrow("abort");
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
});

test("what an agent remembered goes with the folder of its task", async () => {
  const root = mkdtempSync(join(tmpdir(), "sle-sessions-"));
  try {
    const home = homeLayout(join(root, "home"));
    openHome(home.path);
    for (const id of ["7", "8"])
      mkdirSync(join(home.sessions, id, "projects"), { recursive: true });
    mkdirSync(join(home.tasks, "8"));
    expect(await trashSessions(home)).toBe(1);
    expect(readdirSync(home.sessions)).toEqual(["8"]);
    expect(readdirSync(home.trash)).toEqual([expect.stringMatching(/^session-7-/u)]);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
});
