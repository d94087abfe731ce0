import { expect, test } from "vitest";
import { type BudgetRules, NO_BUDGETS } from "../../src/core/budget.ts";
import type { RunEvent } from "../../src/ports/executor.ts";
import type { FakeWork } from "../../src/testing/fake-executor.ts";
import { fails } from "../../src/testing/fake-executor.ts";
import { DAY_MS, type Night, RULES, setup } from "./setup.ts";

const NO_TOKENS = { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 };

function used(usd: number, tokens: Partial<typeof NO_TOKENS> = {}): RunEvent {
  const count = { ...NO_TOKENS, ...tokens };
  return { type: "usage", provider: "claude", model: "opus", tokens: count, usd };
}

/** Uses what it is given, then works on for ever: it ends only when it is stopped. */
function spends(...events: readonly RunEvent[]): FakeWork {
  return async ({ emit }) => {
    for (const event of events) emit(event);
    return new Promise(() => {});
  };
}

async function night(budgets: Partial<BudgetRules>, work: FakeWork): Promise<Night> {
  const bench = setup({ rules: { ...RULES, budgets: { ...NO_BUDGETS, ...budgets } } });
  bench.executor.set(work);
  await bench.engine.start();
  return bench;
}

test("a run that spends its task's budget is stopped, kept, and waits for a person", async () => {
  const bench = await night({}, spends(used(0.5), used(1), used(0.6)));
  const id = await bench.think("count", { budget: "2usd" });
  const task = await bench.reaches(id, "waiting");
  expect(task.failure?.failure).toBe("budget");
  expect(task.question?.text).toBe(
    "The attempt was ended: 2.10 of 2.00 US dollars of its budget are spent. Go on in the same session with `sle retry`; `--budget` raises what the task may cost.",
  );
  expect(task.spent).toEqual({ usd: 2.1, tokens: 0 });
  expect(bench.workspaces.kept).toHaveLength(1);
  expect(bench.executor.started[0]).toMatchObject({ budgetUsd: 2 });
  const refused = await bench.tasks.retry(id, "ada");
  expect(refused.ok).toBe(false);
  expect(await bench.tasks.retry(id, "ada", undefined, "-1usd")).toMatchObject({ ok: false });
  bench.executor.set(async () => ({ type: "done", text: "done" }));
  expect((await bench.tasks.retry(id, "ada", undefined, "4usd")).ok).toBe(true);
  await bench.reaches(id, "succeeded");
  expect(bench.executor.started[1]).toMatchObject({ resume: true, budgetUsd: 1.9 });
  await bench.engine.stop(0);
});

test("tokens are counted over all attempts, those from the cache as a tenth", async () => {
  const events = [used(0, { input: 50, cacheRead: 400 }), used(0, { output: 10 })];
  const bench = await night({}, async ({ emit }) => {
    for (const event of events) emit(event);
    return { type: "failed", failure: "crash", message: "x", retryAt: null };
  });
  const id = await bench.think("count", { budget: "150 tokens" });
  const task = await bench.reaches(id, "waiting", 60_000);
  expect(task).toMatchObject({ attempt: 2, spent: { usd: 0, tokens: 200 } });
  expect(task.question?.text).toContain("200 of 150 tokens of its budget are spent");
  await bench.engine.stop(0);
});

test("the budget of an attempt ends that attempt; a person lets the next one go on", async () => {
  const bench = await night(
    { attempt: { usd: null, tokens: 100 } },
    spends(used(0, { output: 100 })),
  );
  const id = await bench.think("count");
  const { question } = await bench.reaches(id, "waiting");
  expect(question?.text).toContain("100 of 100 tokens of the budget of an attempt are spent.");
  await bench.tasks.retry(id, "ada");
  await bench.until(async () => (await bench.get(id)).attempt === 2);
  await bench.reaches(id, "waiting");
  await bench.engine.stop(0);
});

test("a day's budget parks what runs until the next day, and holds what would start", async () => {
  const bench = await night({ day: { usd: 1, tokens: null } }, spends(used(1)));
  const id = await bench.think("count");
  await bench.until(async () => (await bench.get(id)).notBefore !== null);
  const parked = await bench.get(id);
  const midnight = Math.floor(bench.clock.now() / DAY_MS) * DAY_MS + DAY_MS;
  expect(parked).toMatchObject({ state: "queued", attemptsUsed: 0, notBefore: midnight });
  expect(parked.failure?.message).toContain("1.00 of 1.00 US dollars of today's budget");
  bench.executor.set(async () => ({ type: "done", text: "done" }));
  const other = await bench.think("another");
  await bench.clock.advance(60_000);
  const why = await bench.queries.why(other);
  expect(why?.holds.map(({ policy }) => policy)).toEqual(["budget"]);
  expect(why?.nextCheckAt).toBe(midnight);
  await bench.reaches(id, "succeeded", 600_000);
  await bench.reaches(other, "succeeded");
  expect(bench.clock.now()).toBeGreaterThanOrEqual(midnight);
  await bench.engine.stop(0);
});

test("an agent that ends by itself at its budget is told in our words", async () => {
  const bench = await night({}, fails("budget", "error_max_budget_usd"));
  const id = await bench.think("count", { budget: "$3" });
  const { question } = await bench.reaches(id, "waiting");
  expect(question?.text).toContain("0.00 of 3.00 US dollars of its budget are spent.");
  await bench.engine.stop(0);
});

test("work that is done counts, even if its last use is over the budget", async () => {
  const bench = await night({}, async ({ emit }) => {
    emit(used(5));
    return { type: "done", text: "done" };
  });
  const id = await bench.think("count", { budget: "2usd" });
  await bench.reaches(id, "succeeded");
  await bench.engine.stop(0);
});
