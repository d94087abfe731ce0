import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { openSqliteStore } from "../src/adapters/sqlite/open.ts";
import { systemClock } from "../src/adapters/system/clock.ts";
import { openTasks } from "../src/engine/tasks.ts";
import type { Store } from "../src/ports/store.ts";
import { conclusion, request } from "../test/contract/store/contract.ts";

// What chains of 1,000 and 10,000 tasks cost, on a real file under a thread as in the daemon.
// Usage: node bench/chains.ts

/** How many tasks of a chain are claimed and concluded one after the other. */
const DONE = 300;

for (const length of [1000, 10_000]) await measure(length);

async function measure(length: number): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "bench-chains-"));
  try {
    const path = join(folder, "tasks.db");
    await using store = await openSqliteStore({ path, mode: "thread" });
    await measureChain(store, length);
    await measureFan(store, length);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function measureChain(store: Store, length: number): Promise<void> {
  const tasks = openTasks({ store, clock: systemClock(), attemptsMaxDefault: 3 });
  const texts = Array.from({ length }, (_, index) => `Part ${index + 1}: ${"do it ".repeat(20)}`);
  const wanted = { shared: {}, texts, condition: "succeeded" };
  await timed(`a chain of ${length} is queued`, () =>
    tasks.submitChain(wanted, { by: "bench", source: "cli" }),
  );
  await timed(`${DONE} of them, each: heads, claim, conclusion`, () => runFrom(store, 1), DONE);
  const dead = DONE + 1;
  const at = Date.now();
  await timed("the next is cancelled: one decision", () =>
    store.tasks.change(dead, { type: "cancel", at, by: "bench", reason: null }),
  );
  await timed("the decision is read", () => store.dependencies.blocked(20));
  await timed("the last one is asked why", () => store.dependencies.stuckBehind(length));
  await timed("a circle is refused around all of it", () =>
    store.dependencies.replace(dead + 1, {
      at,
      by: "bench",
      dependsOn: [{ taskId: length, condition: "succeeded" }],
    }),
  );
  await timed("the rest is cancelled at once", () =>
    store.dependencies.cancelAlong(dead + 1, { at, by: "bench", reason: null }),
  );
  await timed("all of it is purged", () => store.tasks.purge(at + 1));
}

async function measureFan(store: Store, width: number): Promise<void> {
  const tasks = openTasks({ store, clock: systemClock(), attemptsMaxDefault: 3 });
  const first = await tasks.submit({ text: "first" }, { by: "bench", source: "cli" });
  if (!first.ok) throw new Error(first.problem.message);
  const { id } = first.value.task;
  for (let index = 0; index < width; index += 1) {
    await tasks.submit({ text: "then", dependsOn: [id] }, { by: "bench", source: "cli" });
  }
  await store.tasks.admit(request(id));
  await timed(`${width} that wait for one are let go`, () =>
    store.tasks.change(id, conclusion(`lease-${id}`)),
  );
}

async function runFrom(store: Store, from: number): Promise<void> {
  for (let id = from; id < from + DONE; id += 1) {
    const [head] = await store.tasks.heads(Date.now(), 3);
    if (head?.id !== id) throw new Error(`${head?.id} was to start instead of ${id}`);
    await store.tasks.admit(request(id));
    await store.tasks.change(id, conclusion(`lease-${id}`));
  }
}

/** Prints how long it took, and for how long the event loop of this thread stood still at most. */
async function timed(what: string, work: () => Promise<unknown>, count = 1): Promise<void> {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  await new Promise((resolve) => setTimeout(resolve, 5));
  const from = performance.now();
  await work();
  const ms = (performance.now() - from) / count;
  await new Promise((resolve) => setTimeout(resolve, 5));
  delay.disable();
  const stood = (delay.max / 1e6).toFixed(1);
  console.log(`${ms.toFixed(2).padStart(10)} ms  ${what}; the loop stood still for ${stood} ms`);
}
