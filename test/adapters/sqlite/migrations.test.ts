import { expect, test } from "vitest";
import { openDatabase, type Database } from "../../../src/adapters/sqlite/database.ts";
import { headerNumber, migrate, SCHEMA_VERSION } from "../../../src/adapters/sqlite/migrate.ts";
import {
  applyMigrations,
  MIGRATIONS,
  type SchemaMigration,
} from "../../../src/adapters/sqlite/migrations.ts";
import { place, type Place } from "./support.ts";

const COMPATIBLE: SchemaMigration = {
  name: "0002-mood",
  breaking: false,
  statements: ["ALTER TABLE tasks ADD COLUMN mood TEXT"],
};
const BREAKING: SchemaMigration = {
  name: "0003-jobs",
  breaking: true,
  statements: ["ALTER TABLE tasks RENAME COLUMN text TO words"],
};
const BROKEN: SchemaMigration = {
  name: "0002-broken",
  breaking: false,
  statements: ["ALTER TABLE tasks ADD COLUMN mood TEXT", "ALTER TABLE nowhere ADD COLUMN x"],
};

interface Opened extends Disposable {
  readonly database: Database;
}

async function migrated(at: Place): Promise<Opened> {
  const database = openDatabase(at.path);
  await migrate(database, () => {});
  return { database, [Symbol.dispose]: () => database.close() };
}

function readableFrom(database: Database): unknown {
  return database.sql("SELECT value FROM bookkeeping WHERE name = 'readable_from'").get();
}

test("the version is the number of steps", () => {
  expect(MIGRATIONS.length).toBe(SCHEMA_VERSION);
});

test("an older file gets the steps that it has not had, once, and keeps its rows", async () => {
  await using at = await place();
  {
    await using store = await at.open();
    await store.shared.setSetting("kept", "yes");
  }
  using opened = await migrated(at);
  const { database } = opened;
  await applyMigrations(database, [...MIGRATIONS, COMPATIBLE]);
  await applyMigrations(database, [...MIGRATIONS, COMPATIBLE]);
  expect(headerNumber(database, "user_version")).toBe(2);
  expect(readableFrom(database)).toEqual({ value: 1 });
  database.sql("SELECT mood FROM tasks").all();
  expect(database.sql("SELECT value FROM settings").all()).toEqual([{ value: "yes" }]);
});

test("a breaking step keeps older programs out, a later compatible one does not move that", async () => {
  await using at = await place();
  using opened = await migrated(at);
  const { database } = opened;
  await applyMigrations(database, [...MIGRATIONS, COMPATIBLE, BREAKING]);
  expect(readableFrom(database)).toEqual({ value: 3 });
  await applyMigrations(database, [
    ...MIGRATIONS,
    COMPATIBLE,
    BREAKING,
    { name: "0004-more", breaking: false, statements: ["CREATE TABLE more (id) "] },
  ]);
  expect(headerNumber(database, "user_version")).toBe(4);
  expect(readableFrom(database)).toEqual({ value: 3 });
  await expect(at.open()).rejects.toMatchObject({ kind: "newer" });
});

test("steps that fail change nothing", async () => {
  await using at = await place();
  using opened = await migrated(at);
  const { database } = opened;
  await expect(applyMigrations(database, [...MIGRATIONS, BROKEN])).rejects.toThrow("nowhere");
  expect(headerNumber(database, "user_version")).toBe(1);
  expect(() => database.sql("SELECT mood FROM tasks")).toThrow("mood");
  await using store = await at.open();
  expect(await store.care.check()).toEqual([]);
});

test("an up-to-date file is opened without the query library", async () => {
  await using at = await place();
  await (await at.open())[Symbol.asyncDispose]();
  const { child } = await import("./support.ts");
  const [modules = ""] = await child("loaded", at.path).end();
  const loaded = JSON.parse(modules) as string[];
  expect(loaded.filter((each) => each.includes("node_modules"))).toEqual([]);
  expect(loaded.some((each) => each.endsWith("/sqlite/intake.ts"))).toBe(true);
  for (const part of ["tasks", "claims", "attempts", "usage", "shared", "migrations", "thread"]) {
    expect(loaded.filter((each) => each.endsWith(`/sqlite/${part}.ts`))).toEqual([]);
  }
});
