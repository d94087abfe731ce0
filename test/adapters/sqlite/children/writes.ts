// Submits, claims and concludes for ever; tells each task once it is durable.
import { openSqliteStore } from "../../../../src/adapters/sqlite/open.ts";
import { conclusion, insert, request, start } from "../../../contract/store/contract.ts";

const store = await openSqliteStore({ path: process.argv[2] ?? "", mode: "direct" });
for (;;) {
  const { id } = await insert(store, { text: "x".repeat(2000) });
  console.log(`inserted ${id}`);
  if (id % 3 === 0) continue;
  await start(store, id, request(id));
  console.log(`started ${id}`);
  if (id % 3 === 1) continue;
  await store.tasks.change(id, conclusion(`lease-${id}`));
  console.log(`ended ${id}`);
}
