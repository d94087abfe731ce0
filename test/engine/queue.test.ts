import { expect, test } from "vitest";
import { openMemoryStore } from "../../src/adapters/memory/open.ts";
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
