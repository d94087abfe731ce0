import { expect, it } from "vitest";
import type { Workspaces } from "../../src/ports/workspaces.ts";
import { fakeWorkspaces } from "../../src/testing/fake-workspaces.ts";
import { setup } from "./setup.ts";

/** Workspaces whose opening takes for ever and ends with the reason of the signal. */
function slowWorkspaces(): Workspaces & { readonly opening: () => number } {
  let opening = 0;
  return {
    ...fakeWorkspaces(),
    opening: () => opening,
    open: (_taskId, _project, signal) => {
      opening += 1;
      return new Promise((_resolve, reject) => {
        signal.addEventListener("abort", () => reject(signal.reason as Error), { once: true });
      });
    },
  };
}

it("gives the attempt back when a shutdown comes while the workspace is opened", async () => {
  const workspaces = slowWorkspaces();
  const night = setup({ workspaces });
  await night.engine.start();
  const id = await night.think("clone something large");
  await night.until(() => workspaces.opening() === 1, 100);
  const stopped = night.engine.stop(0);
  await night.clock.advance(1000);
  await stopped;
  expect(await night.get(id)).toMatchObject({
    state: "queued",
    attemptsUsed: 0,
    notBefore: null,
    failure: null,
  });
  expect(night.log.lines.filter((line) => line.level === "error")).toEqual([]);
});

it("cancels a task while its workspace is opened", async () => {
  const workspaces = slowWorkspaces();
  const night = setup({ workspaces });
  await night.engine.start();
  const id = await night.think("clone something wrong");
  await night.until(() => workspaces.opening() === 1, 100);
  await night.tasks.cancel(id, "ada");
  await night.reaches(id, "cancelled", 100);
  expect(night.log.lines.filter((line) => line.level === "error")).toEqual([]);
  await night.engine.stop(0);
});
