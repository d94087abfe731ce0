import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { findCircle } from "../../../src/core/circle.ts";
import { refuseForeign } from "../../../src/core/change.ts";
import {
  CONDITIONS,
  distinctDependencies,
  formatDependency,
  parseDependencies,
  standingOf,
} from "../../../src/core/dependency.ts";
import { dependencyState, judgeDependencies } from "../../../src/core/dependency-judgement.ts";
import { inRow } from "../../../src/core/dependency-words.ts";
import {
  blockedEvent,
  isCancelledAlong,
  unblockedEvent,
  unneededChange,
} from "../../../src/core/dependents.ts";
import { applyChange } from "../../../src/core/lifecycle.ts";
import { askedAfter, newTask } from "../../../src/core/new-task.ts";
import type { Landing, Task } from "../../../src/core/task.ts";
import { accepted, LEASE, NOW, onSuccessOf, runningTask, taskOf, wrongState } from "./samples.ts";

const LANDED: Landing = { decision: "landed", at: NOW, by: "ada", commit: "c", note: null };
const REJECTED: Landing = { ...LANDED, decision: "rejected", commit: null };

describe("how a dependency stands", () => {
  const ended = (patch: Partial<Task>): Task =>
    taskOf({ state: "succeeded", project: "site", finishedAt: NOW, ...patch });
  const project = "site";

  it.each<[string, Task, string]>([
    ["queued", taskOf({ project }), "open open open open open"],
    ["running", runningTask({ project }), "open open open open open"],
    ["waiting", taskOf({ state: "waiting", project }), "open open open open open"],
    ["a thought that is queued", taskOf(), "open open broken open open"],
    ["verified", ended({ verdict: "verified" }), "met met open unneeded met"],
    ["refuted", ended({ verdict: "refuted" }), "met broken open unneeded met"],
    ["unverified", ended({ verdict: "unverified" }), "met broken open unneeded met"],
    ["landed", ended({ landing: LANDED }), "met broken met unneeded met"],
    ["rejected", ended({ landing: REJECTED }), "met broken broken unneeded met"],
    ["thrown away", ended({ trashedAt: NOW }), "met broken broken unneeded met"],
    ["a thought", ended({ project: null }), "met broken broken unneeded met"],
    ["failed", ended({ state: "failed" }), "broken broken broken met met"],
    ["cancelled", ended({ state: "cancelled" }), "broken broken broken broken met"],
  ])("on a task that is %s", (_, task, standings) => {
    expect(CONDITIONS.map((condition) => standingOf(condition, task)).join(" ")).toBe(standings);
  });
});

describe("what a person writes", () => {
  it("is read back as it was meant", () => {
    expect(parseDependencies(["12,#13:verified", " 14:finished "])).toEqual({
      ok: true,
      value: [
        { taskId: 12, condition: "succeeded" },
        { taskId: 13, condition: "verified" },
        { taskId: 14, condition: "finished" },
      ],
    });
    for (const condition of CONDITIONS) {
      const dependency = { taskId: 7, condition };
      const value = [dependency];
      expect(parseDependencies([formatDependency(dependency)])).toEqual({ ok: true, value });
    }
  });

  it.each(["", "x", "0", "-1", "1.5", "12,", "1e3", "9".repeat(16)])("%j names no task", (word) => {
    const shown = word === "12," ? "" : word;
    expect(parseDependencies([word])).toEqual({
      ok: false,
      message: `"${shown}" names no task to wait for; write 12 or 12:verified, \`sle ls\` lists the tasks.`,
    });
  });

  it.each(["12:done", "12:", "12:verified:x", "12:\u001b[1mdone"])(
    "%j waits for nothing",
    (word) => {
      expect(parseDependencies([word])).toMatchObject({
        ok: false,
        message: expect.stringContaining(
          "waits for nothing known; write 12: with one of succeeded, verified, landed, failed, finished.",
        ),
      });
    },
  );

  it("names each task once, as it was named first", () => {
    const verified = { taskId: 1, condition: "verified" } as const;
    expect(distinctDependencies([verified, ...onSuccessOf(2, 1)])).toEqual([
      verified,
      ...onSuccessOf(2),
    ]);
  });

  it("is put in a row of ten at most", () => {
    expect(inRow([])).toBe("");
    expect(inRow([1])).toBe("1");
    expect(inRow([1, 2, 3])).toBe("1, 2 and 3");
    expect(inRow([1, 2], 9)).toBe("1, 2 and 7 more");
  });
});

describe("what a task is to wait for", () => {
  it("is judged task by task", () => {
    const done = taskOf({ state: "succeeded" });
    const facts = new Map([
      [1, done],
      [2, taskOf()],
      [3, taskOf({ state: "failed", trashedAt: NOW, landing: REJECTED })],
    ]);
    const judge = (...ids: number[]) =>
      judgeDependencies(onSuccessOf(...ids), (id) => facts.get(id) ?? null);
    expect(judge(1, 2)).toEqual({ ok: true, met: new Set([1]) });
    expect(judge(2, 9)).toEqual({
      ok: false,
      refusal: { reason: "unknown-dependency", taskId: 9 },
    });
    expect(judge(1, 3, 9)).toEqual({
      ok: false,
      refusal: {
        reason: "broken-dependency",
        dependency: {
          taskId: 3,
          condition: "succeeded",
          standing: "broken",
          state: "failed",
          trashed: true,
          verdict: null,
          decision: "rejected",
        },
      },
    });
    expect(dependencyState({ taskId: 3, condition: "failed" }, "met", null)).toEqual({
      taskId: 3,
      condition: "failed",
      standing: "met",
      state: null,
      trashed: false,
      verdict: null,
      decision: null,
    });
  });

  it("is replaced as long as the task is queued", () => {
    const task = taskOf({ dependsOn: onSuccessOf(3), unmetDependencies: 1 });
    const dependsOn = [{ taskId: 4, condition: "verified" }] as const;
    const change = { type: "depend", at: NOW, by: "ada", dependsOn, unmet: 0 } as const;
    expect(applyChange(task, change)).toEqual(
      accepted(
        task,
        { dependsOn, unmetDependencies: 0 },
        { type: "task.edited", data: { by: "ada", dependsOn: ["4:verified"] } },
      ),
    );
    expect(applyChange(runningTask(), change)).toEqual(
      wrongState(runningTask(), "Task 7 is running: only a queued task can wait for others."),
    );
    expect(() => refuseForeign(change)).toThrow("judges what waits for what");
    expect(() => refuseForeign({ type: "admit", at: NOW, lease: LEASE })).toThrow("judges it");
    expect(refuseForeign({ type: "trash", at: NOW, by: "ada" })).toBeUndefined();
  });
});

describe("those who wait", () => {
  it("are told of once, the first ten by number", () => {
    const tasks = Array.from({ length: 12 }, (_, index) => index + 1);
    const data = { tasks: tasks.slice(0, 10), count: 12 };
    const told = { at: NOW, taskId: 7, attempt: null, data };
    expect(blockedEvent(7, NOW, { tasks, count: 12 })).toEqual({
      type: "dependents.blocked",
      ...told,
    });
    expect(unblockedEvent(7, NOW, { tasks, count: 12 })).toEqual({
      type: "dependents.unblocked",
      ...told,
    });
  });

  it("are cancelled when they were to follow a failure that did not come", () => {
    expect(unneededChange(7, NOW)).toEqual({
      type: "cancel",
      at: NOW,
      by: "sleepless",
      reason: "Task 7 succeeded, so what was to follow its failure is not needed.",
    });
    expect(CONDITIONS.filter(isCancelledAlong)).toEqual([
      "succeeded",
      "verified",
      "landed",
      "failed",
    ]);
  });

  it("follow one another in a chain", () => {
    const { id: _, ...first } = newTask(1, { ...taskOf(), at: NOW, by: "ada", notBefore: 5 }, 0);
    expect(askedAfter({ ...first, at: NOW, by: "ada" }, 8, "landed")).toMatchObject({
      notBefore: null,
      dependsOn: [{ taskId: 8, condition: "landed" }],
    });
  });
});

describe("a circle", () => {
  const graph = (edges: Readonly<Record<number, readonly number[]>>) => (id: number) =>
    edges[id] ?? [];

  it("is named as the way around", () => {
    expect(findCircle(12, [15], graph({ 15: [12] }))).toEqual([12, 15, 12]);
    expect(findCircle(12, [12], graph({}))).toEqual([12, 12]);
    expect(findCircle(1, [2, 3], graph({ 2: [4], 3: [5], 5: [6], 6: [1] }))).toEqual([
      1, 3, 5, 6, 1,
    ]);
  });

  it("is none where ways meet and never come back", () => {
    expect(findCircle(1, [2, 3], graph({ 2: [4], 3: [4], 4: [5] }))).toBeNull();
    expect(findCircle(1, [], graph({}))).toBeNull();
  });

  it("is found a hundred thousand tasks deep, asking each once", () => {
    const depth = 100_000;
    const asked: number[] = [];
    const next = (id: number): readonly number[] => {
      asked.push(id);
      return id === 1 ? [depth] : [id - 1];
    };
    const way = findCircle(depth, [depth - 1], next);
    expect(way?.length).toBe(depth + 1);
    expect(asked.length).toBe(depth - 1);
  });

  it("never comes to be where each new edge is asked about before", () => {
    const edge = fc.tuple(fc.nat(7), fc.nat(7));
    fc.assert(
      fc.property(fc.array(edge, { maxLength: 40 }), (wanted) => {
        const waits = new Map<number, number[]>();
        const of = (id: number): readonly number[] => waits.get(id) ?? [];
        for (const [from, to] of wanted) {
          const way = findCircle(from, [to], of);
          if (way === null) waits.set(from, [...of(from), to]);
          else
            for (const [at, each] of way.slice(2).entries())
              expect(of(way[at + 1] ?? 0)).toContain(each);
        }
        // With no circle all can be taken away, each once nothing it waits for is left.
        let left = [...waits.keys()];
        for (let done = false; !done;) {
          const still = left.filter((id) => of(id).some((each) => left.includes(each)));
          done = still.length === left.length;
          left = still;
        }
        expect(left).toEqual([]);
      }),
    );
  });
});
