import assert from "node:assert/strict";
import type { Store } from "../../../src/ports/store.ts";
import { StoreUnavailable } from "../../../src/ports/store.ts";
import {
  after,
  change,
  conclusion,
  type ContractCase,
  everything,
  insert,
  NOW,
  request,
  rulesWith,
  start,
} from "./contract.ts";

/** Hints, sharing and the end of a store. */
export const lifeCases: readonly ContractCase[] = [
  {
    name: "a write is hinted at to everyone who watches",
    run: async ({ store }) => {
      const [one, two] = [watching(store), watching(store)];
      await insert(store);
      await Promise.all([one.hinted(), two.hinted()]);
      one.stop();
      two.stop();
    },
  },
  {
    name: "a write without an event is hinted at as well",
    run: async ({ store }) => {
      await insert(store);
      await start(store, 1);
      const watch = watching(store);
      await store.attempts.renew(1, "lease-1", NOW + 1);
      await watch.hinted();
      watch.stop();
    },
  },
  {
    name: "whoever stopped watching hears nothing more",
    run: async ({ store }) => {
      const [gone, here] = [watching(store), watching(store)];
      gone.stop();
      gone.stop();
      await insert(store);
      await here.hinted();
      assert.equal(gone.count(), 0);
      here.stop();
    },
  },
  {
    name: "who acts on hints by reading and by refused writes comes to rest",
    run: async ({ store }) => {
      await insert(store);
      await insert(store);
      let turns = 0;
      let turning = Promise.resolve();
      const rules = rulesWith({ parallelMax: 1 });
      const turn = async (): Promise<void> => {
        turns += 1;
        await store.tasks.heads(NOW, 1);
        await store.tasks.admit(request(1, { rules }));
        await store.tasks.admit(request(2, { rules }));
        await store.attempts.renew(2, "lease-2", NOW);
      };
      const watch = store.watch(() => {
        turning = turning.then(turn);
      });
      const other = watching(store);
      await insert(store);
      await other.hinted();
      // Each of the three writes (two admitted at most one) may be hinted at; refusals may not.
      for (let i = 0; i < 20; i += 1) {
        await turning;
        await store.tasks.counts();
      }
      watch[Symbol.dispose]();
      other.stop();
      assert.ok(turns <= 6, `${turns} turns`);
    },
  },
  {
    name: "a closed store refuses every call",
    run: async ({ store }) => {
      await insert(store);
      await store[Symbol.asyncDispose]();
      await store[Symbol.asyncDispose]();
      const isClosed = (error: unknown): boolean =>
        error instanceof StoreUnavailable && error.kind === "broken";
      await assert.rejects(store.tasks.get(1), isClosed);
      await assert.rejects(insert(store), isClosed);
    },
  },
  {
    name: "a fresh store is sound and can be tidied",
    run: async ({ store }) => {
      await insert(store);
      await start(store, 1);
      await store.care.vacuum();
      assert.deepEqual(await store.care.check(), []);
      assert.equal((await store.tasks.get(1))?.state, "running");
    },
  },
  {
    name: "what was written is there when the data is opened again",
    needsAgain: true,
    run: async ({ store, again }) => {
      await insert(store);
      await insert(store, { dependsOn: after(1) });
      await start(store, 1);
      await store.attempts.say(1, NOW, "ann", "Hello?");
      const before = await everything(store);
      await store[Symbol.asyncDispose]();
      await using reopened = await opened(again);
      assert.deepEqual(await everything(reopened), before);
      await change(reopened, 1, conclusion("lease-1"));
      assert.equal((await reopened.tasks.get(2))?.unmetDependencies, 0);
    },
  },
  {
    name: "two openings see each other's writes, and hint at them",
    needsAgain: true,
    run: async ({ store, again }) => {
      await using other = await opened(again);
      const watch = watching(other);
      await insert(store);
      await watch.hinted();
      watch.stop();
      assert.equal((await other.tasks.get(1))?.state, "queued");
      await start(other, 1);
      assert.deepEqual(await store.tasks.get(1), await other.tasks.get(1));
    },
  },
  {
    name: "openings that race never start more than may run at once",
    needsAgain: true,
    run: async ({ store, again }) => {
      await using other = await opened(again);
      for (let i = 0; i < 16; i += 1) await insert(store);
      const rules = rulesWith({ parallelMax: 5 });
      const answers = await Promise.all(
        Array.from({ length: 32 }, (_, index) => {
          const lease = { id: `lease-${index}`, owner: `host/${index % 2}`, expiresAt: NOW };
          const claim = request((index % 16) + 1, { rules, lease });
          return (index < 16 ? store : other).tasks.admit(claim);
        }),
      );
      assert.equal(answers.filter(({ ok }) => ok).length, 5);
      assert.equal((await other.attempts.running()).length, 5);
    },
  },
];

async function opened(again: (() => Promise<Store>) | undefined): Promise<Store> {
  if (again === undefined) throw new Error("this data cannot be opened again");
  return again();
}

/** Counts hints; `hinted` resolves at the first since it was made. */
function watching(store: Store): {
  readonly hinted: () => Promise<void>;
  readonly count: () => number;
  readonly stop: () => void;
} {
  const first = Promise.withResolvers<void>();
  let count = 0;
  const watch = store.watch(() => {
    count += 1;
    first.resolve();
  });
  return {
    hinted: () => first.promise,
    count: () => count,
    stop: () => watch[Symbol.dispose](),
  };
}
