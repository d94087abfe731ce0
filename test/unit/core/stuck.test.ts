import { expect, it } from "vitest";
import type { CheckOutcome } from "../../../src/core/proof.ts";
import { type EndedRun, stuckReason } from "../../../src/core/stuck.ts";

let lastId = 0;

/** A task that succeeded in vain, with what a case changes. */
function run(
  task: Partial<EndedRun["task"]> = {},
  tree: string | null = `tree ${lastId}`,
  checks: Readonly<Record<string, CheckOutcome>> = {},
): EndedRun {
  lastId += 1;
  const own = { id: lastId, kind: "serious", state: "succeeded", verdict: "unverified" } as const;
  const told = Object.entries(checks).map(([name, outcome]) => ({ name, outcome }));
  const receipt = { tree: tree ?? "", checks: told } as unknown as EndedRun["receipt"];
  return { task: { ...own, landing: null, ...task }, receipt: tree === null ? null : receipt };
}

const landing = { at: 1, by: "ann", commit: null, note: null };
const verified = { verdict: "verified" } as const;

it.each([
  ["nothing accepted", [run(), run(), run()], "succeeded, and no result of them was accepted"],
  [
    "rejected",
    [run({ landing: { ...landing, decision: "rejected" } }), run(), run()],
    "succeeded, and no result",
  ],
  [
    "the same files",
    [run(verified, "a"), run(verified, "a"), run({}, "a")],
    "end with the same files",
  ],
  [
    "the same check",
    [
      run({ state: "failed" }, "a", { test: "failed", lint: "passed" }),
      run({}, "b", { lint: "failed", test: "failed" }),
      run({}, "c", { test: "already-failing" }),
    ],
    "fail the same check, test",
  ],
] as const)("gets nowhere: %s", (_, runs, reason) => {
  const ids = runs.map(({ task }) => `#${task.id}`).join(", ");
  expect(stuckReason(runs, 3)).toContain(`the last 3 tasks (${ids}) ${reason}`);
  expect(stuckReason(runs, 4)).toBeNull();
});

it.each([
  ["one verified", [run(), run(verified), run()]],
  ["one landed", [run(), run({ landing: { ...landing, decision: "landed" } }), run()]],
  ["one failed", [run(), run({ state: "failed" }), run()]],
  [
    "thoughts",
    [
      run({ kind: "thought" }, null),
      run({ kind: "thought" }, null),
      run({ kind: "thought" }, null),
    ],
  ],
  [
    "other checks",
    [
      run(verified, "a", { test: "failed" }),
      run({}, "b", { lint: "failed" }),
      run({}, "c", { test: "failed" }),
    ],
  ],
  [
    "flaky",
    [
      run(verified, "a", { test: "flaky" }),
      run({}, "b", { test: "flaky" }),
      run({}, "c", { test: "flaky" }),
    ],
  ],
  ["only the last", [run(verified), run(), run(), run()]],
] as const)("gets somewhere: %s", (_, runs) => {
  expect(stuckReason(runs, 3)).toBeNull();
});
