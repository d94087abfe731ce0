import { afterAll, describe, test } from "vitest";
import { casesFor } from "../../contract/store/all.ts";
import { sqliteOpener } from "../../contract/store/sqlite.ts";

describe("the store in SQLite, in a thread of its own", () => {
  const { open, clean } = sqliteOpener("thread");
  afterAll(clean);
  for (const { name, run } of casesFor(open, true)) test(name, run);
});
