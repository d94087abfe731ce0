import { describe, test } from "vitest";
import { openMemoryStore } from "../../../src/adapters/memory/open.ts";
import { casesFor } from "./all.ts";
import type { OpenedStore } from "./contract.ts";

async function open(): Promise<OpenedStore> {
  const store = openMemoryStore();
  return { store, [Symbol.asyncDispose]: () => store[Symbol.asyncDispose]() };
}

describe("the store in memory", () => {
  for (const { name, run } of casesFor(open, false)) test(name, run);
});
