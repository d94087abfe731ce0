import { expect, it } from "vitest";
import { fullQueue, fullWords, makesRoom, shedding } from "../../../src/core/queue.ts";

const LIMITS = { max: 10, maxPerSource: 4, sources: { webhook: 2 } };

it("a queue is full at the bound of a way in, or at that of all", () => {
  expect(fullQueue(LIMITS, "cli", { all: 9, ofSource: 3 })).toBeNull();
  expect(fullQueue(LIMITS, "cli", { all: 9, ofSource: 4 })).toEqual({
    source: "cli",
    queued: 4,
    max: 4,
  });
  expect(fullQueue(LIMITS, "webhook", { all: 2, ofSource: 2 })).toEqual({
    source: "webhook",
    queued: 2,
    max: 2,
  });
  expect(fullQueue(LIMITS, "cli", { all: 8, ofSource: 2 }, 2)).toBeNull();
  const part = { source: "cli", queued: 2, max: 4 } as const;
  expect(fullQueue(LIMITS, "cli", { all: 8, ofSource: 2 }, 3)).toEqual(part);
  expect(fullWords(part)).toBe("Only 2 of 4 places for tasks from cli in the queue are left");
  const all = { source: null, queued: 10, max: 10 };
  expect(fullQueue(LIMITS, "cli", { all: 10, ofSource: 0 })).toEqual(all);
  expect(fullWords(all)).toBe("All 10 places in the queue are taken");
  expect(shedding({ source: "cli", queued: 4, max: 4 })).toEqual({
    by: "queue",
    reason:
      "All 4 places for tasks from cli in the queue are taken; it gave its place to another task.",
  });
  expect(["serious", "thought", "generated"].map((kind) => makesRoom(kind as never))).toEqual([
    true,
    true,
    false,
  ]);
});
