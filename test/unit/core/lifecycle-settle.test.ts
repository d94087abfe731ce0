import { describe, expect, it } from "vitest";
import type { Change } from "../../../src/core/change.ts";
import { applyChange } from "../../../src/core/lifecycle.ts";
import { accepted, NOW, taskOf, wrongState } from "./samples.ts";

describe("settle", () => {
  const settle = (decision: "landed" | "rejected"): Change => ({
    type: "settle",
    at: NOW,
    by: "ada",
    decision,
    commit: decision === "landed" ? "abc" : null,
    note: null,
  });

  it.each(["landed", "rejected"] as const)("notes that a result was %s, once", (decision) => {
    const task = taskOf({ state: "succeeded", finishedAt: NOW - 1 });
    const commit = decision === "landed" ? "abc" : null;
    const landing = { decision, at: NOW, by: "ada", commit, note: null };
    expect(applyChange(task, settle(decision))).toEqual(
      accepted(
        task,
        { landing },
        { type: `task.${decision}`, data: { by: "ada", commit, note: null } },
      ),
    );
    const settled = { ...task, landing };
    expect(applyChange(settled, settle(decision))).toEqual(accepted(settled, {}));
  });

  it("lands what was rejected, and rejects nothing that has landed", () => {
    const task = taskOf({ state: "succeeded", finishedAt: NOW - 1 });
    const landing = { at: NOW - 1, by: "bob", commit: null, note: null };
    const rejected = { ...task, landing: { ...landing, decision: "rejected" as const } };
    expect(applyChange(rejected, settle("landed"))).toMatchObject({ ok: true });
    const landed = { ...task, landing: { ...landing, decision: "landed" as const } };
    expect(applyChange(landed, settle("rejected"))).toEqual(
      wrongState(landed, "Task 7 is succeeded: its result has landed already."),
    );
  });

  it("is refused without a result, and forgotten when the task begins anew", () => {
    const task = taskOf({ state: "failed", finishedAt: NOW - 1 });
    expect(applyChange(task, settle("landed"))).toEqual(
      wrongState(task, "Task 7 is failed: it has no result to decide about."),
    );
    const done = taskOf({ state: "succeeded", finishedAt: NOW - 1 });
    const landing = { decision: "landed", at: NOW, by: "ada", commit: "a", note: null } as const;
    const again: Change = { type: "retry", at: NOW, by: "ada", note: null };
    expect(applyChange({ ...done, landing }, again)).toMatchObject({ task: { landing: null } });
  });
});
