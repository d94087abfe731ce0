// Opens the store at the path given as a user without rights, and tells what came of it.
import { openSqliteStore } from "../../../../src/adapters/sqlite/open.ts";
import { StoreUnavailable } from "../../../../src/ports/store.ts";

if (process.getuid?.() === 0) process.setuid?.(65_534);
try {
  const store = await openSqliteStore({ path: process.argv[2] ?? "", mode: "direct" });
  console.log(JSON.stringify({ opened: await store.tasks.counts() }));
  await store[Symbol.asyncDispose]();
} catch (error) {
  if (!(error instanceof StoreUnavailable)) throw error;
  console.log(JSON.stringify({ kind: error.kind, message: error.message }));
}
