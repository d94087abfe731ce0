import { describe, expect, it } from "vitest";
import type { DependencyState } from "../../../../src/core/dependency.ts";
import { dependencies } from "../../../../src/core/policies/dependencies.ts";
import { onSuccessOf, snapshotOf, taskOf } from "../samples.ts";

function stateOf(taskId: number, patch: Partial<DependencyState> = {}): DependencyState {
  return {
    taskId,
    condition: "succeeded",
    standing: "open",
    state: "queued",
    trashed: false,
    verdict: null,
    decision: null,
    ...patch,
  };
}

function reasonFor(...waitsFor: readonly DependencyState[]): string | undefined {
  const task = taskOf({ id: 15, dependsOn: waitsFor, unmetDependencies: waitsFor.length });
  return dependencies(task, snapshotOf({ waitsFor }))?.reason;
}

describe("dependencies, where only their number is known", () => {
  it("let a task start that waits for none", () => {
    expect(dependencies(taskOf({ dependsOn: onSuccessOf(1, 2) }), snapshotOf())).toBeNull();
  });

  it("name what is waited for", () => {
    const dependsOn = [...onSuccessOf(4), { taskId: 9, condition: "verified" }] as const;
    expect(dependencies(taskOf({ dependsOn, unmetDependencies: 1 }), snapshotOf())).toEqual({
      policy: "dependencies",
      reason: "It waits for 1 of the tasks 4 and 9:verified.",
      nextCheckAt: null,
    });
  });

  it("name the only one", () => {
    const task = taskOf({ dependsOn: onSuccessOf(4), unmetDependencies: 1 });
    expect(dependencies(task, snapshotOf())?.reason).toBe("It waits for task 4.");
  });

  it("name ten at most", () => {
    const reason = (count: number): string | undefined => {
      const dependsOn = onSuccessOf(...Array.from({ length: count }, (_, index) => index + 1));
      return dependencies(taskOf({ dependsOn, unmetDependencies: count }), snapshotOf())?.reason;
    };
    expect(reason(10)).toBe("It waits for 10 of the tasks 1, 2, 3, 4, 5, 6, 7, 8, 9 and 10.");
    expect(reason(12)).toBe(
      "It waits for 12 of the tasks 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 and 2 more.",
    );
  });
});

describe("dependencies, where it is known how they stand", () => {
  it("say what each waits for", () => {
    expect(
      reasonFor(
        stateOf(1, { standing: "met", state: "succeeded" }),
        stateOf(2),
        stateOf(3, { condition: "verified" }),
        stateOf(4, { condition: "failed" }),
        stateOf(5, { condition: "finished" }),
        stateOf(6, { condition: "landed" }),
        stateOf(7, { condition: "landed", state: "succeeded" }),
      ),
    ).toBe(
      "It waits for task 2 to succeed, task 3 to be verified, task 4 to fail, task 5 to end, task 6 to land and task 7 to land (it has succeeded: `sle land 7`).",
    );
  });

  const broken = (patch: Partial<DependencyState>): string | undefined =>
    reasonFor(stateOf(12, { standing: "broken", ...patch }));
  const without = "`sle edit 15 --after none` starts without it, `sle cancel 15` gives up.";
  const again = `\`sle retry 12\` lets it be met after all, ${without}`;

  it.each<[string, Partial<DependencyState>, string]>([
    ["task 12 failed", { state: "failed" }, again],
    ["task 12 was cancelled", { state: "cancelled" }, again],
    [
      "task 12 succeeded, but its result is refuted",
      { state: "succeeded", condition: "verified", verdict: "refuted" },
      again,
    ],
    [
      "task 12 succeeded, but its result is unverified",
      { state: "succeeded", condition: "verified" },
      again,
    ],
    [
      "the result of task 12 was rejected",
      { state: "succeeded", condition: "landed", decision: "rejected" },
      again,
    ],
    ["task 12 cannot come to that any more", { state: null }, without],
    ["task 12 is a thought, which never lands", { condition: "landed" }, without],
    ["task 12 succeeded", { state: "succeeded", condition: "failed" }, without],
    [
      "task 12 is a thought, which never lands",
      { state: "succeeded", condition: "landed" },
      without,
    ],
    [
      "task 12 is in the trash and has not landed",
      { state: "succeeded", condition: "landed", trashed: true },
      again.replace("retry", "trash restore"),
    ],
  ])("say that %s, and what to do", (words, patch, advice) => {
    expect(broken(patch)).toBe(`It cannot start: ${words}. ${advice}`);
  });

  it("advise nothing that helps only one of several", () => {
    expect(
      reasonFor(
        stateOf(2),
        stateOf(12, { standing: "broken", state: "failed" }),
        stateOf(13, { standing: "broken", state: "succeeded", condition: "failed" }),
      ),
    ).toBe(`It cannot start: task 12 failed and task 13 succeeded. ${without}`);
  });
});
