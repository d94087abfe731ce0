import assert from "node:assert/strict";
import type { Store } from "../../../src/ports/store.ts";
import {
  change,
  conclusion,
  type ContractCase,
  CRASHED,
  eventTypes,
  everything,
  insert,
  MINUTE_MS,
  NOW,
  recovery,
  start,
} from "./contract.ts";

const STEP = { name: "work", startedAt: NOW, endedAt: null, ok: null, detail: "" } as const;

/** Only the holder of a lease writes; what it writes is kept. */
export const leaseCases: readonly ContractCase[] = [
  {
    name: "a renewal moves the lease's end and tells of a cancel and of messages",
    run: async ({ store }) => {
      await insert(store);
      const task = await start(store, 1);
      const events = await eventTypes(store);
      const until = NOW + 5 * MINUTE_MS;
      const renew = (): Promise<unknown> => store.attempts.renew(1, "lease-1", until);
      assert.deepEqual(await renew(), { ok: true, cancelRequested: false, unread: 0 });
      const renewed = { id: "lease-1", owner: "host/1", expiresAt: until };
      assert.deepEqual(await store.tasks.get(1), { ...task, lease: renewed });
      assert.deepEqual((await store.attempts.running())[0]?.lease, renewed);
      assert.deepEqual(await eventTypes(store), events);
      await store.attempts.say(1, NOW, "ann", "Hello?");
      await store.attempts.say(1, NOW, "ann", "Are you there?");
      await change(store, 1, { type: "cancel", at: NOW, by: "ann", reason: null });
      assert.deepEqual(await renew(), { ok: true, cancelRequested: true, unread: 2 });
    },
  },
  {
    name: "the holder's facts are kept, what a patch leaves out stays",
    run: async ({ store }) => {
      await insert(store);
      await start(store, 1);
      const facts = {
        model: "opus",
        sessionId: "session",
        resumed: true,
        workspace: "/w/1",
        process: { pid: 12, startTicks: 345, bootId: "boot" },
        startedAt: NOW + 1,
        results: "results/1-1",
      };
      const progress = { activity: "Reads.", turns: 2, at: NOW + 2 };
      assert.equal(await store.attempts.update(1, "lease-1", facts), true);
      assert.equal(await store.attempts.update(1, "lease-1", { progress }), true);
      assert.equal(await store.attempts.update(1, "lease-1", {}), true);
      const [attempt] = await store.attempts.ofTask(1);
      assert.deepEqual(attempt, { ...attempt, ...facts, progress });
      assert.deepEqual((await store.attempts.running())[0]?.attempt, attempt);
      await store.attempts.update(1, "lease-1", { resumed: false });
      assert.equal((await store.attempts.ofTask(1))[0]?.resumed, false);
    },
  },
  {
    name: "the first word that the agent started is told, no later one",
    run: async ({ store }) => {
      await insert(store);
      await start(store, 1);
      const started = { startedAt: NOW + 1, model: "opus", sessionId: "session" };
      await store.attempts.update(1, "lease-1", { sessionId: "session" });
      await store.attempts.update(1, "lease-1", started);
      await store.attempts.update(1, "lease-1", { ...started, startedAt: NOW + 2 });
      assert.deepEqual(await store.events.after(2, 10), [
        {
          seq: 3,
          type: "attempt.started",
          at: NOW + 1,
          taskId: 1,
          attempt: 1,
          data: { model: "opus", sessionId: "session" },
        },
      ]);
    },
  },
  {
    name: "steps are kept in the order in which they began, each with its events",
    run: async ({ store }) => {
      await insert(store);
      await start(store, 1);
      const opened = { ...STEP, name: "open-workspace", detail: "/w/1" } as const;
      const done = { ...opened, endedAt: NOW + 3, ok: true } as const;
      await store.attempts.step(1, "lease-1", opened);
      await store.attempts.step(1, "lease-1", STEP);
      assert.equal(await store.attempts.step(1, "lease-1", done), true);
      assert.deepEqual((await store.attempts.ofTask(1))[0]?.steps, [done, STEP]);
      const place = { taskId: 1, attempt: 1 };
      const began = { type: "step.started", at: NOW, ...place } as const;
      assert.deepEqual(await store.events.after(2, 10), [
        { seq: 3, ...began, data: { name: "open-workspace" } },
        { seq: 4, ...began, data: { name: "work" } },
        {
          seq: 5,
          type: "step.ended",
          at: NOW + 3,
          ...place,
          data: { name: "open-workspace", ok: true, detail: "/w/1" },
        },
      ]);
    },
  },
  {
    name: "messages are taken once, in their order",
    run: async ({ store }) => {
      await insert(store);
      const early = await store.attempts.say(1, NOW, "ann", "Use tabs.");
      assert.deepEqual(early, { id: 1, taskId: 1, at: NOW, by: "ann", text: "Use tabs." });
      await start(store, 1);
      const late = await store.attempts.say(1, NOW + 1, "bob", "No, spaces.");
      await insert(store);
      await store.attempts.say(2, NOW, "ann", "Not for you.");
      assert.deepEqual(await store.attempts.takeMessages(1, "lease-1"), [early, late]);
      assert.deepEqual(await store.attempts.takeMessages(1, "lease-1"), []);
      const last = await store.attempts.say(1, NOW + 2, "ann", "Thanks.");
      assert.deepEqual(await store.attempts.takeMessages(1, "lease-1"), [last]);
      assert.deepEqual(await store.events.after(1, 1), [
        {
          seq: 2,
          type: "task.said",
          at: NOW,
          taskId: 1,
          attempt: null,
          data: { by: "ann", messageId: 1 },
        },
      ]);
      const [event] = await store.events.after(3, 1);
      assert.deepEqual([event?.type, event?.attempt], ["task.said", 1]);
    },
  },
  {
    name: "nothing can be said to a task that is not there",
    run: async ({ store }) => {
      await assert.rejects(store.attempts.say(9, NOW, "ann", "Hello?"));
      assert.equal(await store.events.lastSeq(), 0);
    },
  },
  {
    name: "the end of an attempt is kept with its outcome and verdict",
    run: async ({ store }) => {
      await insert(store);
      await start(store, 1);
      const ended = await change(store, 1, conclusion("lease-1"));
      assert.deepEqual(
        [ended.state, ended.lease, ended.finishedAt],
        ["succeeded", null, NOW + 1000],
      );
      const [attempt] = await store.attempts.ofTask(1);
      assert.deepEqual(
        [attempt?.endedAt, attempt?.outcome, attempt?.verdict],
        [NOW + 1000, { type: "succeeded", summary: "Done." }, "verified"],
      );
      assert.deepEqual(await store.attempts.running(), []);
      const [event] = await store.events.after(2, 10);
      assert.deepEqual([event?.type, event?.taskId, event?.attempt], ["task.succeeded", 1, 1]);
    },
  },
  {
    name: "each attempt keeps its own end",
    run: async ({ store }) => {
      await insert(store);
      await start(store, 1, { lease: lease("first") });
      await change(store, 1, conclusion("first", CRASHED));
      await change(store, 1, { type: "edit", at: NOW, by: "ann", notBefore: null });
      await start(store, 1, { lease: lease("second") });
      await change(store, 1, recovery("second"));
      await start(store, 1, { lease: lease("third") });
      const attempts = await store.attempts.ofTask(1);
      assert.deepEqual(
        attempts.map(({ number, leaseId, outcome }) => [number, leaseId, outcome]),
        [
          [1, "first", CRASHED],
          [2, "second", { type: "interrupted", reason: "daemon-died" }],
          [3, "third", null],
        ],
      );
      assert.deepEqual(
        (await store.attempts.running()).map(({ attempt }) => attempt.number),
        [3],
      );
    },
  },
  {
    name: "a lease that ended writes nothing",
    run: async ({ store }) => {
      await insert(store);
      await start(store, 1, { lease: lease("old") });
      await change(store, 1, recovery("old"));
      await writesNothing(store, "old");
    },
  },
  {
    name: "what was said to an attempt that did not succeed is said to the next one too",
    run: async ({ store }) => {
      await insert(store);
      await start(store, 1, { lease: lease("dead") });
      const said = await store.attempts.say(1, NOW, "ann", "Use tabs.");
      assert.deepEqual(await store.attempts.takeMessages(1, "dead"), [said]);
      await change(store, 1, recovery("dead"));
      await start(store, 1, { lease: lease("stopped") });
      const renewal = await store.attempts.renew(1, "stopped", NOW + 60_000);
      assert.deepEqual(renewal, { ok: true, cancelRequested: false, unread: 1 });
      assert.deepEqual(await store.attempts.takeMessages(1, "stopped"), [said]);
      await change(store, 1, conclusion("stopped", { type: "interrupted", reason: "shutdown" }));
      await start(store, 1, { lease: lease("failing") });
      assert.deepEqual(await store.attempts.takeMessages(1, "failing"), [said]);
      await change(store, 1, conclusion("failing", CRASHED));
      await start(store, 1, { at: NOW + 60 * MINUTE_MS, lease: lease("last") });
      assert.deepEqual(await store.attempts.takeMessages(1, "last"), [said]);
      await change(store, 1, conclusion("last"));
      await change(store, 1, { type: "retry", at: NOW, by: "ann", note: null });
      await start(store, 1, { lease: lease("again") });
      assert.deepEqual(await store.attempts.takeMessages(1, "again"), []);
    },
  },
  {
    name: "a lease that another has taken over writes nothing",
    run: async ({ store }) => {
      await insert(store);
      await start(store, 1, { lease: lease("old") });
      await change(store, 1, recovery("old"));
      await start(store, 1, { lease: lease("new") });
      await store.attempts.say(1, NOW, "ann", "For the new one.");
      await writesNothing(store, "old");
      assert.equal((await store.attempts.takeMessages(1, "new")).length, 1);
    },
  },
  {
    name: "of holders that race to conclude one does",
    run: async ({ store }) => {
      await insert(store);
      await start(store, 1);
      const answers = await Promise.all([
        store.tasks.change(1, conclusion("lease-1")),
        store.tasks.change(1, recovery("lease-1")),
        store.tasks.change(1, conclusion("lease-1", CRASHED)),
      ]);
      assert.equal(answers.filter(({ ok }) => ok).length, 1);
      const ends = (await eventTypes(store)).slice(2);
      assert.ok(ends.length <= 2, ends.join());
    },
  },
];

function lease(id: string): { id: string; owner: string; expiresAt: number } {
  return { id, owner: "host/1", expiresAt: NOW + MINUTE_MS };
}

async function writesNothing(store: Store, leaseId: string): Promise<void> {
  const before = await everything(store);
  const lost = { ok: false, refusal: { reason: "lease-lost" } };
  const { attempts } = store;
  assert.deepEqual(await attempts.renew(1, leaseId, NOW + 9 * MINUTE_MS), { ok: false });
  assert.equal(await attempts.update(1, leaseId, { sessionId: "stale" }), false);
  assert.equal(await attempts.step(1, leaseId, STEP), false);
  assert.deepEqual(await attempts.takeMessages(1, leaseId), []);
  assert.deepEqual(await store.tasks.change(1, conclusion(leaseId)), lost);
  assert.deepEqual(await store.tasks.change(1, recovery(leaseId)), lost);
  assert.deepEqual(await everything(store), before);
}
