import { expect, it } from "vitest";
import type { QuotaWindow } from "../../src/core/quota.ts";
import { quotaOf } from "../../src/testing/admission-rules.ts";
import { createFakeExecutor, hangs } from "../../src/testing/fake-executor.ts";
import { RULES, setup } from "./setup.ts";

const HOUR_MS = 3_600_000;

it("a run gives way when what the person needs no longer fits, and goes on with its session later", async () => {
  const executor = createFakeExecutor({ provider: "claude", work: hangs() });
  const rules = { ...RULES, quota: quotaOf(1, 1, { care: 3 }) };
  const night = setup({ executors: [executor], rules });
  const { clock, store } = night;
  const from = clock.now();
  const seen = (used: number, resetsAt: number): readonly QuotaWindow[] => [
    {
      provider: "claude",
      window: "seven_day",
      used,
      resetsAt,
      status: "open",
      source: "observed",
      observedAt: clock.now(),
    },
  ];
  await store.usage.observe(seen(0.1, from + 100 * HOUR_MS));
  await night.engine.start();
  const id = await night.think("Draw a map");
  await night.until(() => executor.running() === 1);
  // The person works as they never did.
  await clock.advance(1000);
  await store.usage.observe(seen(0.95, from + 100 * HOUR_MS));
  await night.until(async () => (await store.tasks.get(id))?.state === "queued", 250);
  const parked = await store.tasks.get(id);
  expect(parked).toMatchObject({ attemptsUsed: 0, attempt: 1, failure: null });
  expect(parked?.sessionId).not.toBeNull();
  const told = await store.events.after(0, 100, { taskId: id, types: ["task.interrupted"] });
  expect(told.map(({ data }) => data)).toEqual([{ attempt: 1, reason: "gave-way" }]);
  expect((await night.queries.why(id))?.sentence).toMatch(/used to 95 %, you may need .* until/u);
  // What was left to the person is not needed any more.
  await store.usage.observe(seen(0.02, from + 200 * HOUR_MS));
  await night.until(async () => (await store.tasks.get(id))?.state === "running", 250);
  expect(executor.started.at(-1)).toMatchObject({ resume: true, sessionId: parked?.sessionId });
  await night.engine.stop(0);
});
