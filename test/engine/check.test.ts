import { expect, it } from "vitest";
import type { ChangedPath } from "../../src/core/protected-paths.ts";
import type { SealedReceipt } from "../../src/core/receipt.ts";
import type { CheckSpec } from "../../src/ports/proof.ts";
import { fakeProving } from "../../src/testing/fake-proving.ts";
import { fakePublishing } from "../../src/testing/fake-publishing.ts";
import { fakeWorkspaces } from "../../src/testing/fake-workspaces.ts";
import { type Night, setup } from "./setup.ts";

const CHANGED: readonly ChangedPath[] = [{ status: "M", path: "src/sum.js" }];

/** A night of a project with two checks; `codeOf` tells how each run ends. */
async function nightOf(
  codeOf: (spec: CheckSpec, nth: number) => number,
  changed: readonly ChangedPath[] = CHANGED,
): Promise<Night & { readonly runs: CheckSpec[] }> {
  const runs: CheckSpec[] = [];
  const workspaces = fakeWorkspaces();
  const night = setup({
    workspaces: {
      ...workspaces,
      keep: async (...asked) => ({ ...(await workspaces.keep(...asked)), changed }),
    },
    publishing: fakePublishing(changed),
    proving: fakeProving((spec) => {
      runs.push(spec);
      return { exitCode: codeOf(spec, runs.length) };
    }),
  });
  const checks = ["test", "lint"].map((name) => ({ name, command: `run ${name}` }));
  await night.tasks.addProject({ name: "app", location: "/src/app", parallelMax: 1, checks });
  await night.engine.start();
  return { ...night, runs };
}

function receiptOf(night: Night): SealedReceipt {
  const text = [...night.artifacts.files].find(([path]) => path.endsWith("receipt.json"))?.[1];
  return JSON.parse(text ?? "null") as SealedReceipt;
}

it("a result whose checks pass is verified, with a receipt", async () => {
  const night = await nightOf(() => 0);
  const id = await night.think("sum it", { project: "app" });
  expect((await night.reaches(id, "succeeded", 100)).verdict).toBe("verified");
  expect(night.runs.map(({ command }) => command)).toEqual(["run test", "run lint"]);
  expect(receiptOf(night).receipt).toMatchObject({
    taskId: id,
    verdict: "verified",
    checks: [{ outcome: "passed" }, { outcome: "passed" }],
  });
  const [attempt] = await night.store.attempts.ofTask(id);
  expect(attempt?.steps.map(({ name }) => name)).toContain("check");
  await night.engine.stop(0);
});

it("a check that fails twice, and not on what it began from, sends the agent back to work", async () => {
  const night = await nightOf(({ command, outputPath }) =>
    command === "run test" && !outputPath.includes("-base") ? 1 : 0,
  );
  const id = await night.think("sum it", { project: "app" });
  const task = await night.reaches(id, "failed", 600_000);
  expect(task.failure).toEqual({
    failure: "check-failed",
    message: "The check test fails, and passed before.",
  });
  expect(task.attemptsUsed).toBe(3);
  const [first] = await night.store.attempts.ofTask(id);
  expect(first?.verdict).toBe("refuted");
  await night.engine.stop(0);
});

it("a check that failed before proves nothing, and one that fails once is marked", async () => {
  const failing = await nightOf(({ command }) => (command === "run test" ? 1 : 0));
  const first = await failing.think("sum it", { project: "app" });
  expect((await failing.reaches(first, "succeeded", 100)).verdict).toBe("unverified");
  await failing.engine.stop(0);
  const flaky = await nightOf((_spec, nth) => (nth === 1 ? 1 : 0));
  const second = await flaky.think("sum it", { project: "app" });
  expect((await flaky.reaches(second, "succeeded", 100)).verdict).toBe("verified");
  expect(receiptOf(flaky).receipt.reasons).toEqual(["The check test failed once and then passed."]);
  await flaky.engine.stop(0);
});

it("a result that touches what judges it is refuted, and left to a person", async () => {
  const night = await nightOf(() => 0, [{ status: "D", path: "test/sum.test.js" }]);
  const id = await night.think("sum it", { project: "app" });
  expect((await night.reaches(id, "succeeded", 100)).verdict).toBe("refuted");
  await night.engine.stop(0);
});
