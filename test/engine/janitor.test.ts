import { expect, it } from "vitest";
import { makeJanitor } from "../../src/engine/janitor.ts";
import type { Loop } from "../../src/engine/loop.ts";
import { openRestoring } from "../../src/engine/restoring.ts";
import { hangs, works } from "../../src/testing/fake-executor.ts";
import { DAY_MS, type Night, setup } from "./setup.ts";

/** Only the janitor from here on: all else would take its many turns through days with nothing to do. */
async function onlyJanitor(night: Night): Promise<Loop> {
  await night.engine.stop(0);
  const sweep = (): Promise<void> => Promise.resolve();
  const keeping = { workspaceKeepMs: DAY_MS, trashKeepMs: 30 * DAY_MS, sweep };
  const janitor = makeJanitor({ ...night, ...keeping });
  await janitor.start();
  return janitor;
}

it("discards workspaces a while after their task ended", async () => {
  const night = setup();
  await night.engine.start();
  const id = await night.think("done long ago");
  await night.reaches(id, "succeeded", 1000);
  const janitor = await onlyJanitor(night);
  await night.clock.advance(DAY_MS / 2);
  expect(night.workspaces.discarded).toEqual([]);
  await night.clock.advance(DAY_MS);
  expect(night.workspaces.discarded).toEqual([id]);
  await janitor.stop();
});

it("leaves a workspace that cannot be kept where it is", async () => {
  const night = setup();
  await night.engine.start();
  const id = await night.think("precious");
  await night.reaches(id, "succeeded", 1000);
  const janitor = await onlyJanitor(night);
  night.workspaces.failNext("discard", new Error("the repository is gone"));
  await night.clock.advance(DAY_MS + 3_600_000);
  expect(night.log.lines.map((line) => line.message)).toContain(
    "A workspace could not be cleared away; it stays",
  );
  await night.clock.advance(3_600_000);
  expect(night.workspaces.discarded).toEqual([id]);
  await janitor.stop();
});

it("leaves a workspace that came back for as long as one that just ended", async () => {
  const night = setup();
  await night.engine.start();
  const id = await night.think("done long ago");
  await night.reaches(id, "succeeded", 1000);
  const janitor = await onlyJanitor(night);
  await night.clock.advance(DAY_MS + 3_600_000);
  expect(night.workspaces.discarded).toEqual([id]);
  const restoring = openRestoring(night);
  const request = { state: null, into: null, replace: false };
  const { signal } = new AbortController();
  expect(await restoring.restore(id, "ada", request, signal)).toMatchObject({ ok: true });
  await night.clock.advance(DAY_MS / 2);
  expect(night.workspaces.discarded).toEqual([id]);
  await night.clock.advance(DAY_MS);
  expect(night.workspaces.discarded).toEqual([id, id]);
  await janitor.stop();
});

it("removes what was trashed long ago, and the folder it left", async () => {
  const night = setup({ workspaceKeepMs: 365 * DAY_MS, trashKeepMs: DAY_MS / 4 });
  night.executor.set(works());
  await night.engine.start();
  const id = await night.think("away with it");
  await night.reaches(id, "succeeded", 1000);
  await night.tasks.trash(id, "ada");
  await night.clock.advance(DAY_MS / 8);
  expect(await night.store.tasks.get(id)).not.toBeNull();
  await night.clock.advance(DAY_MS / 4);
  expect(await night.store.tasks.get(id)).toBeNull();
  expect(night.workspaces.discarded).toEqual([id]);
  await night.engine.stop(0);
});

it("answers a question with its default when nobody did in time", async () => {
  const night = setup();
  night.executor.set(hangs());
  await night.engine.start();
  const id = await night.think("now or later?");
  await night.until(() => night.executor.running() === 1, 1000);
  await night.tasks.setAdmission("paused", "ada");
  const at = night.clock.now();
  const question = { text: "Now?", defaultAnswer: "later", deadlineAt: at + 600_000 };
  const asked = await night.store.tasks.change(id, {
    type: "conclude",
    at,
    leaseId: (await night.get(id)).lease?.id ?? "",
    outcome: { type: "asked", question },
    verdict: null,
    sessionId: null,
    retryRules: { backoffBaseMs: 1, backoffMaxMs: 1 },
    chance: 0,
  });
  expect(asked.ok).toBe(true);
  await night.clock.advance(590_000);
  expect((await night.get(id)).state).toBe("waiting");
  await night.clock.advance(60_000);
  expect(await night.get(id)).toMatchObject({ state: "queued", notes: ["later"] });
  await night.engine.stop(0);
});
