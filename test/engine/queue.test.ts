import { expect, test } from "vitest";
import { openMemoryStore } from "../../src/adapters/memory/open.ts";
import { ORDER_DEFAULT } from "../../src/core/order.ts";
import { openTasks } from "../../src/engine/tasks.ts";
import { manualClock } from "../../src/testing/manual-clock.ts";

const FROM = { by: "ada", source: "cli" } as const;

test("a full queue refuses in one sentence that says what to do", async () => {
  await using store = openMemoryStore();
  const queueLimits = { max: 3, maxPerSource: 2, sources: {} };
  const tasks = openTasks({ store, clock: manualClock(), attemptsMaxDefault: 3, queueLimits });
  const said = async (source: "cli" | "http"): Promise<string | null> => {
    const submitted = await tasks.submit({ text: "x" }, { ...FROM, source });
    return submitted.ok ? null : `${submitted.problem.code}: ${submitted.problem.message}`;
  };
  expect([await said("cli"), await said("cli")]).toEqual([null, null]);
  expect(await said("cli")).toBe(
    "refused: All 2 places for tasks from cli in the queue are taken; wait until some have started, cancel some, or raise `queue.max_per_source` or `queue.sources` and restart the daemon.",
  );
  expect(await said("http")).toBeNull();
  expect(await said("http")).toBe(
    "refused: All 3 places in the queue are taken; wait until some have started, cancel some, or raise `queue.max` and restart the daemon.",
  );
});

test("a chain needs room for all of it, has the budget and the order of the settings, and its own files", async () => {
  await using store = openMemoryStore();
  const clock = manualClock();
  const budgetDefault = { usd: 3, tokens: null };
  const order = { ...ORDER_DEFAULT, priorityMs: 7 };
  const queueLimits = { max: 3, maxPerSource: 3, sources: {} };
  const settings = { attemptsMaxDefault: 3, budgetDefault, queueLimits, order };
  const tasks = openTasks({ store, clock, ...settings });
  await tasks.addProject({ name: "web", location: "/web", parallelMax: 2 });
  const shared = { project: "web", priority: "high" };
  const texts = ["Change src/a.ts", "Change src/b.ts"];
  const chain = { shared, texts, condition: "succeeded" };
  expect(await tasks.submitChain(chain, FROM)).toMatchObject({ ok: true });
  const queued = [await store.tasks.get(1), await store.tasks.get(2)];
  const orderKey = clock.now() - 7;
  expect(queued).toMatchObject([
    { touches: ["src/a.ts"], budget: budgetDefault, orderKey },
    { touches: ["src/b.ts"], budget: budgetDefault, orderKey },
  ]);
  const said = await tasks.submitChain(chain, FROM);
  expect(said.ok ? null : said.problem.message).toBe(
    "Only 1 of 3 places for tasks from cli in the queue are left; wait until some have started, cancel some, or raise `queue.max_per_source` or `queue.sources` and restart the daemon.",
  );
});
