import { chmod, mkdir, open, readFile, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import { openSqliteStore } from "../../../src/adapters/sqlite/open.ts";
import { refuseOldSqlite } from "../../../src/adapters/sqlite/place.ts";
import { StoreUnavailable } from "../../../src/ports/store.ts";
import { insert } from "../../contract/store/contract.ts";
import { daemon } from "../../contract/store/shared.ts";
import { child, place, type Place } from "./support.ts";

const MODES = ["direct", "thread"] as const;

/** What opening or `use` throws; the kind and the sentence of it. */
async function refusal(
  use: () => Promise<unknown>,
): Promise<{ readonly kind: string; readonly message: string }> {
  try {
    await use();
  } catch (error) {
    if (error instanceof StoreUnavailable) return { kind: error.kind, message: error.message };
    throw error;
  }
  throw new Error("nothing was refused");
}

async function filled(at: Place, tasks: number = 3): Promise<void> {
  await using store = await at.open();
  for (let i = 0; i < tasks; i += 1) await insert(store, { text: "x".repeat(500) });
}

/** Runs SQL on the file as another program would. */
function onFile(path: string, sql: string): void {
  const db = new DatabaseSync(path);
  db.exec(sql);
  db.close();
}

test.each(MODES)("a missing folder: %s", async (mode) => {
  await using at = await place();
  const path = join(at.folder, "home", "data", "tasks.db");
  expect(await refusal(() => openSqliteStore({ path, mode }))).toEqual({
    kind: "missing",
    message: `The folder ${dirname(path)} does not exist: create it, or run \`sle init\`.`,
  });
});

test("a folder that is a file", async () => {
  await using at = await place();
  await writeFile(join(at.folder, "home"), "");
  const path = join(at.folder, "home", "data", "tasks.db");
  expect((await refusal(() => openSqliteStore({ path, mode: "direct" }))).kind).toBe("missing");
});

test.each(MODES)("a file that holds something else: %s", async (mode) => {
  await using at = await place();
  await writeFile(at.path, "Dear diary, ".repeat(1000));
  expect(await refusal(() => at.open({ mode }))).toEqual({
    kind: "corrupt",
    message: `${at.path} is not a database of Sleepless Agent: move that file away, or choose another home.`,
  });
  expect(await readFile(at.path, "utf8")).toBe("Dear diary, ".repeat(1000));
});

test("a database of another program is refused and left as it is", async () => {
  await using at = await place();
  onFile(at.path, "CREATE TABLE diary (page); PRAGMA user_version = 1");
  const before = await readFile(at.path);
  const { kind, message } = await refusal(() => at.open());
  expect({ kind, message }).toMatchObject({ kind: "corrupt" });
  expect(message).toContain("is not a database of Sleepless Agent");
  onFile(at.path, "SELECT * FROM diary");
  expect((await readFile(at.path)).length).toBe(before.length);
});

test.each(MODES)("a damaged file is told of when the damage is met: %s", async (mode) => {
  await using at = await place();
  await filled(at, 400);
  const file = await open(at.path, "r+");
  const { size } = await file.stat();
  await file.write(Buffer.alloc(size - 4096 * 4, 0xa5), 0, size - 4096 * 4, 4096 * 4);
  await file.close();
  const page = { before: null, limit: 1000 };
  const found = await refusal(async () => {
    await using store = await at.open({ mode });
    await store.tasks.list({}, page);
    await store.tasks.counts();
    await store.events.after(0, 1000);
  });
  expect(found).toEqual({
    kind: "corrupt",
    message: `${at.path} is damaged: stop the daemon, then put the newest backup in its place.`,
  });
});

test("a check names what is damaged", async () => {
  await using at = await place();
  await filled(at);
  onFile(
    at.path,
    `PRAGMA foreign_keys = OFF; INSERT INTO effects (key, task_id, attempt, kind, intended_at)
     VALUES ('push', 99, 1, 'push', 1)`,
  );
  await using store = await at.open();
  expect(await store.care.check()).toEqual(["row 1 of effects refers to nothing in tasks"]);
});

test.each(MODES)("a newer file that this program cannot use: %s", async (mode) => {
  await using at = await place();
  await filled(at);
  onFile(
    at.path,
    `PRAGMA user_version = 99; UPDATE bookkeeping SET value = 99 WHERE name = 'readable_from'`,
  );
  expect(await refusal(() => at.open({ mode }))).toEqual({
    kind: "newer",
    message: `${at.path} was written by a newer Sleepless Agent (schema 99, this one knows 1): update this one.`,
  });
});

test.each(MODES)("a newer file that this program can still use is warned of: %s", async (mode) => {
  await using at = await place();
  await filled(at);
  onFile(at.path, "PRAGMA user_version = 99; ALTER TABLE tasks ADD COLUMN mood TEXT");
  const warnings: string[] = [];
  await using store = await at.open({ mode, warn: (message) => warnings.push(message) });
  expect((await insert(store)).id).toBe(4);
  expect(warnings).toEqual([
    `${at.path} was written by a newer Sleepless Agent; it can still be used, but update this one soon.`,
  ]);
});

test.each(MODES)(
  "a full disk refuses writes, answers reads, and loses nothing: %s",
  async (mode) => {
    await using at = await place();
    await filled(at);
    const pages = (await stat(at.path)).size / 4096;
    {
      await using store = await at.open({ mode, pagesMax: pages + 10 });
      const before = await store.events.lastSeq();
      let stored = 0;
      const { kind, message } = await refusal(async () => {
        for (;;) {
          await insert(store, { text: "y".repeat(2000) });
          stored += 1;
        }
      });
      expect({ kind, message }).toEqual({
        kind: "full",
        message: `The disk is full, so ${at.path} took nothing more: free some space and try again.`,
      });
      expect(stored).toBeGreaterThan(0);
      expect((await store.tasks.counts()).queued).toBe(3 + stored);
      expect(await store.events.lastSeq()).toBe(before + stored);
      expect(await store.care.check()).toEqual([]);
    }
    await using store = await at.open({ mode });
    const queued = (await store.tasks.counts()).queued;
    expect((await insert(store)).id).toBe(queued + 1);
  },
);

test("a daemon starts, and gives signs of life, on a disk that has no room for a page more", async () => {
  await using at = await place();
  await filled(at);
  const pages = (await stat(at.path)).size / 4096;
  await using store = await at.open({ pagesMax: pages });
  const said = { ...daemon("host:12", 1000), version: "x".repeat(3000) };
  await store.shared.putDaemon(said);
  await store.shared.putDaemon({ ...said, seenAt: 2000 });
  expect(await store.shared.daemons()).toEqual([{ ...said, seenAt: 2000 }]);
});

test("a folder or a file that this user may not write", async () => {
  await using at = await place();
  await filled(at);
  await chmod(at.path, 0o444);
  await chmod(at.folder, 0o755);
  const cannot = {
    kind: "unwritable",
    message: `${at.path} cannot be written: let this user write the file and its folder ${at.folder}.`,
  };
  const [told = ""] = await child("as-nobody", at.path).end();
  expect(JSON.parse(told)).toEqual(cannot);
  await chmod(at.folder, 0o700);
  const [hidden = ""] = await child("as-nobody", at.path).end();
  if (process.getuid?.() === 0) expect(JSON.parse(hidden)).toEqual(cannot);
  await chmod(at.folder, 0o777);
  const [again = ""] = await child("as-nobody", at.path).end();
  expect(JSON.parse(again)).toEqual(cannot);
  await chmod(at.path, 0o666);
  const [opened = ""] = await child("as-nobody", at.path).end();
  expect(JSON.parse(opened)).toMatchObject({ opened: { queued: 3 } });
});

test("a path that is a folder", async () => {
  await using at = await place();
  await mkdir(at.path);
  expect(await refusal(() => at.open())).toEqual({
    kind: "broken",
    message: `${at.path} is a folder: name a file in it.`,
  });
});

test("an SQLite with the bug that corrupts is refused", () => {
  expect(() => refuseOldSqlite("3.51.2")).toThrow(/use a Node with SQLite 3\.51\.3 or newer/);
  expect(() => refuseOldSqlite("3.9.0")).toThrow(StoreUnavailable);
  expect(() => refuseOldSqlite("unknown")).toThrow(StoreUnavailable);
  for (const version of ["3.51.3", "3.52.0", "4.0.0"]) refuseOldSqlite(version);
});
