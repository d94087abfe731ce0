import { expect, it } from "vitest";
import type { QuotaWindow } from "../../src/core/quota.ts";
import { QUOTA_FRESH_MS } from "../../src/engine/usage-watcher.ts";
import { createFakeExecutor, hangs } from "../../src/testing/fake-executor.ts";
import { type Night, setup } from "./setup.ts";

const MINUTE_MS = 60_000;

type Answer = "tells" | "is silent" | "breaks";

/** A night whose only executor can be asked; nothing of what is queued starts. */
async function askedNight(first: Answer): Promise<{
  readonly night: Night;
  readonly asked: () => number;
  readonly set: (answer: Answer) => void;
}> {
  let answer = first;
  let asked = 0;
  const executor = {
    ...createFakeExecutor({ provider: "claude", work: hangs() }),
    askQuota: async (): Promise<readonly QuotaWindow[] | null> => {
      asked += 1;
      if (answer === "breaks") throw new Error("no answer");
      return answer === "tells" ? [fiveHours(night.clock.now())] : null;
    },
  };
  const night = setup({ executors: [executor] });
  await night.tasks.setAdmission("paused", "ada");
  await night.engine.start();
  const set = (next: Answer): void => {
    answer = next;
  };
  return { night, asked: () => asked, set };
}

function fiveHours(observedAt: number): QuotaWindow {
  return {
    provider: "claude",
    window: "five_hour",
    used: 0.4,
    resetsAt: observedAt + 3_600_000,
    status: "open",
    source: "observed",
    observedAt,
  };
}

it("knows the quota before the first run, and asks once an hour while nothing is queued", async () => {
  const { night, asked } = await askedNight("tells");
  await night.until(() => asked() === 1);
  await night.until(async () => (await night.queries.usage(0)).windows.length === 1);
  for (let minute = 0; minute < 55; minute += 1) await night.clock.advance(MINUTE_MS);
  expect(asked()).toBe(1);
  await night.until(() => asked() === 2, MINUTE_MS);
  await night.engine.stop(0);
});

it("asks again while tasks are queued, once what it knows has aged", async () => {
  const { night, asked } = await askedNight("tells");
  await night.think("wait");
  await night.until(() => asked() === 1);
  const first = night.clock.now();
  await night.until(() => asked() === 2, MINUTE_MS);
  expect(night.clock.now() - first).toBeGreaterThanOrEqual(QUOTA_FRESH_MS);
  await night.engine.stop(0);
});

it.each(["is silent", "breaks"] as const)(
  "asks a provider that %s less and less often",
  async (answer) => {
    const { night, asked, set } = await askedNight(answer);
    await night.think("wait");
    const pauses: number[] = [];
    for (let count = 1; count <= 4; count += 1) {
      const before = night.clock.now();
      await night.until(() => asked() === count, MINUTE_MS);
      pauses.push(night.clock.now() - before);
    }
    expect(pauses.slice(1).map((pauseMs) => Math.round(pauseMs / QUOTA_FRESH_MS))).toEqual([
      1, 2, 4,
    ]);
    set("tells");
    await night.until(async () => (await night.queries.usage(0)).windows.length === 1, MINUTE_MS);
    await night.engine.stop(0);
  },
);

it("asks right after the reset of a window that was used up, and tasks go on once that is confirmed", async () => {
  const { night, asked } = await askedNight("tells");
  await night.until(() => asked() === 1);
  const resetsAt = night.clock.now() + 63_000;
  const used = { ...fiveHours(night.clock.now()), used: 1, resetsAt, status: "closed" } as const;
  await night.store.usage.observe([used]);
  const id = await night.think("wait");
  await night.tasks.setAdmission("open", "ada");
  await night.until(() => night.clock.now() >= resetsAt - 1000, 1000);
  expect((await night.store.tasks.get(id))?.state).toBe("queued");
  await night.until(async () => (await night.store.tasks.get(id))?.state !== "queued", 250);
  expect(asked()).toBe(2);
  expect(night.clock.now() - resetsAt).toBeLessThan(5000);
  await night.engine.stop(0);
});

it("lets one task try where nobody tells whether a window is open again", async () => {
  const { night, asked } = await askedNight("is silent");
  await night.until(() => asked() === 1);
  const resetsAt = night.clock.now() + 63_000;
  const used = { ...fiveHours(night.clock.now()), used: 1, resetsAt, status: "closed" } as const;
  await night.store.usage.observe([used]);
  const ids = [await night.think("wait"), await night.think("wait"), await night.think("wait")];
  await night.tasks.setAdmission("open", "ada");
  const running = async (): Promise<number> => {
    const states = await Promise.all(
      ids.map(async (id) => (await night.store.tasks.get(id))?.state),
    );
    return states.filter((state) => state === "running").length;
  };
  await night.until(async () => (await running()) > 0, 250);
  expect(night.clock.now() - resetsAt).toBeLessThan(5000);
  for (let step = 0; step < 40; step += 1) await night.clock.advance(250);
  expect(await running()).toBe(1);
  const said = await night.queries.why(ids[2] as number);
  expect(said?.sentence).toContain("one task tries");
  // The one that tries is told.
  await night.store.usage.observe([{ ...fiveHours(night.clock.now()), used: 0.01 }]);
  await night.until(async () => (await running()) === 2, 250);
  await night.engine.stop(0);
});

it("asks although what is known is of a clock that was ahead", async () => {
  const { night, asked } = await askedNight("is silent");
  await night.store.usage.observe([fiveHours(night.clock.now() + 90 * 24 * 60 * MINUTE_MS)]);
  await night.until(() => asked() === 1);
  await night.until(() => asked() === 2, MINUTE_MS);
  await night.engine.stop(0);
});
