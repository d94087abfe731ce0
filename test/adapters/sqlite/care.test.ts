import { readFile, readdir, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openSqliteStore } from "../../../src/adapters/sqlite/open.ts";
import { change, everything, insert, NOW, start } from "../../contract/store/contract.ts";
import { place } from "./support.ts";

test.each(["direct", "thread"] as const)(
  "a backup is a whole store, made while others write: %s",
  async (mode) => {
    await using at = await place();
    await using store = await at.open({ mode });
    await insert(store);
    await start(store, 1);
    const path = join(at.folder, "backup.db");
    const before = await everything(store);
    const backingUp = store.care.backup(path);
    await insert(store);
    await backingUp;
    await using copy = await openSqliteStore({ path, mode: "direct" });
    expect(await copy.care.check()).toEqual([]);
    const tasks = (await copy.tasks.counts()).queued;
    expect([0, 1]).toContain(tasks);
    if (tasks === 0) expect(await everything(copy)).toEqual(before);
    expect(await readdir(at.folder)).not.toContain("backup.db.partial");
  },
);

test("a backup that cannot be made says where, and leaves nothing behind", async () => {
  await using at = await place();
  await using store = await at.open();
  const path = join(at.folder, "nowhere", "backup.db");
  await expect(store.care.backup(path)).rejects.toMatchObject({
    kind: "unwritable",
    message: `${path} cannot be written: let this user write the file and its folder ${join(at.folder, "nowhere")}.`,
  });
  expect((await insert(store)).id).toBe(1);
});

test("a backup never takes the place of what is there, least of all of the database itself", async () => {
  await using at = await place();
  await using store = await at.open();
  await insert(store);
  const path = join(at.folder, "precious.txt");
  await writeFile(path, "precious");
  for (const taken of [path, at.path, at.folder]) {
    await expect(store.care.backup(taken)).rejects.toThrow(
      `${taken} is there already: name a file that is not, or move that one away.`,
    );
  }
  expect(await readFile(path, "utf8")).toBe("precious");
  expect((await insert(store)).id).toBe(2);
});

test("a backup is for its owner's eyes only", async () => {
  await using at = await place();
  await using store = await at.open();
  const path = join(at.folder, "backup.db");
  await store.care.backup(path);
  expect((await stat(path)).mode & 0o777).toBe(0o600);
});

test("vacuum gives back the space of what was purged", async () => {
  await using at = await place();
  await using store = await at.open();
  for (let i = 0; i < 50; i += 1) await insert(store, { text: "x".repeat(20_000) });
  for (let id = 1; id <= 50; id += 1) {
    await change(store, id, { type: "cancel", at: NOW, by: "ann", reason: null });
  }
  expect((await store.tasks.purge(NOW + 1)).length).toBe(50);
  await store.care.vacuum();
  expect((await stat(at.path)).size).toBeLessThan(300_000);
  expect((await insert(store)).id).toBe(51);
});

test("nothing can change or remove an event", async () => {
  await using at = await place();
  await using store = await at.open();
  await insert(store);
  const { DatabaseSync } = await import("node:sqlite");
  const db = new DatabaseSync(at.path);
  expect(() => db.exec("UPDATE events SET at = 0")).toThrow("events are append-only");
  expect(() => db.exec("DELETE FROM events")).toThrow("events are append-only");
  db.close();
});

test.each([
  [
    "a lease without running",
    "UPDATE tasks SET lease_id = 'a', lease_owner = 'b', lease_expires_at = 1",
  ],
  ["running without a lease", "UPDATE tasks SET state = 'running', ready = 0"],
  ["more attempts used than there are", "UPDATE tasks SET attempts_used = attempts_max + 1"],
  ["an end before a final state", "UPDATE tasks SET finished_at = 1"],
  ["a final state without an end", "UPDATE tasks SET state = 'failed', ready = 0"],
  ["an unknown state", "UPDATE tasks SET state = 'sleeping', ready = 0"],
  ["text for a number", "UPDATE tasks SET not_before = 'tomorrow'"],
  ["ready while waiting for another", "UPDATE tasks SET unmet_dependencies = 1"],
])("the database itself refuses %s", async (_name, sql) => {
  await using at = await place();
  await using store = await at.open();
  await insert(store);
  const { DatabaseSync } = await import("node:sqlite");
  const db = new DatabaseSync(at.path);
  expect(() => db.exec(sql)).toThrow(/constraint|cannot store/);
  db.close();
});

test("the last to close leaves one file", async () => {
  await using at = await place();
  const store = await at.open({ mode: "thread" });
  await insert(store);
  await store[Symbol.asyncDispose]();
  expect(await readdir(at.folder)).toEqual(["tasks.db"]);
  await rm(at.path);
});
