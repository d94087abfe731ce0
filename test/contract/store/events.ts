import assert from "node:assert/strict";
import type { NewEvent } from "../../../src/core/event.ts";
import { change, type ContractCase, insert, NOW, recovery, start } from "./contract.ts";

const OBSERVED: NewEvent = {
  type: "quota.observed",
  at: NOW,
  taskId: null,
  attempt: null,
  data: { used: 0.5, nested: { list: [1, "two", null] } },
};

/** The log only grows; those who follow it keep their place. */
export const eventCases: readonly ContractCase[] = [
  {
    name: "an appended event gets the next number and comes back whole",
    run: async ({ store }) => {
      assert.equal(await store.events.lastSeq(), 0);
      assert.deepEqual(await store.events.append(OBSERVED), { seq: 1, ...OBSERVED });
      const denied: NewEvent = {
        type: "attempt.denied",
        at: NOW + 1,
        taskId: 7,
        attempt: 3,
        data: {},
      };
      assert.deepEqual(await store.events.append(denied), { seq: 2, ...denied });
      assert.equal(await store.events.lastSeq(), 2);
      assert.deepEqual(await store.events.after(0, 10), [
        { seq: 1, ...OBSERVED },
        { seq: 2, ...denied },
      ]);
    },
  },
  {
    name: "events are read after a number, as many as asked, by task and by type",
    run: async ({ store }) => {
      await insert(store); // 1
      await insert(store); // 2
      await store.events.append(OBSERVED); // 3
      await start(store, 1); // 4
      await start(store, 2); // 5
      const seqs = async (...args: Parameters<typeof store.events.after>): Promise<number[]> =>
        (await store.events.after(...args)).map(({ seq }) => seq);
      assert.deepEqual(await seqs(0, 2), [1, 2]);
      assert.deepEqual(await seqs(2, 2), [3, 4]);
      assert.deepEqual(await seqs(5, 2), []);
      assert.deepEqual(await seqs(0, 9, { taskId: 1 }), [1, 4]);
      assert.deepEqual(await seqs(1, 9, { taskId: 1 }), [4]);
      assert.deepEqual(await seqs(0, 9, { types: ["task.admitted", "quota.observed"] }), [3, 4, 5]);
      assert.deepEqual(await seqs(0, 9, { types: [] }), []);
      assert.deepEqual(await seqs(0, 1, { taskId: 2, types: ["task.admitted"] }), [5]);
      await store.events.append({ ...OBSERVED, type: "attempt.denied", taskId: 1 }); // 6
      await store.attempts.say(1, NOW, "ann", "Hello?"); // 7
      await store.events.append({ ...OBSERVED, taskId: 99 }); // 8
      await change(store, 1, recovery("lease-1")); // 9, 10
      assert.deepEqual(await seqs(0, 9, { taskId: 1 }), [1, 4, 6, 7, 9, 10]);
      assert.deepEqual(await seqs(4, 2, { taskId: 1 }), [6, 7]);
      assert.deepEqual(await seqs(10, 2, { taskId: 1 }), []);
      assert.deepEqual(await seqs(0, 9, { taskId: 99 }), [8]);
    },
  },
  {
    name: "writers that race get numbers without gaps",
    run: async ({ store }) => {
      const events = await Promise.all(
        Array.from({ length: 20 }, () => store.events.append(OBSERVED)),
      );
      assert.deepEqual(
        events.map(({ seq }) => seq).sort((a, b) => a - b),
        Array.from({ length: 20 }, (_, index) => index + 1),
      );
    },
  },
  {
    name: "a cursor begins at zero and moves forward only",
    run: async ({ store }) => {
      assert.equal(await store.events.cursor("slack"), 0);
      await store.events.moveCursor("slack", 5);
      await store.events.moveCursor("slack", 3);
      await store.events.moveCursor("mail", 9);
      assert.equal(await store.events.cursor("slack"), 5);
      await store.events.moveCursor("slack", 6);
      assert.equal(await store.events.cursor("slack"), 6);
      assert.equal(await store.events.cursor("mail"), 9);
    },
  },
];
