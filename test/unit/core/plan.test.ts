import { hoursOf, nightOf } from "../../../src/testing/admission-rules.ts";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { NO_BUDGETS } from "../../../src/core/budget.ts";
import { POLICY_NAMES, type Hold, type RunningTask } from "../../../src/core/hold.ts";
import {
  ORDER_DEFAULT,
  orderBoundMs,
  orderKeyFor,
  type OrderRules,
} from "../../../src/core/order.ts";
import { contendersIn, judge, nextCheckAt, plan, type Decision } from "../../../src/core/plan.ts";
import { afterTurn, type Turns, turnsOf } from "../../../src/core/turns.ts";
import { PRIORITIES, TASK_KINDS, type Task } from "../../../src/core/task.ts";
import { HOUR, NOW, rulesOf, snapshotOf, taskOf, windowOf, onSuccessOf } from "./samples.ts";

/** A task queued `hours` before NOW. */
function queued(id: number, hours: number, patch: Partial<Task> = {}): Task {
  const { priority = "normal", deadlineAt = null } = patch;
  return taskOf({
    id,
    orderKey: orderKeyFor({ priority, deadlineAt, queuedAt: NOW - hours * HOUR }),
    ...patch,
  });
}

function runningOf(project: string | null, count: number): readonly RunningTask[] {
  return Array.from({ length: count }, (_, index) => ({
    id: 1000 + index,
    project,
    kind: project === null ? ("thought" as const) : ("serious" as const),
    executor: "claude-code",
    model: null,
    admittedAt: NOW,
  }));
}

const wide = snapshotOf({ rules: rulesOf({ parallelMax: 1000 }) });

function order(heads: readonly Task[], snapshot = wide): readonly number[] {
  return plan(heads, snapshot).map(({ task }) => task.id);
}

describe("judge", () => {
  it("finds nothing against a task that may start", () => {
    expect(judge(taskOf(), snapshotOf())).toEqual([]);
  });

  it("names every hold, in the order of the policies", () => {
    const task = taskOf({
      project: "backend",
      touches: ["src"],
      notBefore: NOW + 1,
      dependsOn: onSuccessOf(1),
      unmetDependencies: 1,
    });
    const held = snapshotOf({
      admission: { mode: "paused", until: null, by: "ada" },
      running: [
        ...runningOf("backend", 3),
        { ...(runningOf("backend", 1)[0] as RunningTask), id: 9, touches: ["src"] },
      ],
      projectParallelMax: { backend: 1 },
      quotaWindows: [windowOf({ status: "closed" })],
      usdToday: 5,
      memoryFreeBytes: 0,
      rules: rulesOf({
        budgets: { ...NO_BUDGETS, day: { usd: 5, tokens: null } },
        memoryFreeMinBytes: 1,
        hours: hoursOf({ nights: [nightOf(1380, 60)], kindsByDay: [] }),
      }),
    });
    const names = judge(task, held).map(({ policy }) => policy);
    expect(names).toEqual(POLICY_NAMES.filter((name) => name !== "executor-ready"));
    const unready = judge(task, { ...held, executors: {} }).map(({ policy }) => policy);
    expect(unready).toEqual(POLICY_NAMES.filter((name) => name !== "quota"));
  });
});

describe("the order", () => {
  it("counts a task as queued no later than three days before its deadline", () => {
    const urgent = queued(3, 0, { deadlineAt: NOW + 10 * HOUR });
    const later = queued(4, 0, { deadlineAt: NOW + 100 * HOUR });
    expect(order([queued(1, 63), queued(2, 61), urgent, later])).toEqual([1, 3, 2, 4]);
  });

  it("is first come, first served among equals, and by number in one moment", () => {
    expect(order([queued(3, 1), queued(1, 3), queued(2, 2)])).toEqual([1, 2, 3]);
    expect(order([queued(3, 1), queued(1, 1), queued(2, 1)])).toEqual([1, 2, 3]);
  });

  it("puts serious before thought before generated, whatever their priority and turn", () => {
    const heads = TASK_KINDS.flatMap((kind, index) =>
      PRIORITIES.map((priority, place) =>
        queued(index * 10 + place, 1, { kind, priority, project: kind === "serious" ? "a" : null }),
      ),
    );
    const busy = { ...wide, running: runningOf("a", 9) };
    const kinds = order(heads.toReversed(), busy).map((id) => Math.floor(id / 10));
    expect(kinds).toEqual([0, 0, 0, 1, 1, 1, 2, 2, 2]);
  });

  it("puts high before normal before low priority", () => {
    const heads = PRIORITIES.map((priority, index) => queued(index, 1, { priority }));
    expect(order(heads)).toEqual([2, 1, 0]);
  });

  it("lets age win over kind and priority in the end", () => {
    const serious = (id: number) => queued(id, 0, { kind: "serious", project: "a" });
    expect(order([serious(1), queued(2, 47.9)])).toEqual([1, 2]);
    expect(order([serious(1), queued(2, 48.1)])).toEqual([2, 1]);
    expect(order([serious(1), queued(2, 95.9, { kind: "generated" })])).toEqual([1, 2]);
    expect(order([serious(1), queued(2, 96.1, { kind: "generated" })])).toEqual([2, 1]);
    expect(order([queued(1, 0, { priority: "high" }), queued(2, 12.1)])).toEqual([2, 1]);
  });

  it("lets projects take turns", () => {
    const of = (id: number, project: string, hours: number) =>
      queued(id, hours, { kind: "serious", project });
    // Three hours for each earlier one of the same project: 10, 13, 16 against 11, 14.
    const heads = [of(1, "a", 10), of(2, "a", 10), of(3, "a", 10), of(4, "b", 9), of(5, "b", 9)];
    expect(order(heads)).toEqual([1, 4, 2, 5, 3]);
    expect(order(heads, { ...wide, running: runningOf("a", 1) })).toEqual([4, 1, 5, 2, 3]);
  });

  it("counts four turns at most, so that a busy project is put back by half a day only", () => {
    const heads = [
      queued(1, 13, { kind: "serious", project: "a" }),
      queued(2, 0.5, { kind: "serious", project: "b" }),
    ];
    expect(order(heads, { ...wide, running: runningOf("a", 4) })).toEqual([1, 2]);
    expect(order(heads, { ...wide, running: runningOf("a", 900) })).toEqual([1, 2]);
    const younger = [queued(1, 12, { kind: "serious", project: "a" }), heads[1] ?? taskOf()];
    expect(order(younger, { ...wide, running: runningOf("a", 4) })).toEqual([2, 1]);
  });

  it("counts tasks without a project by their kind, and never as a project of that name", () => {
    const heads = [queued(1, 2), queued(2, 50, { kind: "generated" })];
    expect(order(heads, { ...wide, running: runningOf(null, 1) })).toEqual([2, 1]);
    expect(order(heads, { ...wide, running: runningOf("thought", 1) })).toEqual([1, 2]);
  });
});

describe("plan", () => {
  it("starts what is best, and holds the rest of what does not fit", () => {
    const [first, second, third] = [queued(1, 3), queued(2, 2), queued(3, 1)];
    const hold: Hold = {
      policy: "capacity",
      reason: "3 of 3 attempts run; the next starts when one ends.",
      nextCheckAt: null,
    };
    const snapshot = snapshotOf({ running: runningOf("a", 1) });
    expect(plan([third, first, second], snapshot)).toEqual([
      { task: first, holds: [] },
      { task: second, holds: [] },
      { task: third, holds: [hold] },
    ] satisfies Decision[]);
    expect(snapshot.running).toHaveLength(1);
  });

  it("counts what it starts against the project's own limit", () => {
    const heads = [1, 2, 3].map((id) => queued(id, 10 - id, { kind: "serious", project: "a" }));
    const decisions = plan(heads, { ...wide, projectParallelMax: { a: 2 } });
    expect(decisions.map(({ holds }) => holds.map(({ reason }) => reason))).toEqual([
      [],
      [],
      ["2 of 2 attempts of project a run; the next starts when one ends."],
    ]);
  });

  it("counts the memory that what it starts will need", () => {
    const heads = [1, 2, 3].map((id) => queued(id, 10 - id));
    const snapshot = snapshotOf({
      rules: rulesOf({ parallelMax: 9, memoryFreeMinBytes: 1 }),
      memoryFreeBytes: 250,
      memoryNeedBytes: { "claude-code": 100 },
    });
    expect(plan(heads, snapshot).map(({ holds }) => holds.map(({ policy }) => policy))).toEqual([
      [],
      [],
      ["resources"],
    ]);
  });

  it("does not count what it holds", () => {
    const heads = [queued(1, 3, { notBefore: NOW + 1 }), queued(2, 2)];
    const snapshot = snapshotOf({ rules: rulesOf({ parallelMax: 1 }) });
    expect(plan(heads, snapshot).map(({ holds }) => holds.length)).toEqual([1, 0]);
  });

  it("has nothing to say of no heads", () => {
    expect(plan([], snapshotOf())).toEqual([]);
  });
});

const anyHead: fc.Arbitrary<Task> = fc
  .record({
    id: fc.integer({ min: 1, max: 1e6 }),
    kind: fc.constantFrom(...TASK_KINDS),
    priority: fc.constantFrom(...PRIORITIES),
    project: fc.constantFrom(null, "a", "b", "c"),
    hours: fc.integer({ min: 0, max: 1000 }),
    notBefore: fc.constantFrom(null, NOW - 1, NOW + 1),
    unmetDependencies: fc.constantFrom(0, 0, 1),
  })
  .map(({ id, hours, ...patch }) => queued(id, hours, patch));
const anyHeads = fc.uniqueArray(anyHead, { selector: ({ id }) => id, maxLength: 40 });

it("never starts more than the limits allow, and speaks of every head once", () => {
  fc.assert(
    fc.property(anyHeads, fc.nat(5), fc.nat(4), fc.nat(6), (heads, parallelMax, runs, aMax) => {
      const running = runningOf("a", runs);
      const limits = { a: aMax };
      const rules = rulesOf({ parallelMax });
      const decisions = plan(heads, snapshotOf({ running, rules, projectParallelMax: limits }));
      const started = decisions.filter(({ holds }) => holds.length === 0);
      expect(started.length).toBeLessThanOrEqual(Math.max(0, parallelMax - runs));
      const ofA = started.filter(({ task }) => task.project === "a").length;
      expect(ofA).toBeLessThanOrEqual(Math.max(0, aMax - runs));
      expect(new Set(decisions.map(({ task }) => task))).toEqual(new Set(heads));
    }),
  );
});

it("starts something whenever something may start", () => {
  fc.assert(
    fc.property(anyHeads, (heads) => {
      const snapshot = snapshotOf();
      const may = heads.some((task) => judge(task, snapshot).length === 0);
      expect(plan(heads, snapshot).some(({ holds }) => holds.length === 0)).toBe(may);
    }),
  );
});

it("puts nothing without a deadline before a task that was queued more than 132 hours after it", () => {
  const oldest = queued(0, 2000, { kind: "generated", priority: "low" });
  fc.assert(
    fc.property(anyHeads, fc.nat(1000), fc.nat(9), (heads, offset, runs) => {
      const old = { ...oldest, orderKey: oldest.orderKey + offset * HOUR };
      const latest = NOW - 2000 * HOUR + offset * HOUR + 132 * HOUR;
      const ids = order([...heads, old], { ...wide, running: runningOf(null, runs) });
      const before = new Set(ids.slice(0, ids.indexOf(0)));
      for (const head of heads) {
        const queuedAt = head.orderKey - orderKeyFor({ ...head, deadlineAt: null, queuedAt: 0 });
        if (queuedAt > latest) expect(before).not.toContain(head.id);
      }
    }),
  );
});

it("puts nothing at all before a task that was queued more than 204 hours after it", () => {
  const humblest = { kind: "generated", priority: "low" } as const;
  const other = fc.record({
    hoursLater: fc.integer({ min: 0, max: 300 }),
    // Before and after the moment of queueing.
    deadlineHours: fc.option(fc.integer({ min: -500, max: 500 })),
    kind: fc.constantFrom(...TASK_KINDS),
    priority: fc.constantFrom(...PRIORITIES),
  });
  fc.assert(
    fc.property(fc.array(other, { maxLength: 12 }), fc.nat(9), (others, runs) => {
      const heads = others.map(({ hoursLater, deadlineHours, kind, priority }, index) => {
        const hours = 1000 - hoursLater;
        const deadlineAt = deadlineHours === null ? null : NOW - (hours - deadlineHours) * HOUR;
        return queued(index + 1, hours, { kind, priority, deadlineAt });
      });
      const ids = order([...heads, queued(0, 1000, humblest)], {
        ...wide,
        running: runningOf(null, runs),
      });
      const before = ids.slice(0, ids.indexOf(0)).map((id) => others[id - 1]?.hoursLater ?? 0);
      expect(Math.max(0, ...before)).toBeLessThanOrEqual(204);
    }),
  );
});

const anyOrder: fc.Arbitrary<OrderRules> = fc
  .record({
    hours: fc.tuple(fc.nat(720), fc.nat(720), fc.nat(168), fc.nat(720), fc.nat(24)),
    weights: fc.dictionary(
      fc.constantFrom("a", "b"),
      fc.double({ min: 0.25, max: 100, noNaN: true }),
    ),
  })
  .map(({ hours: [thought, generated, priority, lead, turn], weights }) => ({
    kindDelayMs: { serious: 0, thought: thought * HOUR, generated: generated * HOUR },
    priorityMs: priority * HOUR,
    deadlineLeadMs: lead * HOUR,
    turnMs: turn * HOUR,
    weights: { ...weights },
  }));

const anyTurns: fc.Arbitrary<Turns> = fc
  .record({
    floor: fc.nat(50),
    taken: fc.array(
      fc.tuple(fc.constantFrom("project a", "project b", "generated"), fc.nat(1000)),
      { maxLength: 3 },
    ),
  })
  .map(({ floor, taken }) => ({ floor, taken: new Map(taken) }));

it("puts nothing before a task that was queued later than the bound, whatever the weights and turns", () => {
  const other = fc.record({
    hoursLater: fc.integer({ min: -300, max: 3000 }),
    deadlineHours: fc.option(fc.integer({ min: -500, max: 1500 })),
    kind: fc.constantFrom(...TASK_KINDS),
    priority: fc.constantFrom(...PRIORITIES),
    project: fc.constantFrom(null, "a", "b"),
  });
  fc.assert(
    fc.property(
      fc.array(other, { maxLength: 12 }),
      anyOrder,
      anyTurns,
      (others, weights, turns) => {
        const of = (
          id: number,
          later: number,
          each: Omit<(typeof others)[number], "hoursLater">,
        ) => {
          const { deadlineHours, priority, kind, project } = each;
          const queuedAt = NOW + later * HOUR;
          const deadlineAt = deadlineHours === null ? null : queuedAt + deadlineHours * HOUR;
          const orderKey = orderKeyFor({ priority, queuedAt, deadlineAt }, weights);
          return taskOf({ id, priority, kind, project, deadlineAt, orderKey });
        };
        const heads = others.map(({ hoursLater, ...each }, index) =>
          of(index + 1, hoursLater, each),
        );
        const humblest = { priority: "low", project: null, deadlineHours: null } as const;
        const humble = TASK_KINDS.map((kind, index) => of(-index, 0, { ...humblest, kind }));
        const snapshot = snapshotOf({ rules: rulesOf({ parallelMax: 1000, order: weights }) });
        const ids = plan([...heads, ...humble], snapshot, turns).map(({ task }) => task.id);
        const last = Math.max(...humble.map(({ id }) => ids.indexOf(id)));
        const before = ids.slice(0, last).map((id) => others[id - 1]?.hoursLater ?? 0);
        expect(Math.max(0, ...before) * HOUR).toBeLessThanOrEqual(orderBoundMs(weights));
      },
    ),
  );
  expect(orderBoundMs(ORDER_DEFAULT)).toBe(204 * HOUR);
});

it("starts the humblest task under any stream of better ones", () => {
  const someone = fc.record({
    kind: fc.constantFrom(...TASK_KINDS),
    priority: fc.constantFrom(...PRIORITIES),
    project: fc.constantFrom(null, "a", "b"),
  });
  fc.assert(
    fc.property(fc.array(someone, { minLength: 2, maxLength: 6 }), (stream) => {
      const humble = queued(0, 0, { kind: "generated", priority: "low" });
      let waiting: readonly Task[] = [humble];
      let turns: Turns | undefined;
      // Each hour two tasks come and one is done: the queue only grows.
      for (let hour = 0; hour < 300; hour += 1) {
        const come = [0, 1].map((which) =>
          queued(1 + hour * 2 + which, -hour, stream[(hour * 2 + which) % stream.length]),
        );
        const now = NOW + hour * HOUR;
        const rules = rulesOf({ parallelMax: 1 });
        const decisions = plan([...waiting, ...come], snapshotOf({ now, rules }), turns);
        const [best] = decisions;
        const fairness = { order: rules.order, contenders: contendersIn(decisions) };
        turns = afterTurn(turns ?? turnsOf([], rules.order), best?.task ?? humble, fairness);
        if (best?.task.id === 0) return;
        waiting = [...waiting, ...come].filter(({ id }) => id !== best?.task.id);
      }
      expect.unreachable("it starved");
    }),
    { numRuns: 8 },
  );
});

describe("nextCheckAt", () => {
  const at = (...moments: readonly (number | null)[]): Decision => ({
    task: taskOf(),
    holds: moments.map((moment) => ({ policy: "quota", reason: "", nextCheckAt: moment })),
  });

  it("is null when nothing changes by itself", () => {
    expect(nextCheckAt([])).toBeNull();
    expect(nextCheckAt([at()])).toBeNull();
    expect(nextCheckAt([at(null)])).toBeNull();
  });

  it("is the moment at which the first task has the last of its holds behind it", () => {
    expect(nextCheckAt([at(5, 7, 6), at(9), at()])).toBe(7);
    expect(nextCheckAt([at(9), at(5, 7)])).toBe(7);
    expect(nextCheckAt([at(9), at(5, null)])).toBe(9);
    expect(nextCheckAt([at(null, 5), at(9)])).toBe(9);
  });
});
