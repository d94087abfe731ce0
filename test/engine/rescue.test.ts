import { expect, it } from "vitest";
import type { AttemptPatch, Store } from "../../src/ports/store.ts";
import { hangs, works } from "../../src/testing/fake-executor.ts";
import { fakeMachine } from "../../src/testing/fake-machine.ts";
import { type Night, setup } from "./setup.ts";

/** A machine on which every other daemon is dead. */
function lastAlive(pid: number): ReturnType<typeof fakeMachine> {
  const machine = fakeMachine(pid);
  machine.killOthers();
  return machine;
}

/** The store with some calls of attempts put differently. */
function withAttempts(night: Night, patch: Partial<Store["attempts"]>): Store {
  return { ...night.store, attempts: { ...night.store.attempts, ...patch } };
}

/** Takes the lease away from whoever holds it, as another daemon's rescuer would; nobody claims it then. */
async function takeAway(night: Night, id: number): Promise<void> {
  await night.tasks.setAdmission("paused", "ada");
  const leaseId = (await night.get(id)).lease?.id ?? "";
  await night.store.tasks.change(id, { type: "recover", at: night.clock.now(), leaseId });
}

/** The store of a daemon that can die: from then on nothing of it comes through. */
function mortal(night: Night): { readonly store: Store; readonly die: () => void } {
  let alive = true;
  const part = <Part extends object>(calls: Part): Part =>
    Object.fromEntries(
      Object.entries(calls).map(([name, call]: [string, (...args: unknown[]) => unknown]) => [
        name,
        (...args: unknown[]) => (alive ? call(...args) : new Promise(() => {})),
      ]),
    ) as Part;
  const { tasks, attempts, shared } = night.store;
  const parts = { tasks: part(tasks), attempts: part(attempts), shared: part(shared) };
  return { store: { ...night.store, ...parts }, die: () => (alive = false) };
}

it("keeps the session when an attempt dies before it has recorded one", async () => {
  const night = setup();
  const dying = mortal(night);
  night.executor.set(hangs());
  await night.another({ store: dying.store }).start();
  const id = await night.think("die twice");
  await night.until(() => night.executor.running() === 1, 1000);
  dying.die();
  const next = mortal(night);
  const stuck = { ...next.store.attempts, step: () => new Promise<boolean>(() => {}) };
  const store = { ...next.store, attempts: stuck };
  await night.another({ machine: lastAlive(3000), store }).start();
  await night.until(async () => (await night.get(id)).attempt === 2, 1000);
  next.die();
  night.executor.set(works());
  const last = night.another({ machine: lastAlive(4000) });
  await last.start();
  await night.reaches(id, "succeeded", 1000);
  const [first, second] = night.executor.started;
  expect(second).toMatchObject({ attempt: 3, sessionId: first?.sessionId, resume: true });
  await last.stop(0);
});

it("starts no agent when the lease is lost before it", async () => {
  const night = setup();
  const update = async (id: number, leaseId: string, patch: AttemptPatch): Promise<boolean> => {
    if (patch.sessionId !== undefined) await takeAway(night, id);
    return night.store.attempts.update(id, leaseId, patch);
  };
  const engine = night.another({ store: withAttempts(night, { update }) });
  await engine.start();
  const id = await night.think("too late");
  await night.until(async () => (await night.get(id)).attempt === 1, 100);
  await night.clock.advance(1000);
  expect(await night.get(id)).toMatchObject({ state: "queued", attempt: 1 });
  expect(night.executor.started).toEqual([]);
  await engine.stop(0);
});

it("ends the agent as soon as one of its writes finds the lease lost", async () => {
  const night = setup();
  night.executor.set(hangs());
  const update = async (id: number, leaseId: string, patch: AttemptPatch): Promise<boolean> => {
    if (patch.startedAt !== undefined) await takeAway(night, id);
    return night.store.attempts.update(id, leaseId, patch);
  };
  const engine = night.another({ store: withAttempts(night, { update }) });
  await engine.start();
  await night.think("taken away");
  await night.until(() => night.executor.started.length === 1, 100);
  await night.clock.advance(1000);
  expect(night.executor.running()).toBe(0);
  await engine.stop(0);
});

it("begins no step whose lease is lost", async () => {
  const night = setup();
  const step: Store["attempts"]["step"] = async (id, leaseId, put) => {
    if (put.name === "keep-results") await takeAway(night, id);
    return night.store.attempts.step(id, leaseId, put);
  };
  const engine = night.another({ store: withAttempts(night, { step }) });
  await engine.start();
  const id = await night.think("taken away at the end");
  await night.until(async () => (await night.eventTypes(id)).includes("task.recovered"), 100);
  await night.clock.advance(1000);
  expect(await night.get(id)).toMatchObject({ state: "queued", attempt: 1 });
  expect(night.workspaces.kept).toEqual([]);
  await engine.stop(0);
});

it("rescues its own task when it could not renew the lease for a while", async () => {
  const night = setup();
  const cut = { renewals: false };
  const renew: Store["attempts"]["renew"] = (...args) =>
    cut.renewals ? new Promise(() => {}) : night.store.attempts.renew(...args);
  const engine = night.another({ store: withAttempts(night, { renew }) });
  night.executor.set(hangs());
  await engine.start();
  const id = await night.think("cut off for a minute");
  await night.until(() => night.executor.running() === 1, 1000);
  cut.renewals = true;
  await night.until(() => night.executor.running() === 0, 1000);
  cut.renewals = false;
  night.executor.set(works());
  const done = await night.reaches(id, "succeeded", 1000);
  expect(done).toMatchObject({ attempt: 2, attemptsUsed: 1 });
  const [first, second] = night.executor.started;
  expect(second).toMatchObject({ sessionId: first?.sessionId, resume: true });
  await engine.stop(0);
});

it("leaves its own running task alone even when its lease in the store looks old", async () => {
  const night = setup();
  night.executor.set(hangs());
  await night.engine.start();
  const id = await night.think("mine for long");
  await night.until(() => night.executor.running() === 1, 1000);
  night.clock.jump(3_600_000);
  await night.clock.advance(6000);
  expect(await night.get(id)).toMatchObject({ state: "running", attempt: 1 });
  expect(night.launcher.ended).toEqual([]);
  await night.engine.stop(0);
});

it.each([3_600_000, -3_600_000])(
  "leaves the tasks of a living daemon alone when the clock jumps by %d ms",
  async (jumpMs) => {
    const night = setup();
    night.executor.set(hangs());
    await night.engine.start();
    const id = await night.think("mine, whatever the hour");
    await night.until(() => night.executor.running() === 1, 1000);
    const next = night.another();
    await next.start();
    night.clock.jump(jumpMs);
    await night.clock.advance(120_000);
    expect(await night.get(id)).toMatchObject({ state: "running", attempt: 1 });
    expect(night.launcher.ended).toEqual([]);
    await night.engine.stop(0);
    await next.stop(0);
  },
);

it("takes over from a daemon that lives and does nothing, once its lease has ended", async () => {
  const night = setup();
  const frozen = mortal(night);
  night.executor.set(hangs());
  await night.another({ store: frozen.store }).start();
  const id = await night.think("freeze me");
  await night.until(() => night.executor.running() === 1, 1000);
  frozen.die();
  const next = night.another({ machine: fakeMachine(3000) });
  await next.start();
  await night.clock.advance(50_000);
  expect((await night.get(id)).attempt).toBe(1);
  expect(night.launcher.ended).toEqual([]);
  night.executor.set(works());
  const done = await night.reaches(id, "succeeded", 1000);
  expect(done).toMatchObject({ attempt: 2, attemptsUsed: 1 });
  expect(night.launcher.ended[0]).toMatch(new RegExp(`^${id}/1/`, "u"));
  await next.stop(0);
});

it("interrupts a task whose claim was under way when the daemon was told to stop", async () => {
  const night = setup();
  const claim = Promise.withResolvers<void>();
  let asked = false;
  const store: Store = {
    ...night.store,
    tasks: {
      ...night.store.tasks,
      admit: async (request) => {
        asked = true;
        await claim.promise;
        return night.store.tasks.admit(request);
      },
    },
  };
  night.executor.set(hangs());
  const engine = night.another({ store });
  await engine.start();
  const id = await night.think("just in time");
  await night.until(() => asked, 100);
  let stopped = false;
  const stopping = engine.stop(1000).then(() => (stopped = true));
  await night.clock.advance(0);
  claim.resolve();
  await night.until(() => stopped, 1000);
  await stopping;
  expect(await night.get(id)).toMatchObject({ state: "queued", attemptsUsed: 0, lease: null });
  expect(night.executor.running()).toBe(0);
});

it("sees a cancel at once even when it comes while the lease is being renewed", async () => {
  const night = setup();
  const renewals: PromiseWithResolvers<void>[] = [];
  const renew: Store["attempts"]["renew"] = async (...args) => {
    const renewal = await night.store.attempts.renew(...args);
    if (renewals.length === 0) {
      // The answer to the first is on its way while the cancel is written.
      const answer = Promise.withResolvers<void>();
      renewals.push(answer);
      await answer.promise;
    }
    return renewal;
  };
  night.executor.set(hangs());
  const engine = night.another({ store: withAttempts(night, { renew }) });
  await engine.start();
  const id = await night.think("never mind");
  await night.until(() => night.executor.running() === 1, 1000);
  await night.until(() => renewals.length === 1, 1000);
  await night.tasks.cancel(id, "ada");
  await night.clock.advance(300);
  renewals[0]?.resolve();
  await night.clock.advance(1000);
  expect((await night.get(id)).state).toBe("cancelled");
  await engine.stop(0);
});

it("tells once that a daemon started and once that it stopped", async () => {
  const night = setup();
  await night.engine.start();
  await night.clock.advance(60_000);
  await night.engine.stop(0);
  const events = await night.store.events.after(0, 100);
  expect(events.map((event) => event.type)).toEqual(["daemon.started", "daemon.stopped"]);
});

it("does not claim that a task runs whose daemon is dead or has no signal", async () => {
  const night = setup();
  night.executor.set(hangs());
  const dying = mortal(night);
  await night.another({ store: dying.store }).start();
  const id = await night.think("outlive the daemon");
  await night.until(() => night.executor.running() === 1, 1000);
  const sentence = async (): Promise<string | undefined> => (await night.queries.why(id))?.sentence;
  expect(await sentence()).toBe("It runs: attempt 1.");
  dying.die();
  await night.clock.advance(60_000);
  expect(await sentence()).toBe(
    "It was started (attempt 1), but its daemon gives no sign of life; it goes on when a daemon finds it abandoned.",
  );
  night.machine.killOthers();
  expect(await sentence()).toBe(
    "It was started (attempt 1), but its daemon ended without a word; the next one goes on with it: `sle daemon start`.",
  );
});
