// Opens the store at the path given, inserts one task, and tells which modules that loaded.
import { registerHooks } from "node:module";

const loaded: string[] = [];
registerHooks({
  load: (url, context, nextLoad) => {
    loaded.push(url);
    return nextLoad(url, context);
  },
});
const { openSqliteStore } = await import("../../../../src/adapters/sqlite/open.ts");
const store = await openSqliteStore({ path: process.argv[2] ?? "", mode: "direct" });
const inserted = await store.tasks.insert({
  at: 1,
  kind: "thought",
  priority: "normal",
  source: "cli",
  text: "Say hello.",
  project: null,
  executor: null,
  model: null,
  timeoutMs: null,
  isolation: null,
  budget: null,
  attemptsMax: 3,
  notBefore: null,
  nightOnly: false,
  deadlineAt: null,
  touches: [],
  dependsOn: [],
  by: "ann",
});
if (!inserted.ok) throw new Error("refused");
await store[Symbol.asyncDispose]();
console.log(JSON.stringify(loaded));
