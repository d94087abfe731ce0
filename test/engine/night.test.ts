import { expect, it } from "vitest";
import {
  type FakeAgent,
  createFakeExecutor,
  fails,
  hangs,
  works,
} from "../../src/testing/fake-executor.ts";
import { RULES, setup } from "./setup.ts";

it("takes a task from submission to a kept result", async () => {
  const night = setup();
  await night.engine.start();
  const id = await night.think("write a poem");
  night.executor.set(works("a poem"));
  const task = await night.reaches(id, "succeeded", 1000);
  expect({ ...task, createdAt: 0, updatedAt: 0, finishedAt: 0 }).toMatchObject({
    state: "succeeded",
    verdict: "unverified",
    attempt: 1,
    attemptsUsed: 1,
    lease: null,
    failure: null,
  });
  expect(await night.eventTypes(id)).toEqual([
    "task.queued",
    "task.admitted",
    "step.started",
    "step.ended",
    "step.started",
    "attempt.started",
    "step.ended",
    "step.started",
    "step.ended",
    "step.started",
    "step.ended",
    "step.started",
    "step.ended",
    "task.succeeded",
  ]);
  expect(night.workspaces.kept).toEqual([`refs/sleepless/keep/${id}/1`]);
  expect(night.artifacts.files.get(`/results/${id}-1/final.md`)).toBe("a poem");
  await night.engine.stop(0);
});

it("never runs more at once than the limit", async () => {
  const night = setup();
  await night.engine.start();
  night.executor.set(hangs());
  for (const text of ["one", "two", "three", "four"]) await night.think(text);
  await night.until(() => night.executor.running() === 2, 1000);
  await night.clock.advance(30_000);
  expect(night.executor.running()).toBe(2);
  expect((await night.store.tasks.counts()).running).toBe(2);
  const queued = await night.store.tasks.list({ states: ["queued"] }, { before: null, limit: 9 });
  const why = await night.queries.why(queued[0]?.id ?? 0);
  expect(why?.holds.map((hold) => hold.policy)).toEqual(["capacity"]);
  await night.engine.stop(0);
});

it("retries a passing failure with a growing pause, in the same session, until it works", async () => {
  const night = setup();
  night.executor.set(fails("overloaded", "The model server is down"));
  await night.engine.start();
  const id = await night.think("be patient");
  await night.until(async () => (await night.get(id)).attemptsUsed === 1, 100);
  await night.until(async () => (await night.get(id)).state === "queued", 10);
  const first = await night.get(id);
  const pauseMs = (first.notBefore ?? 0) - first.updatedAt;
  expect(pauseMs).toBeGreaterThanOrEqual(1000);
  expect(pauseMs).toBeLessThanOrEqual(30_000);
  const why = await night.queries.why(id);
  expect(why?.holds[0]).toMatchObject({ policy: "not-before", nextCheckAt: first.notBefore });
  expect(why?.sentence).toContain("The model server is down");
  night.executor.set(works());
  const done = await night.reaches(id, "succeeded", 1000);
  expect(done.attemptsUsed).toBe(2);
  expect(new Set(night.executor.started.map((spec) => spec.sessionId)).size).toBe(1);
  expect(night.executor.started.map((spec) => spec.resume)).toEqual([false, true]);
  await night.engine.stop(0);
});

it("gives up when the attempts are used up, and starts anew when a person retries", async () => {
  const night = setup();
  night.executor.set(fails("crash"));
  await night.engine.start();
  const id = await night.think("never works", { attemptsMax: 2 });
  const failed = await night.reaches(id, "failed", 5000);
  expect(failed).toMatchObject({ attemptsUsed: 2, attempt: 2, failure: { failure: "crash" } });
  night.executor.set(works());
  const retried = await night.tasks.retry(id, "ada", "use the other library");
  expect(retried.ok).toBe(true);
  const done = await night.reaches(id, "succeeded", 1000);
  expect(done).toMatchObject({ attempt: 3, attemptsUsed: 1 });
  expect(night.executor.started.at(-1)?.prompt).toContain("use the other library");
  await night.engine.stop(0);
});

it("parks at a hit limit, holds everything of that provider until the reset, then resumes the same session", async () => {
  const night = setup();
  const resetsAt = night.clock.now() + 120_000;
  const window = {
    provider: "claude",
    window: "five_hour",
    used: 1,
    resetsAt,
    status: "closed",
    source: "observed",
    observedAt: night.clock.now(),
  } as const;
  night.executor.set(async ({ emit }: FakeAgent) => {
    emit({ type: "quota", windows: [window] });
    return { type: "failed", failure: "quota", message: "limit", retryAt: resetsAt };
  });
  await night.engine.start();
  const first = await night.think("hit the limit");
  await night.until(async () => (await night.eventTypes(first)).includes("task.parked"), 100);
  const second = await night.think("come later");
  await night.clock.advance(60_000);
  expect(night.executor.started).toHaveLength(1);
  expect(await night.get(first)).toMatchObject({ state: "queued", attemptsUsed: 0 });
  expect((await night.queries.why(second))?.holds[0]).toMatchObject({
    policy: "quota",
    nextCheckAt: resetsAt,
  });
  const startsAt: number[] = [];
  night.executor.set(async () => {
    startsAt.push(night.clock.now());
    return { type: "done", text: "" };
  });
  await night.reaches(first, "succeeded", 500);
  await night.reaches(second, "succeeded", 500);
  const [before, ...after] = night.executor.started;
  const resumed = after.find((spec) => spec.taskId === first);
  expect(resumed).toMatchObject({ sessionId: before?.sessionId, resume: true });
  expect(Math.min(...startsAt)).toBeGreaterThanOrEqual(resetsAt);
  expect(Math.max(...startsAt)).toBeLessThan(resetsAt + 5000);
  await night.engine.stop(0);
});

it("cancels a running task: the agent is stopped, the result is cancelled, its work is kept", async () => {
  const night = setup();
  night.executor.set(hangs());
  await night.engine.start();
  const id = await night.think("run for ever");
  await night.until(() => night.executor.running() === 1, 1000);
  expect((await night.tasks.cancel(id, "ada")).ok).toBe(true);
  await night.until(() => night.executor.running() === 0);
  const task = await night.reaches(id, "cancelled");
  expect(task.trashedAt).not.toBeNull();
  expect(night.workspaces.kept).toHaveLength(1);
  const restored = await night.tasks.restore(id, "ada");
  expect(restored.ok && restored.value.state).toBe("queued");
  await night.engine.stop(0);
});

it("gives words to the working agent, and words said before to the next prompt", async () => {
  const night = setup();
  const heard: string[] = [];
  night.executor.set(async ({ nextSaid }) => {
    heard.push(await nextSaid());
    return { type: "done", text: "" };
  });
  const id = await night.think("listen");
  await night.tasks.say(id, "ada", "said while queued");
  await night.engine.start();
  await night.until(() => night.executor.running() === 1, 1000);
  expect(night.executor.started[0]?.prompt).toContain("said while queued");
  expect((await night.tasks.say(id, "ada", "use tabs")).ok).toBe(true);
  await night.reaches(id, "succeeded");
  expect(heard).toEqual(["use tabs"]);
  expect(await night.tasks.say(id, "ada", "too late")).toMatchObject({ ok: false });
  await night.engine.stop(0);
});

it("keeps words for an agent that takes none for its next attempt", async () => {
  const night = setup();
  const deaf = createFakeExecutor({ name: "fake", can: { steer: false }, work: hangs() });
  const engine = night.another({ executors: [deaf] });
  await engine.start();
  const id = await night.think("deaf");
  await night.until(() => deaf.running() === 1, 1000);
  await night.tasks.say(id, "ada", "use tabs");
  await night.clock.advance(60_000);
  await engine.stop(0);
  deaf.set(works());
  const next = night.another({ executors: [deaf] });
  await next.start();
  await night.reaches(id, "succeeded", 1000);
  expect(deaf.started.map((spec) => spec.prompt)).toEqual(["deaf", "deaf\n\nuse tabs"]);
  await next.stop(0);
});

it("starts a task only after those it depends on have succeeded", async () => {
  const night = setup();
  const order: number[] = [];
  night.executor.set(async ({ spec }) => {
    order.push(spec.taskId);
    return { type: "done", text: "" };
  });
  const first = await night.think("first");
  const second = await night.think("second", { dependsOn: [first], priority: "high" });
  expect((await night.queries.why(second))?.sentence).toContain("No daemon is running");
  await night.engine.start();
  await night.reaches(second, "succeeded", 1000);
  expect(order).toEqual([first, second]);
  await night.engine.stop(0);
});

it("asks a person when the login is refused, and holds everything else of that executor", async () => {
  const night = setup();
  night.executor.set(fails("auth", "The token has expired."));
  await night.engine.start();
  const first = await night.think("needs a login");
  const waiting = await night.reaches(first, "waiting", 1000);
  expect(waiting.question?.text).toContain("claude auth login");
  expect(waiting.attemptsUsed).toBe(0);
  const second = await night.think("needs a login too");
  await night.clock.advance(60_000);
  expect(night.executor.started).toHaveLength(1);
  expect((await night.queries.why(second))?.holds[0]?.policy).toBe("executor-ready");
  night.executor.set(works());
  await night.reaches(second, "succeeded", 30_000);
  await night.engine.stop(0);
});

it("starts nothing while paused and goes on when resumed", async () => {
  const night = setup();
  await night.engine.start();
  await night.tasks.setAdmission("paused", "ada");
  const id = await night.think("later");
  await night.clock.advance(60_000);
  expect(night.executor.started).toHaveLength(0);
  await night.tasks.setAdmission("open", "ada");
  await night.reaches(id, "succeeded", 1000);
  await night.engine.stop(0);
});

it("works with limits of its own for a project", async () => {
  const night = setup({ rules: { ...RULES, parallelMax: 5 } });
  await night.tasks.addProject({ name: "backend", location: "/src/backend", parallelMax: 1 });
  night.executor.set(hangs());
  await night.engine.start();
  await night.think("one", { project: "backend" });
  await night.think("two", { project: "backend" });
  await night.think("a thought");
  await night.until(() => night.executor.running() === 2, 1000);
  await night.clock.advance(30_000);
  expect(night.executor.running()).toBe(2);
  await night.engine.stop(0);
});
