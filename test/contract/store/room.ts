import assert from "node:assert/strict";
import type { QueueLimits } from "../../../src/core/queue.ts";
import type { NewTask, Store } from "../../../src/ports/store.ts";
import {
  after,
  asked,
  type ContractCase,
  everything,
  insert,
  MINUTE_MS,
  NOW,
  start,
} from "./contract.ts";

const WIDE: QueueLimits = { max: 100, maxPerSource: 100, sources: {} };

/** How many tasks the queue takes, and which give way. */
export const roomCases: readonly ContractCase[] = [
  {
    name: "a full queue refuses, whatever its tasks wait for, and leaves no trace",
    run: async ({ store }) => {
      await insert(store);
      await insert(store, { notBefore: NOW + MINUTE_MS });
      await insert(store, { dependsOn: after(1), source: "webhook" });
      const before = await everything(store);
      assert.deepEqual(await store.tasks.insert(asked(), { ...WIDE, max: 3 }), {
        ok: false,
        refusal: { reason: "queue-full", source: null, queued: 3, max: 3 },
      });
      assert.deepEqual(await store.tasks.insert(asked(), { ...WIDE, maxPerSource: 2 }), {
        ok: false,
        refusal: { reason: "queue-full", source: "cli", queued: 2, max: 2 },
      });
      assert.deepEqual(await everything(store), before);
      const webhook = { ...WIDE, maxPerSource: 1, sources: { cli: 3 } };
      assert.equal((await store.tasks.insert(asked(), webhook)).ok, true);
      assert.equal((await store.tasks.insert(asked({ source: "webhook" }), webhook)).ok, false);
      assert.equal((await store.tasks.insert(asked({ source: "http" }), webhook)).ok, true);
    },
  },
  {
    name: "what runs, waits for a person or has ended takes no place",
    run: async ({ store }) => {
      await insert(store);
      await start(store, 1);
      assert.equal((await store.tasks.insert(asked(), { ...WIDE, max: 1 })).ok, true);
      assert.equal((await store.tasks.insert(asked(), { ...WIDE, max: 1 })).ok, false);
    },
  },
  {
    name: "the newest generated task gives its place to any other, which is told",
    run: async ({ store }) => {
      const limits = { ...WIDE, max: 3 };
      await insert(store, { kind: "generated", source: "generator" });
      await insert(store, { kind: "generated", source: "generator", notBefore: NOW + 1 });
      await insert(store);
      assert.deepEqual(await refusal(store, { kind: "generated" }, limits), "queue-full");
      const seq = await store.events.lastSeq();
      assert.equal((await store.tasks.insert(asked({ at: NOW + 5 }), limits)).ok, true);
      const shed = await store.tasks.get(2);
      assert.deepEqual([shed?.state, shed?.trashedAt], ["cancelled", NOW + 5]);
      const reason = "All 3 places in the queue are taken; it gave its place to another task.";
      assert.deepEqual((await store.events.after(seq, 1))[0], {
        seq: seq + 1,
        type: "task.cancelled",
        at: NOW + 5,
        taskId: 2,
        attempt: null,
        data: { by: "queue", reason },
      });
      assert.equal((await store.tasks.insert(asked(), limits)).ok, true);
      assert.equal((await store.tasks.get(1))?.state, "cancelled");
      assert.equal(await refusal(store, {}, limits), "queue-full");
      assert.equal((await store.tasks.counts()).queued, 3);
    },
  },
  {
    name: "who gives way leaves a decision behind, and is not what the newcomer waits for",
    run: async ({ store }) => {
      const limits = { ...WIDE, max: 3 };
      await insert(store, { kind: "generated" });
      await insert(store, { kind: "generated" });
      await insert(store, { dependsOn: after(1) });
      assert.equal(await refusal(store, { dependsOn: after(2) }, limits), null);
      assert.equal((await store.tasks.get(1))?.state, "cancelled");
      assert.equal((await store.tasks.get(2))?.state, "queued");
      const told = await store.events.after(0, 9, { types: ["dependents.blocked"] });
      assert.deepEqual(
        told.map(({ taskId }) => taskId),
        [1],
      );
      assert.equal(await refusal(store, { dependsOn: after(2) }, limits), "queue-full");
    },
  },
  {
    name: "a way in that is full is helped by no task of another",
    run: async ({ store }) => {
      const limits = { ...WIDE, maxPerSource: 1 };
      await insert(store, { kind: "generated", source: "generator" });
      await insert(store);
      assert.equal(await refusal(store, {}, limits), "queue-full");
      assert.equal((await store.tasks.get(1))?.state, "queued");
      await insert(store, { kind: "generated", source: "http", notBefore: NOW + 1 });
      await insert(store, { kind: "generated", source: "http" });
      assert.equal(await refusal(store, { source: "http" }, { ...limits, maxPerSource: 2 }), null);
      assert.equal((await store.tasks.get(4))?.state, "cancelled");
      assert.equal(await refusal(store, { source: "http" }, { ...limits, maxPerSource: 2 }), null);
      assert.equal((await store.tasks.get(3))?.state, "cancelled");
    },
  },
];

async function refusal(
  store: Store,
  patch: Partial<NewTask>,
  limits: QueueLimits,
): Promise<string | null> {
  const inserted = await store.tasks.insert(asked(patch), limits);
  return inserted.ok ? null : inserted.refusal.reason;
}
