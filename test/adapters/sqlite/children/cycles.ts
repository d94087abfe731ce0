// Submits, claims and concludes tasks until told to stop, and tells what it was admitted to.
// Arguments: path, owner, how many cycles, most attempts at once.
import { openSqliteStore } from "../../../../src/adapters/sqlite/open.ts";
import { conclusion, insert, NOW, request, rulesWith } from "../../../contract/store/contract.ts";

const [path = "", owner = "", cycles = "0", parallelMax = "1"] = process.argv.slice(2);
const rules = rulesWith({ parallelMax: Number(parallelMax) });
const store = await openSqliteStore({ path, mode: "direct" });
console.log("ready");
process.stdin.once("data", () => void run());

async function run(): Promise<void> {
  for (let cycle = 0; cycle < Number(cycles); cycle += 1) {
    await insert(store);
    for (const { id } of await store.tasks.heads(NOW + cycle, 3)) await claim(id, cycle);
  }
  await store[Symbol.asyncDispose]();
  process.stdin.unref();
  process.exitCode = 0;
}

async function claim(taskId: number, cycle: number): Promise<void> {
  const lease = { id: `${owner}/${cycle}/${taskId}`, owner, expiresAt: NOW + 60_000 };
  const admitted = await store.tasks.admit(request(taskId, { lease, rules }));
  if (!admitted.ok) return;
  console.log(`admitted ${taskId} ${admitted.attempt.number}`);
  const running = await store.attempts.running();
  if (running.length > Number(parallelMax)) console.log(`overrun ${running.length}`);
  const concluded = await store.tasks.change(taskId, conclusion(lease.id));
  console.log(`concluded ${taskId} ${concluded.ok}`);
}
