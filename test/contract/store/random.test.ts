import { afterAll, test } from "vitest";
import { openMemoryStore } from "../../../src/adapters/memory/open.ts";
import type { OpenedStore } from "./contract.ts";
import { agree, ANYTHING, WAITING } from "./random.ts";
import { sqliteOpener } from "./sqlite.ts";

const sqlite = sqliteOpener("direct");
afterAll(sqlite.clean);

async function openMemory(): Promise<OpenedStore> {
  const store = openMemoryStore();
  return { store, [Symbol.asyncDispose]: () => store[Symbol.asyncDispose]() };
}

test("SQLite answers any script of calls as the store in memory does", async () => {
  await agree(sqlite.open, openMemory, ANYTHING, 60);
}, 60_000);

test("and any script of tasks that are told to wait for each other, of which no circle comes", async () => {
  await agree(sqlite.open, openMemory, WAITING, 60);
}, 60_000);
