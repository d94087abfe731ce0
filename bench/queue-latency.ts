import { noForecast } from "../src/core/forecast/forecast.ts";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { openSqliteStore } from "../src/adapters/sqlite/open.ts";
import { plan } from "../src/core/plan.ts";
import type { Store } from "../src/ports/store.ts";
import { OPEN_LOCAL, OPEN_RULES, submission } from "./queue-cycle.ts";
import { FILLED_AT } from "./queue-fill.ts";
import type { Row } from "./table.ts";

/** Heads of each lane that a turn looks at, as the dispatcher does. */
const PER_LANE = 3;

/** How long single calls take on a filled queue, as a daemon makes them: the store in its own thread. */
export async function benchLatency(
  path: string,
  queued: number,
  options: { readonly quick: boolean },
): Promise<readonly Row[]> {
  await using store = await openSqliteStore({ path, mode: "thread" });
  const times = options.quick ? 200 : 2000;
  return [
    ...(await submitRows(store, queued, times)),
    ...(await planRows(store, queued, times / 10)),
    await countsRow(store, queued),
  ];
}

async function submitRows(store: Store, queued: number, times: number): Promise<readonly Row[]> {
  const tookMs: number[] = [];
  for (let number = 0; number < times; number += 1) {
    const startedMs = performance.now();
    await store.tasks.insert(submission(number, FILLED_AT + 1_000_000 + number));
    tookMs.push(performance.now() - startedMs);
  }
  const name = `store.tasks.insert at ${queued} queued`;
  const note = `${times} durable submissions, one after the other`;
  return [
    { name: `${name}, p50`, value: share(tookMs, 0.5), unit: "ms", goal: "", note },
    { name: `${name}, p99`, value: share(tookMs, 0.99), unit: "ms", goal: "< 5", note },
  ];
}

async function planRows(store: Store, queued: number, turns: number): Promise<readonly Row[]> {
  const now = FILLED_AT + 5_000_000;
  const delay = monitorEventLoopDelay({ resolution: 1 });
  const tookMs: number[] = [];
  let planned = 0;
  delay.enable();
  for (let turn = 0; turn < turns; turn += 1) {
    const startedMs = performance.now();
    const heads = await store.tasks.heads(now, PER_LANE);
    const facts = await store.shared.facts({ day: now, night: null });
    planned = plan(heads, {
      ...facts,
      ...OPEN_LOCAL,
      now,
      rules: OPEN_RULES,
      forecast: noForecast("UTC"),
    }).length;
    tookMs.push(performance.now() - startedMs);
    await new Promise((resolve) => setImmediate(resolve));
  }
  delay.disable();
  const note = `${turns} turns of ${planned} heads; a turn takes ${share(tookMs, 0.5).toFixed(1)} ms p50`;
  return [
    {
      name: `heads + plan at ${queued} queued, longest block of the event loop`,
      value: delay.max / 1e6,
      unit: "ms",
      goal: "<= 20",
      note,
    },
  ];
}

async function countsRow(store: Store, queued: number): Promise<Row> {
  const tookMs: number[] = [];
  for (let time = 0; time < 10; time += 1) {
    const startedMs = performance.now();
    await store.tasks.counts();
    tookMs.push(performance.now() - startedMs);
  }
  const name = `store.tasks.counts at ${queued} queued, p50`;
  return { name, value: share(tookMs, 0.5), unit: "ms", goal: "", note: "from an index alone" };
}

function share(values: readonly number[], part: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0;
}
