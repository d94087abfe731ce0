import { setTimeout as sleep } from "node:timers/promises";
import type { Clock } from "../../src/ports/clock.ts";
import { createFakeExecutor, fails, hangs, works } from "../../src/testing/fake-executor.ts";
import { executorContract } from "../adapters/executor-contract.ts";

const USED = { input: 3, output: 2, cacheRead: 1, cacheWrite: 0 };

executorContract("the fake executor", async () => {
  const modes = {
    works: works("It works.", [
      { type: "usage", provider: "fake", model: "fake-1", tokens: USED, usd: 0.5 },
    ]),
    fails: fails("crash"),
    hangs: hangs(),
  };
  const executor = createFakeExecutor({
    clock: realClock,
    work: async (agent) => {
      const { prompt } = agent.spec;
      if (prompt === "listens") return { type: "done", text: await agent.nextSaid() };
      return await modes[prompt as keyof typeof modes](agent);
    },
  });
  return {
    executor,
    prompts: { works: "works", fails: "fails", hangs: "hangs", listens: "listens" },
    uses: { tokens: USED, usd: 0.5 },
    isReal: false,
    [Symbol.asyncDispose]: async () => {},
  };
});

const realClock: Clock = {
  now: () => Date.now(),
  monotonicMs: () => performance.now(),
  sleep: async (ms, signal) => await sleep(ms, undefined, { signal }).catch(() => {}),
};
