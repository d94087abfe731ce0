import { afterAll, describe, test } from "vitest";
import { casesFor } from "./all.ts";
import { sqliteOpener } from "./sqlite.ts";

// The thread has the same suite in test/adapters/sqlite, where each case may start one.
describe("the store in SQLite, in this thread", () => {
  const { open, clean } = sqliteOpener("direct");
  afterAll(clean);
  for (const { name, run } of casesFor(open, true)) test(name, run);
});
