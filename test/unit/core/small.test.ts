import { describe, expect, it } from "vitest";
import { NO_TOKENS } from "../../../src/core/attempt.ts";
import { EVENT_TYPES } from "../../../src/core/event.ts";
import { iso } from "../../../src/core/iso.ts";
import { laneOf } from "../../../src/core/lane.ts";
import { boostMs, ORDER_DEFAULT, orderKeyFor } from "../../../src/core/order.ts";
import type { Priority } from "../../../src/core/task.ts";
import { backoffMs, RETRY_RULES_DEFAULT } from "../../../src/core/retry.ts";
import { isFinal, TASK_STATES } from "../../../src/core/task.ts";
import { workspaceFolder } from "../../../src/core/workspace-key.ts";
import { FAILURE_RULES } from "../../../src/core/failure.ts";

describe("lanes", () => {
  it("are shared by tasks that every policy judges alike, and by no others", () => {
    const key = {
      kind: "serious",
      project: "a",
      executor: null,
      model: null,
      nightOnly: false,
    } as const;
    const others = [
      key,
      { ...key, kind: "thought" },
      { ...key, project: null },
      { ...key, project: "a|" },
      { ...key, executor: "a" },
      { ...key, model: "a" },
      { ...key, model: "a|b" },
      { ...key, nightOnly: true },
    ] as const;
    expect(laneOf(key)).toBe("serious|a||");
    expect(laneOf({ ...key })).toBe(laneOf(key));
    expect(new Set(others.map(laneOf)).size).toBe(others.length);
  });

  it("take the weights that they are given", () => {
    const order = { ...ORDER_DEFAULT, priorityMs: 5, deadlineLeadMs: 100 };
    const place = { priority: "high", queuedAt: 1000, deadlineAt: 1050 } as const;
    expect(orderKeyFor(place, order)).toBe(945);
    expect([boostMs("high", order), boostMs("normal", order), boostMs("low", order)]).toEqual([
      5, 0, -5,
    ]);
  });

  it("are ordered by age, with half a day for a priority", () => {
    const key = (priority: Priority, deadlineAt: number | null = null) =>
      orderKeyFor({ priority, queuedAt: 1e9, deadlineAt });
    expect(key("normal")).toBe(1e9);
    expect(key("high")).toBe(1e9 - 43_200_000);
    expect(key("low")).toBe(1e9 + 43_200_000);
    expect(key("normal", 1e9 + ORDER_DEFAULT.deadlineLeadMs + 1)).toBe(1e9);
    expect(key("normal", 1e9 + 1)).toBe(1e9 + 1 - ORDER_DEFAULT.deadlineLeadMs);
    // One that has passed, as of a task that is tried again, pulls nothing.
    expect([key("normal", 1e9), key("normal", 1)]).toEqual([1e9, 1e9]);
    expect(key("low", 1e9 + 1)).toBe(1e9 + 1 - ORDER_DEFAULT.deadlineLeadMs + 43_200_000);
    expect(boostMs("high")).toBe(43_200_000);
  });
});

describe("backoff", () => {
  const rules = { backoffBaseMs: 1000, backoffMaxMs: 10_000 };

  it("doubles with each attempt, up to the most", () => {
    const longest = [0, 1, 2, 3, 4, 5, 6, 2000].map((used) => backoffMs(rules, used, 1));
    expect(longest).toEqual([1000, 1000, 2000, 4000, 8000, 10_000, 10_000, 10_000]);
  });

  it("is spread over all that it may be, but never at once", () => {
    expect([0, 0.1, 0.5, 0.9].map((chance) => backoffMs(rules, 4, chance))).toEqual([
      1000, 1000, 4000, 7200,
    ]);
    expect(backoffMs({ ...rules, backoffBaseMs: 3 }, 1, 0.1)).toBe(3);
    expect(backoffMs({ ...rules, backoffBaseMs: 0 }, 1, 0.9)).toBe(0);
  });

  it("begins with half a minute and ends with an hour unless set otherwise", () => {
    expect(RETRY_RULES_DEFAULT).toEqual({ backoffBaseMs: 30_000, backoffMaxMs: 3_600_000 });
  });
});

it("no tokens are none of any kind", () => {
  expect(NO_TOKENS).toEqual({ input: 0, output: 0, cacheRead: 0, cacheWrite: 0 });
});

it("events are named after a thing and what happened to it, each once", () => {
  for (const type of EVENT_TYPES) expect(type).toMatch(/^[a-z]+\.[a-z]+(-[a-z]+)*$/u);
  expect(new Set(EVENT_TYPES).size).toBe(EVENT_TYPES.length);
});

it("three states are final", () => {
  expect(TASK_STATES.filter(isFinal)).toEqual(["succeeded", "failed", "cancelled"]);
});

it("every failure has advice: one whole sentence", () => {
  for (const { advice } of Object.values(FAILURE_RULES)) expect(advice).toMatch(/^[A-Z].{20,}\.$/u);
});

it("a workspace has the number of its task, whatever the attempt", () => {
  expect(workspaceFolder(42)).toBe("tasks/42");
  expect(workspaceFolder(1)).toBe("tasks/1");
  for (const id of [0, -1, 1.5, Number.NaN, 2 ** 53]) {
    expect(() => workspaceFolder(id)).toThrow(new RangeError(`${id} is not the id of a task`));
  }
});

it("reasons name times in one short form", () => {
  expect(iso(0)).toBe("1970-01-01T00:00:00Z");
  expect(iso(1_234_567_890_123)).toBe("2009-02-13T23:31:30Z");
  expect(iso(Number.NaN)).toBe("an unknown time");
});
