import { expect, it } from "vitest";
import { fakePublishing, type FakePublishing } from "../../src/testing/fake-publishing.ts";
import { type FakeWorkspaces, fakeWorkspaces } from "../../src/testing/fake-workspaces.ts";
import { WorkspaceUnavailable } from "../../src/ports/workspaces.ts";
import { type Night, setup } from "./setup.ts";

const CHANGED = [{ status: "M", path: "src/sum.js" }] as const;
const AWAY = { type: "unreachable", message: "It cannot be reached." } as const;

interface Stage extends Night {
  readonly publishing: FakePublishing;
  readonly workspaces: FakeWorkspaces;
}

/** A night whose way out is closed, with a task that was done and kept in its first attempt. */
async function keptTask(): Promise<{ readonly night: Stage; readonly id: number }> {
  const publishing = fakePublishing(CHANGED);
  publishing.set({ push: AWAY });
  const workspaces = fakeWorkspaces();
  const night = { ...setup({ publishing, workspaces }), publishing, workspaces };
  const location = "https://git.example.org/org/app.git";
  const checks = [{ name: "test", command: "npm test" }];
  await night.tasks.addProject({ name: "app", location, parallelMax: 1, checks });
  await night.engine.start();
  const id = await night.think("Do it", { project: "app" });
  await night.until(async () => (await night.get(id)).failure !== null, 100);
  return { night, id };
}

async function workOf({ store }: Night, id: number): Promise<readonly (string | null)[]> {
  const attempts = (await store.attempts.ofTask(id)).toSorted((a, b) => a.number - b.number);
  return attempts.map(({ steps }) => steps.find(({ name }) => name === "work")?.detail ?? null);
}

it("an agent is not paid again after an attempt that broke off before it took the work up", async () => {
  const { night, id } = await keptTask();
  const message = "The repository cannot be reached.";
  night.workspaces.failNext("open", new WorkspaceUnavailable("overloaded", message));
  await night.until(async () => (await night.get(id)).failure?.message === message, 60_000);
  night.publishing.set({ push: { type: "pushed" } });
  await night.reaches(id, "succeeded", 60_000);
  expect(await workOf(night, id)).toEqual(["done", null, "done in attempt 1"]);
  expect(night.executor.started).toHaveLength(1);
  await night.engine.stop(0);
});

it("what was kept is taken up, not what became of the folder since", async () => {
  const { night, id } = await keptTask();
  night.publishing.set({ push: { type: "pushed" } });
  await night.reaches(id, "succeeded", 60_000);
  expect(night.workspaces.takenUp).toEqual([`refs/sleepless/keep/${id}/2`]);
  await night.engine.stop(0);
});

it("an agent works when what it had kept is not there any more", async () => {
  const { night, id } = await keptTask();
  (night.workspaces.kept as string[]).length = 0;
  night.publishing.set({ push: { type: "pushed" } });
  await night.reaches(id, "succeeded", 60_000);
  expect(await workOf(night, id)).toEqual(["done", "done"]);
  await night.engine.stop(0);
});

it("a step of ours that breaks on the way out costs no agent either", async () => {
  const { night, id } = await keptTask();
  const { branches } = night.publishing;
  let breaks = true;
  Object.assign(branches, {
    push: async () => {
      if (!breaks) return { type: "pushed" };
      breaks = false;
      throw new Error("It broke.");
    },
  });
  await night.reaches(id, "succeeded", 60_000);
  expect(await workOf(night, id)).toEqual(["done", "done in attempt 1", "done in attempt 1"]);
  expect(night.executor.started).toHaveLength(1);
  await night.engine.stop(0);
});
