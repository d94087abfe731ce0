// Opens a store in a thread, writes, and forgets to close it.
import { openSqliteStore } from "../../../../src/adapters/sqlite/open.ts";
import { insert } from "../../../contract/store/contract.ts";

const store = await openSqliteStore({ path: process.argv[2] ?? "", mode: "thread" });
await insert(store);
const watch = store.watch(() => {});
watch[Symbol.dispose]();
console.log("done");
