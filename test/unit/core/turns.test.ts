import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ORDER_DEFAULT, orderKeyFor, TURNS_MAX } from "../../../src/core/order.ts";
import { contendersIn, plan } from "../../../src/core/plan.ts";
import type { Task } from "../../../src/core/task.ts";
import { afterTurn, leadOf, type Turns, turnShare, turnsOf } from "../../../src/core/turns.ts";
import { HOUR, NOW, rulesOf, snapshotOf, taskOf } from "./samples.ts";

const of = (project: string | null) => ({ project, kind: "serious" }) as const;
const NONE: Turns = { floor: 0, taken: new Map() };

function take(turns: Turns, project: string, contenders: readonly string[], weights = {}): Turns {
  const all = new Set(contenders.map((each) => `project ${each}`));
  return afterTurn(turns, of(project), { order: { ...ORDER_DEFAULT, weights }, contenders: all });
}

describe("turns", () => {
  it("are those of what runs at first, each by the weight of its project", () => {
    const order = { ...ORDER_DEFAULT, weights: { a: 2 } };
    const running = [of("a"), of("a"), of("b"), { project: null, kind: "thought" } as const];
    const turns = turnsOf(
      running.map(({ project, kind }, id) => ({
        project,
        kind,
        id,
        executor: "x",
        model: null,
        admittedAt: 0,
      })),
      order,
    );
    expect([...turns.taken]).toEqual([
      ["project a", 1],
      ["project b", 1],
      ["thought", 1],
    ]);
    expect([turnShare(of("a"), order), turnShare(of(null), order)]).toEqual([0.5, 1]);
    expect(turnShare(of("constructor"), order)).toBe(1);
  });

  it("count only what one is ahead of the least of those who could have started", () => {
    const one = take(NONE, "a", ["a", "b"]);
    expect([leadOf(one, "project a"), leadOf(one, "project b")]).toEqual([1, 0]);
    const both = take(one, "b", ["a", "b"]);
    expect([both.floor, both.taken.size]).toEqual([1, 0]);
    expect([leadOf(both, "project a"), leadOf(both, "project c")]).toEqual([0, 0]);
  });

  it("are nothing to whoever is alone, and not saved up by whoever has nothing to start", () => {
    let turns = NONE;
    for (let turn = 0; turn < 9; turn += 1) turns = take(turns, "a", ["a"]);
    expect(leadOf(turns, "project a")).toBe(0);
    const next = take(turns, "a", ["a", "b"]);
    expect([leadOf(next, "project a"), leadOf(next, "project b")]).toEqual([1, 0]);
  });

  it("put nobody back by more than the most, and keep the others apart", () => {
    let turns = NONE;
    for (let turn = 0; turn < 20; turn += 1) turns = take(turns, "a", ["a", "b", "c"]);
    turns = take(turns, "c", ["a", "b", "c"]);
    expect(leadOf(turns, "project a")).toBe(TURNS_MAX);
    expect(leadOf(turns, "project c")).toBe(1);
    expect(leadOf(turns, "project b")).toBe(0);
  });
});

/** Plays starts one at a time: all projects always have tasks, each so old as its entry says. */
function play(
  starts: number,
  projects: Readonly<Record<string, { weight: number; ageHours: number }>>,
): Map<string, number> {
  const names = Object.keys(projects);
  const weights = Object.fromEntries(names.map((name) => [name, projects[name]?.weight ?? 1]));
  const order = { ...ORDER_DEFAULT, weights };
  const snapshot = snapshotOf({ rules: rulesOf({ parallelMax: 1, order }) });
  const heads = names.flatMap((project, index) =>
    [1, 2, 3].map((place): Task => {
      const queuedAt = NOW - (projects[project]?.ageHours ?? 0) * HOUR;
      const orderKey = orderKeyFor({ priority: "normal", queuedAt, deadlineAt: null });
      return taskOf({ id: index * 10 + place, kind: "serious", project, orderKey });
    }),
  );
  const counts = new Map(names.map((name) => [name, 0]));
  let turns = NONE;
  for (let start = 0; start < starts; start += 1) {
    const decisions = plan(heads, snapshot, turns);
    const task = decisions[0]?.task ?? taskOf();
    turns = afterTurn(turns, task, { order, contenders: contendersIn(decisions) });
    counts.set(task.project ?? "", (counts.get(task.project ?? "") ?? 0) + 1);
  }
  return counts;
}

describe("fair shares", () => {
  it("go by weight, and the older project is only so far ahead as it is older", () => {
    const anyone = fc.record({
      weight: fc.constantFrom(0.5, 1, 1.5, 2, 4, 10),
      ageHours: fc.integer({ min: 0, max: 5 }),
    });
    fc.assert(
      fc.property(anyone, anyone, anyone, fc.integer({ min: 1, max: 200 }), (a, b, c, starts) => {
        const counts = play(starts, { a, b, c });
        const shares = Object.entries({ a, b, c }).map(([name, { weight, ageHours }]) => ({
          had: (counts.get(name) ?? 0) / weight,
          turn: 1 / weight,
          ageTurns: ageHours / 3,
        }));
        for (const one of shares) {
          for (const other of shares) {
            const ahead = Math.max(0, one.ageTurns - other.ageTurns);
            expect(one.had - other.had).toBeLessThanOrEqual(ahead + one.turn + other.turn + 1e-9);
          }
        }
      }),
    );
  });

  it("give a project that comes late half of all starts, and not only what others leave", () => {
    const late = play(100, { a: { weight: 1, ageHours: 9 }, b: { weight: 1, ageHours: 0 } });
    expect(late.get("b")).toBeGreaterThanOrEqual(48);
    const third = play(90, { a: { weight: 2, ageHours: 0 }, b: { weight: 1, ageHours: 0 } });
    expect([...third]).toEqual([
      ["a", 60],
      ["b", 30],
    ]);
  });

  it("leave out of account who could not start for another reason", () => {
    const running = [
      {
        id: 99,
        project: "b",
        kind: "serious",
        executor: "claude-code",
        model: null,
        admittedAt: 0,
      } as const,
    ];
    const rules = rulesOf({ parallelMax: 2 });
    const heads = ["a", "b"].map((project, id) => taskOf({ id, kind: "serious", project }));
    const held = plan(heads, snapshotOf({ running, rules, projectParallelMax: { b: 1 } }));
    expect([...contendersIn(held)]).toEqual(["project a"]);
    const full = plan(heads, snapshotOf({ running, rules: rulesOf({ parallelMax: 1 }) }));
    expect([...contendersIn(full)]).toEqual(["project b", "project a"].toReversed());
  });
});
