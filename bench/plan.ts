// What planning costs on queues of several lengths: a turn of the dispatcher, and the night played ahead.
// node bench/plan.ts [--quick] [--write]
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { cpus, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { parseArgs } from "node:util";
import { openSqliteStore } from "../src/adapters/sqlite/open.ts";
import { noForecast } from "../src/core/forecast/forecast.ts";
import { plan } from "../src/core/plan.ts";
import { readPlan } from "../src/engine/planning.ts";
import { openTasks } from "../src/engine/tasks.ts";
import type { DaemonStatus } from "../src/engine/views.ts";
import type { Clock } from "../src/ports/clock.ts";
import type { Store } from "../src/ports/store.ts";
import { OPEN_LOCAL, OPEN_RULES } from "./queue-cycle.ts";
import { fill, FILLED_AT } from "./queue-fill.ts";
import { isMet, type Row, tableOf } from "./table.ts";

const { values } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    write: { type: "boolean", default: false },
  },
});

const LENGTHS = [100, 10_000, 100_000];
const DEEP = 1000;
/** Heads of each lane that a turn looks at, as the dispatcher does. */
const PER_LANE = 3;
const NOW = FILLED_AT + 5_000_000;
const turns = values.quick ? 20 : 100;
const clock: Clock = {
  now: () => NOW,
  monotonicMs: () => performance.now(),
  sleep: () => Promise.resolve(),
};
const rules = { ...OPEN_RULES, parallelMax: 4 };

const loadBefore = load();
const rows: Row[] = [];
const turnMs: number[] = [];
for (const length of LENGTHS) {
  await withStore(
    (path) => fill(path, length),
    async (store) => {
      const [took, block] = await measureTurns(store);
      turnMs.push(took);
      rows.push(
        row(
          `a turn with ${length} queued`,
          took,
          "ms",
          "",
          `processor time of ${turns} turns, mean`,
        ),
        row("", block, "ms of the loop, longest", "<= 20", "heads, facts and plan in 100 lanes"),
        row(
          `sle plan with ${length} queued`,
          await measurePlan(store),
          "ms",
          "",
          "in its own process",
        ),
      );
    },
  );
}
await withStore(queueChain, async (store) => {
  const [took, block] = await measureTurns(store);
  rows.push(
    row(`a turn with a chain ${DEEP} deep`, took, "ms", "", "one lane, one head"),
    row("", block, "ms of the loop, longest", "<= 20", ""),
    row(`sle plan with a chain ${DEEP} deep`, await measurePlan(store), "ms", "", ""),
  );
});
rows.push(growth());
const text = `${cpus()[0]?.model ?? "a processor"}, ${cpus().length} of them; load ${loadBefore} before, ${load()} after\n\n${tableOf(rows)}\n\n${rows.length} figures, ${rows.filter((each) => !isMet(each)).length} goals missed`;
process.stdout.write(`${text}\n`);
if (values.write) {
  const date = new Date().toISOString().slice(0, 10);
  const page = `# Planning\n\n\`npm run bench:plan\`, ${date}\n\n\`\`\`text\n${text}\n\`\`\`\n`;
  writeFileSync(join(import.meta.dirname, "RESULTS-plan.md"), page);
}

async function withStore(
  make: (path: string) => Promise<void>,
  use: (store: Store) => Promise<void>,
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "bench-plan-"));
  try {
    const path = join(folder, "queue.db");
    await make(path);
    await using store = await openSqliteStore({ path, mode: "thread" });
    await use(store);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function queueChain(path: string): Promise<void> {
  await using store = await openSqliteStore({ path, mode: "direct" });
  const tasks = openTasks({ store, clock, attemptsMaxDefault: 3 });
  const texts = Array.from({ length: DEEP }, (_, index) => `Part ${index + 1}`);
  const queued = await tasks.submitChain(
    { shared: {}, texts, condition: "succeeded" },
    { by: "bench", source: "cli" },
  );
  if (!queued.ok) throw new Error("the chain was refused");
}

/** Milliseconds of this thread and the database's for a turn, and the longest pause of the loop. */
async function measureTurns(store: Store): Promise<readonly [number, number]> {
  await turn(store);
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const before = process.cpuUsage();
  for (let count = 0; count < turns; count += 1) {
    await turn(store);
    await new Promise((resolve) => setImmediate(resolve));
  }
  const used = process.cpuUsage(before);
  delay.disable();
  return [(used.user + used.system) / 1000 / turns, delay.max / 1e6];
}

async function turn(store: Store): Promise<void> {
  const heads = await store.tasks.heads(NOW, PER_LANE);
  const facts = await store.shared.facts({ day: NOW, night: NOW });
  plan(heads, { ...facts, ...OPEN_LOCAL, now: NOW, rules, forecast: noForecast("UTC") });
}

async function measurePlan(store: Store): Promise<number> {
  const daemon: DaemonStatus = {
    record: {
      owner: "bench",
      host: "bench",
      process: { pid: 1, startTicks: 0, bootId: "" },
      version: "0",
      startedAt: NOW,
      seenAt: NOW,
      stoppedAt: null,
      local: OPEN_LOCAL,
      rules,
    },
    status: "running",
    seenAgoMs: 0,
  };
  const before = process.cpuUsage();
  await readPlan({ store, clock }, [daemon], { until: null });
  const used = process.cpuUsage(before);
  return (used.user + used.system) / 1000;
}

/** How much more a turn costs with a thousand times as many queued; n log n would be 2,500 times. */
function growth(): Row {
  const [first = 1, , last = 1] = turnMs;
  return row(
    "a turn, 100,000 queued to 100",
    last / first,
    "times",
    "<= 2500",
    "n log n: 2500 times",
  );
}

function row(name: string, value: number, unit: string, goal: string, note: string): Row {
  return { name, value, unit, goal, note };
}

function load(): string {
  return loadavg()
    .map((each) => each.toFixed(1))
    .join(" ");
}
