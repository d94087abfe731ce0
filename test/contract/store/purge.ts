import assert from "node:assert/strict";
import {
  after,
  change,
  type ContractCase,
  eventTypes,
  insert,
  NOW,
  recovery,
  start,
  succeed,
} from "./contract.ts";
import type { Store } from "../../../src/ports/store.ts";

/** What is purged is gone for good; what happened and what was paid stays known. */
export const purgeCases: readonly ContractCase[] = [
  {
    name: "only tasks trashed before the time are purged, smallest id first",
    run: async ({ store }) => {
      for (let i = 0; i < 4; i += 1) await insert(store);
      await cancel(store, 4, NOW);
      await cancel(store, 2, NOW + 1);
      await cancel(store, 3, NOW + 2);
      assert.deepEqual(await store.tasks.purge(NOW), []);
      assert.deepEqual(await store.tasks.purge(NOW + 2), [2, 4]);
      assert.deepEqual(await store.tasks.purge(NOW + 2), []);
      assert.equal(await store.tasks.get(2), null);
      assert.equal((await store.tasks.get(3))?.state, "cancelled");
      assert.equal((await store.tasks.get(1))?.state, "queued");
    },
  },
  {
    name: "all that belongs to a purged task goes, its events and its use stay",
    run: async ({ store }) => {
      const usage = { at: NOW, taskId: 1, attempt: 1, provider: "anthropic", model: "opus" };
      const tokens = { input: 1, output: 2, cacheRead: 3, cacheWrite: 4 };
      await insert(store);
      await start(store, 1);
      const step = { name: "work", startedAt: NOW, endedAt: null, ok: null, detail: "" } as const;
      await store.attempts.step(1, "lease-1", step);
      await store.attempts.say(1, NOW, "ann", "Hello?");
      await store.effects.intend({ key: "push", taskId: 1, attempt: 1, kind: "push", at: NOW });
      await store.usage.add({ ...usage, tokens, usd: 0.25 });
      await change(store, 1, { type: "cancel", at: NOW, by: "ann", reason: null });
      await change(store, 1, recovery("lease-1", NOW));
      const events = await eventTypes(store);
      const ofTask = await store.events.after(2, 3, { taskId: 1 });
      assert.equal(ofTask.length, 3);
      assert.deepEqual(await store.tasks.purge(NOW + 1), [1]);
      assert.deepEqual(await store.attempts.ofTask(1), []);
      assert.deepEqual(await store.effects.ofTask(1), []);
      assert.deepEqual(await eventTypes(store), events);
      assert.deepEqual(await store.events.after(2, 3, { taskId: 1 }), ofTask);
      assert.equal((await store.shared.facts({ day: 0, night: null })).usdToday, 0.25);
      assert.equal((await store.usage.totals(0)).length, 1);
      assert.deepEqual(await store.care.check(), []);
    },
  },
  {
    name: "the id of a purged task is never given again",
    run: async ({ store }) => {
      await insert(store);
      await insert(store);
      await cancel(store, 2, NOW);
      assert.deepEqual(await store.tasks.purge(NOW + 1), [2]);
      assert.equal((await insert(store)).id, 3);
      await cancel(store, 1, NOW);
      await cancel(store, 3, NOW);
      assert.deepEqual(await store.tasks.purge(NOW + 1), [1, 3]);
      assert.equal((await insert(store)).id, 4);
    },
  },
  {
    name: "a task that another waits for is not purged",
    run: async ({ store }) => {
      await insert(store);
      await insert(store, { dependsOn: after(1) });
      await cancel(store, 1, NOW);
      assert.deepEqual(await store.tasks.purge(NOW + 1), []);
      await cancel(store, 2, NOW);
      assert.deepEqual(await store.tasks.purge(NOW + 1), [1, 2]);
    },
  },
  {
    name: "a task that another needed and got is purged",
    run: async ({ store }) => {
      await succeed(store);
      await insert(store, { dependsOn: after(1) });
      await change(store, 1, { type: "trash", at: NOW, by: "ann" });
      assert.deepEqual(await store.tasks.purge(NOW + 1), [1]);
      assert.deepEqual((await store.tasks.get(2))?.dependsOn, after(1));
      await start(store, 2);
    },
  },
];

async function cancel(store: Store, id: number, at: number): Promise<void> {
  await change(store, id, { type: "cancel", at, by: "ann", reason: null });
}
