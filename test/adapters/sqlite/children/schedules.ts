// Settles the slots of the schedule `minutely` one after the other, as if a minute passed each time;
// tells each slot once it is durable. Arguments: path.
import { openSqliteStore } from "../../../../src/adapters/sqlite/open.ts";
import { settleDue } from "../../../../src/engine/settle-due.ts";

const MINUTE_MS = 60_000;
const store = await openSqliteStore({ path: process.argv[2] ?? "", mode: "direct" });
for (;;) {
  const found = await store.schedules.get("minutely");
  if (found === null || found.open === null) throw new Error("no slot was promised");
  const { dueAt } = found.open;
  const by = { at: dueAt, next: (after: number): number => after + MINUTE_MS };
  const settled = await settleDue(store, found, by);
  if (settled.type !== "settled") continue;
  console.log(`settled ${dueAt} ${settled.tasks[0]?.id}`);
}
