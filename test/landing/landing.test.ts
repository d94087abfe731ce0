import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { finished, setup } from "./setup.ts";

test("a verified result lands on the branch that is checked out, once, with its trailers", async () => {
  await using stage = await setup();
  const task = await stage.done("Better a", { "a.txt": "two\n" });
  expect(task.verdict).toBe("verified");
  const branch = `feature/app-${task.id}-better-a-a-txt-two-n`;
  expect(stage.git("branch", "--list", "feature/*").trim()).toBe(branch);
  const landed = await stage.landings.land(task.id, { ...stage.call, anyway: false });
  expect(landed).toMatchObject({ ok: true, value: { landing: { decision: "landed", by: "ada" } } });
  expect(stage.read("a.txt")).toBe("two\n");
  expect(stage.git("status", "--porcelain")).toBe("");
  expect(stage.git("branch", "--list", "feature/*")).toBe("");
  expect(
    stage.git("log", "-1", "--format=%an|%s|%(trailers:key=Verdict,valueonly,separator=)"),
  ).toBe("sleepless[bot]|Better a|verified");
  const commit = stage.git("rev-parse", "main");
  expect(landed.ok && landed.value.landing?.commit).toBe(commit);
  expect(await stage.landings.land(task.id, { ...stage.call, anyway: false })).toEqual(landed);
  expect(stage.git("rev-parse", "main")).toBe(commit);
  const [, last] = await stage.store.events.after(0, 1000, { types: ["task.landed"] });
  expect(last).toBeUndefined();
});

test("on a base that moved it is checked again, and only what passes there lands", async () => {
  const broken = (folder: string): boolean =>
    !(existsSync(join(folder, "c.txt")) && existsSync(join(folder, "d.txt")));
  await using stage = await setup(broken);
  const good = await stage.done("Good", { "a.txt": "two\n" });
  const bad = await stage.done("Bad", { "c.txt": "two\n" });
  stage.commits({ "d.txt": "new\n" });
  const before = stage.checkRuns();
  const landed = await stage.landings.land(good.id, { ...stage.call, anyway: false });
  expect(landed).toMatchObject({ ok: true });
  expect(stage.checkRuns()).toBe(before + 1);
  expect(stage.read("a.txt") + stage.read("d.txt")).toBe("two\nnew\n");
  expect(await stage.landings.land(bad.id, { ...stage.call, anyway: false })).toMatchObject({
    ok: false,
    problem: {
      message: expect.stringMatching(/^On what main is now it is refuted: The check test/u),
    },
  });
  expect(stage.git("log", "--format=%s", "main")).toBe("Good\nby a person\nfirst");
});

test("what collides is told, and a retry has the agent put it right", async () => {
  await using stage = await setup();
  const task = await stage.done("Ours", { "a.txt": "ours\n" });
  stage.commits({ "a.txt": "theirs\n" });
  expect(await stage.landings.land(task.id, { ...stage.call, anyway: false })).toMatchObject({
    ok: false,
    problem: { message: expect.stringContaining("It collides in a.txt with what main became") },
  });
  await stage.tasks.retry(task.id, "ada");
  const again = await finished(stage.store, task.id);
  // The agent of these tests writes the same file whole, so the second attempt has resolved it.
  expect(again).toMatchObject({ state: "succeeded", verdict: "verified", landing: null });
  expect((await stage.store.attempts.ofTask(task.id)).map(({ outcome }) => outcome)).toMatchObject([
    { type: "succeeded" },
    { type: "failed", failure: "conflict" },
    { type: "succeeded" },
  ]);
  expect(await stage.landings.land(task.id, { ...stage.call, anyway: false })).toMatchObject({
    ok: true,
  });
  expect(stage.read("a.txt")).toBe("ours\n");
});

test("what is not verified lands only when a person says so", async () => {
  await using stage = await setup();
  const task = await stage.done("Cheat", { "test/a.test.js": "x\n", "package.json": "{}\n" });
  expect(task.verdict).toBe("refuted");
  expect(stage.git("branch", "--list", "feature/*")).toBe("");
  expect(await stage.landings.land(task.id, { ...stage.call, anyway: false })).toMatchObject({
    ok: false,
    problem: { message: expect.stringContaining(`then \`sle land ${task.id} --anyway\``) },
  });
  expect(await stage.landings.land(task.id, { ...stage.call, anyway: true })).toMatchObject({
    ok: true,
  });
  expect(stage.read("package.json")).toBe("{}\n");
});

test("a landing that was cut off after it was done is found, not repeated", async () => {
  await using stage = await setup();
  const task = await stage.done("Better a", { "a.txt": "two\n" });
  const { tasks } = stage.store;
  const broken = { ...tasks, change: () => Promise.reject(new Error("killed")) };
  Object.assign(stage.store, { tasks: broken });
  await expect(stage.landings.land(task.id, { ...stage.call, anyway: false })).rejects.toThrow(
    "killed",
  );
  Object.assign(stage.store, { tasks });
  stage.commits({ "d.txt": "later\n" });
  const tip = stage.git("rev-parse", "main");
  expect(await stage.landings.land(task.id, { ...stage.call, anyway: false })).toMatchObject({
    ok: true,
    value: { landing: { commit: stage.git("rev-parse", "main^") } },
  });
  expect(stage.git("rev-parse", "main")).toBe(tip);
});

test("what is done again after it landed is another result, and lands as well", async () => {
  await using stage = await setup();
  const task = await stage.done("Better a", { "a.txt": "two\n" });
  const first = await stage.landings.land(task.id, { ...stage.call, anyway: false });
  stage.git("revert", "--no-edit", "HEAD");
  await stage.tasks.retry(task.id, "ada", "Again");
  const again = await finished(stage.store, task.id);
  expect(again).toMatchObject({ state: "succeeded", landing: null });
  const second = await stage.landings.land(task.id, { ...stage.call, anyway: true });
  expect(second).toMatchObject({ ok: true });
  expect(second.ok && second.value.landing?.commit).not.toBe(
    first.ok && first.value.landing?.commit,
  );
  expect(stage.read("a.txt")).toBe("two\n");
});

test("a result lands on the branch it was made for, whichever is checked out now", async () => {
  await using stage = await setup();
  const task = await stage.done("Better a", { "a.txt": "two\n" });
  stage.git("checkout", "-q", "-b", "elsewhere");
  stage.commits({ "c.txt": "mine\n" });
  expect(await stage.landings.land(task.id, { ...stage.call, anyway: false })).toMatchObject({
    ok: true,
  });
  expect(stage.git("show", "main:a.txt")).toBe("two");
  expect(stage.read("a.txt")).toBe("one\n");
  expect(stage.git("status", "--porcelain")).toBe("");
});

test("a person's own change is in the way, and stays", async () => {
  await using stage = await setup();
  const task = await stage.done("Better a", { "a.txt": "two\n" });
  writeFileSync(join(stage.repository, "a.txt"), "by hand\n");
  expect(await stage.landings.land(task.id, { ...stage.call, anyway: false })).toMatchObject({
    ok: false,
    problem: { code: "refused", message: expect.stringContaining("changed by hand") },
  });
  expect(stage.read("a.txt")).toBe("by hand\n");
});

test("a rejected result loses its branch and can be tried again", async () => {
  await using stage = await setup();
  const task = await stage.done("Better a", { "a.txt": "two\n" });
  const call = { ...stage.call, note: "Not like this" };
  expect(await stage.landings.reject(task.id, call)).toMatchObject({
    ok: true,
    value: { landing: { decision: "rejected", note: "Not like this", commit: null } },
  });
  expect(stage.git("branch", "--list", "feature/*")).toBe("");
  await stage.tasks.retry(task.id, "ada", "Otherwise");
  expect((await finished(stage.store, task.id)).landing).toBeNull();
  expect(stage.git("branch", "--list", "feature/*")).not.toBe("");
  await stage.landings.land(task.id, { ...stage.call, anyway: false });
  expect(await stage.landings.reject(task.id, call)).toMatchObject({
    ok: false,
    problem: { message: expect.stringContaining("has landed already") },
  });
});

test("nothing to decide is said as that", async () => {
  await using stage = await setup();
  const land = (id: number): Promise<unknown> =>
    stage.landings.land(id, { ...stage.call, anyway: false });
  expect(await land(99)).toMatchObject({ ok: false, problem: { code: "not-found" } });
  const idle = await stage.done("Nothing", {});
  expect(idle.verdict).toBe("unverified");
  expect(await land(idle.id)).toMatchObject({
    ok: false,
    problem: { message: `Task ${idle.id} has changed nothing, so there is nothing to decide.` },
  });
  const thought = await stage.tasks.submit({ text: "A thought\n{}" }, { by: "ada", source: "cli" });
  const id = thought.ok ? thought.value.task.id : 0;
  await finished(stage.store, id);
  expect(await land(id)).toMatchObject({ ok: false, problem: { code: "conflict" } });
});
