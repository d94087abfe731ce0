import { afterAll, test } from "vitest";
import { openMemoryStore } from "../../../src/adapters/memory/open.ts";
import type { OpenedStore } from "./contract.ts";
import { agree } from "./random.ts";
import { sqliteOpener } from "./sqlite.ts";

const sqlite = sqliteOpener("direct");
afterAll(sqlite.clean);

async function openMemory(): Promise<OpenedStore> {
  const store = openMemoryStore();
  return { store, [Symbol.asyncDispose]: () => store[Symbol.asyncDispose]() };
}

test("SQLite answers any script of calls as the store in memory does", async () => {
  await agree(sqlite.open, openMemory, 60);
}, 60_000);
