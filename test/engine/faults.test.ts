import { expect, it } from "vitest";
import type { Store } from "../../src/ports/store.ts";
import { WorkspaceUnavailable } from "../../src/ports/workspaces.ts";
import { hangs, works } from "../../src/testing/fake-executor.ts";
import { fakeMachine } from "../../src/testing/fake-machine.ts";
import { setup } from "./setup.ts";

it("interrupts agents after the grace; the next daemon resumes the same session and no attempt is lost", async () => {
  const night = setup();
  night.executor.set(hangs());
  await night.engine.start();
  const id = await night.think("long work");
  await night.until(() => night.executor.running() === 1, 1000);
  const stopped = night.engine.stop(10_000);
  await night.clock.advance(9000);
  expect(night.executor.running()).toBe(1);
  await night.clock.advance(2000);
  await stopped;
  expect(await night.get(id)).toMatchObject({ state: "queued", attempt: 1, attemptsUsed: 0 });
  night.executor.set(works());
  const next = night.another();
  await next.start();
  const done = await night.reaches(id, "succeeded", 1000);
  expect(done).toMatchObject({ attempt: 2, attemptsUsed: 1 });
  const [before, after] = night.executor.started;
  expect(after).toMatchObject({ sessionId: before?.sessionId, resume: true });
  await next.stop(0);
});

it("lets an agent that finishes within the grace finish", async () => {
  const night = setup();
  night.executor.set(async () => {
    await night.clock.sleep(5000);
    return { type: "done", text: "made it" };
  });
  await night.engine.start();
  const id = await night.think("short work");
  await night.until(() => night.executor.running() === 1, 100);
  const stopped = night.engine.stop(60_000);
  await night.clock.advance(6000);
  await stopped;
  expect((await night.get(id)).state).toBe("succeeded");
});

it("interrupts at once when hurried", async () => {
  const night = setup();
  night.executor.set(hangs());
  await night.engine.start();
  const id = await night.think("long work");
  await night.until(() => night.executor.running() === 1, 1000);
  const stopped = night.engine.stop(3_600_000);
  night.engine.hurry();
  await night.clock.advance(0);
  await stopped;
  expect((await night.get(id)).state).toBe("queued");
});

it("rescues the task of a dead daemon: leftovers are ended first, the session is resumed, the attempt given back", async () => {
  const night = setup();
  night.executor.set(hangs());
  await night.engine.start();
  const id = await night.think("survive me");
  await night.until(() => night.executor.running() === 1, 1000);
  // The daemon is gone without a word: its engine is never stopped, its process is dead.
  const machine = fakeMachine(2000);
  machine.killOthers();
  night.executor.set(works());
  night.launcher.leftoversDie(false);
  const next = night.another({ machine });
  await next.start();
  await night.clock.advance(20_000);
  expect((await night.get(id)).attempt).toBe(1);
  night.launcher.leftoversDie(true);
  const done = await night.reaches(id, "succeeded", 1000);
  expect(done).toMatchObject({ attempt: 2, attemptsUsed: 1 });
  expect(night.launcher.ended[0]).toMatch(new RegExp(`^${id}/1/`, "u"));
  expect(night.executor.started[1]).toMatchObject({
    sessionId: night.executor.started[0]?.sessionId,
    resume: true,
  });
  await next.stop(0);
});

it("leaves the tasks of a living daemon alone", async () => {
  const night = setup();
  night.executor.set(hangs());
  await night.engine.start();
  const id = await night.think("mine");
  await night.until(() => night.executor.running() === 1, 1000);
  const next = night.another();
  await next.start();
  await night.clock.advance(120_000);
  expect(await night.get(id)).toMatchObject({ state: "running", attempt: 1 });
  expect(night.executor.started).toHaveLength(1);
  await night.engine.stop(0);
  await next.stop(0);
});

it("ends the work at once when the lease is lost, and writes nothing more", async () => {
  const night = setup();
  night.executor.set(hangs());
  await night.engine.start();
  const id = await night.think("contested");
  await night.until(() => night.executor.running() === 1, 1000);
  const lease = (await night.get(id)).lease;
  await night.store.tasks.change(id, {
    type: "recover",
    at: night.clock.now(),
    leaseId: lease?.id ?? "",
    sessionId: null,
  });
  await night.tasks.setAdmission("paused", "ada");
  await night.until(() => night.executor.running() === 0, 1000);
  expect(await night.get(id)).toMatchObject({ state: "queued", attempt: 1 });
  expect(night.workspaces.kept).toEqual([]);
  await night.engine.stop(0);
});

it("gives the lease up by itself when no renewal gets through", async () => {
  const night = setup();
  const cut = { renewals: false };
  const store: Store = {
    ...night.store,
    attempts: {
      ...night.store.attempts,
      renew: (...args) =>
        cut.renewals ? new Promise(() => {}) : night.store.attempts.renew(...args),
    },
  };
  const engine = night.another({ store });
  night.executor.set(hangs());
  await engine.start();
  const id = await night.think("cut off");
  await night.until(() => night.executor.running() === 1, 1000);
  cut.renewals = true;
  await night.clock.advance(40_000);
  expect(night.executor.running()).toBe(1);
  await night.clock.advance(9_000);
  expect(night.executor.running()).toBe(0);
  expect((await night.get(id)).state).toBe("running");
  await engine.stop(0);
});

it("parks when the disk is full while results are kept, and goes on later", async () => {
  const night = setup();
  const full = Object.assign(new Error("no space left on device"), { code: "ENOSPC" });
  night.workspaces.failNext("keep", full);
  await night.engine.start();
  const id = await night.think("fill the disk");
  await night.until(async () => (await night.eventTypes(id)).includes("task.parked"), 100);
  expect(await night.get(id)).toMatchObject({ attemptsUsed: 0, failure: { failure: "disk" } });
  expect((await night.reaches(id, "succeeded", 10_000)).attemptsUsed).toBe(1);
  await night.engine.stop(0);
});

it("tries again when the workspace cannot be opened", async () => {
  const night = setup();
  night.workspaces.failNext("open", new Error("git is not there"));
  await night.engine.start();
  const id = await night.think("open up");
  await night.until(async () => (await night.get(id)).failure !== null, 100);
  expect((await night.get(id)).failure?.message).toContain("git is not there");
  await night.reaches(id, "succeeded", 5000);
  await night.engine.stop(0);
});

it("gives up with the workspace's own words when only a person can help", async () => {
  const night = setup();
  const message = "The project's folder /srv/gone does not exist; correct it.";
  night.workspaces.failNext("open", new WorkspaceUnavailable("config", message));
  await night.engine.start();
  const id = await night.think("work nowhere");
  const failed = await night.reaches(id, "failed", 100);
  expect(failed.failure).toEqual({ failure: "config", message });
  await night.engine.stop(0);
});

it("survives a database that fails for a while", async () => {
  const night = setup();
  const broken = { now: false };
  const store: Store = {
    ...night.store,
    tasks: {
      ...night.store.tasks,
      heads: (...args) =>
        broken.now ? Promise.reject(new Error("disk I/O error")) : night.store.tasks.heads(...args),
    },
  };
  const engine = night.another({ store });
  await engine.start();
  broken.now = true;
  const id = await night.think("wait for the disk");
  await night.clock.advance(10_000);
  expect(night.log.lines.some((line) => line.message === "A turn failed")).toBe(true);
  broken.now = false;
  await night.reaches(id, "succeeded", 1000);
  await engine.stop(0);
});

it.each([3_600_000, -3_600_000])("goes on when the clock jumps by %d ms", async (jumpMs) => {
  const night = setup();
  night.executor.set(hangs());
  await night.engine.start();
  const id = await night.think("time flies");
  await night.until(() => night.executor.running() === 1, 1000);
  night.clock.jump(jumpMs);
  await night.clock.advance(120_000);
  expect(await night.get(id)).toMatchObject({ state: "running", attempt: 1 });
  night.executor.set(works());
  const second = await night.think("and another");
  await night.reaches(second, "succeeded", 1000);
  await night.engine.stop(0);
});

it("stops what it had started when a duty cannot start", async () => {
  const night = setup();
  const store: Store = {
    ...night.store,
    watch: () => {
      throw new Error("no watch");
    },
  };
  const engine = night.another({ store });
  await expect(engine.start()).rejects.toThrow("no watch");
  expect(night.clock.sleepers()).toBe(0);
});
