import assert from "node:assert/strict";
import { HISTORY_MS, HOUR_MS as HOUR } from "../../../src/core/forecast/history.ts";
import type { QuotaWindow } from "../../../src/core/quota.ts";
import type { Store } from "../../../src/ports/store.ts";
import type { UsageEntry } from "../../../src/ports/usage-store.ts";
import {
  aProject,
  change,
  conclusion,
  type ContractCase,
  CRASHED,
  eventTypes,
  insert,
  NOW,
  start,
} from "./contract.ts";

const WINDOW: QuotaWindow = {
  provider: "anthropic",
  window: "five_hour",
  used: 0.2,
  resetsAt: NOW + 1000,
  status: "open",
  source: "observed",
  observedAt: NOW,
};

/** Quota windows as last seen, and the ledger of what was used. */
export const usageCases: readonly ContractCase[] = [
  {
    name: "windows are kept by provider and name",
    run: async ({ store }) => {
      const other = { ...WINDOW, window: "seven_day", used: null, resetsAt: null };
      const third = { ...WINDOW, provider: "acme", source: "estimated" } as const;
      assert.deepEqual(await store.usage.windows(), []);
      await store.usage.observe([other, WINDOW, third]);
      assert.deepEqual(await store.usage.windows(), [third, WINDOW, other]);
      assert.deepEqual((await store.shared.facts({ day: 0, night: null })).quotaWindows, [
        third,
        WINDOW,
        other,
      ]);
    },
  },
  {
    name: "the newest look counts, an older one changes nothing",
    run: async ({ store }) => {
      const newer = { ...WINDOW, used: 0.9, observedAt: NOW + 2 };
      await store.usage.observe([newer]);
      const seq = await store.events.lastSeq();
      await store.usage.observe([{ ...WINDOW, used: 0.1, observedAt: NOW + 1 }]);
      assert.deepEqual(await store.usage.windows(), [newer]);
      assert.equal(await store.events.lastSeq(), seq);
    },
  },
  {
    name: "a closed window stays closed until its reset, whatever a slower answer says",
    run: async ({ store }) => {
      const closed = { ...WINDOW, used: 1, status: "closed" } as const;
      await store.usage.observe([closed]);
      await store.usage.observe([{ ...WINDOW, observedAt: NOW + 999 }]);
      assert.deepEqual(await store.usage.windows(), [closed]);
      const open = { ...WINDOW, used: 0, resetsAt: NOW + 5000, observedAt: NOW + 1000 };
      await store.usage.observe([open]);
      assert.deepEqual(await store.usage.windows(), [open]);
    },
  },
  {
    name: "a look is told of when use moved by a point since it was last told, or it closed",
    run: async ({ store }) => {
      await observeAll(store, [0.2, 0.2, 0.204, 0.208, 0.21, 0.215]);
      assert.deepEqual(await eventTypes(store), ["quota.observed", "quota.observed"]);
      const closed = { ...WINDOW, used: 1, status: "closed", observedAt: NOW + 10 } as const;
      await store.usage.observe([closed]);
      await store.usage.observe([{ ...closed, observedAt: NOW + 11 }]);
      assert.deepEqual(await eventTypes(store, 2), ["quota.observed", "quota.closed"]);
      const { provider, window, used, resetsAt, status, source } = closed;
      assert.deepEqual((await store.events.after(3, 1))[0], {
        seq: 4,
        type: "quota.closed",
        at: NOW + 10,
        taskId: null,
        attempt: null,
        data: { provider, window, used, resetsAt, status, source },
      });
    },
  },
  {
    name: "use is added to the attempt and to the ledger",
    run: async ({ store }) => {
      await insert(store);
      await start(store, 1);
      await store.usage.add(entry({ usd: 0.5 }));
      await store.usage.add(entry({ usd: 0.25, model: "haiku" }));
      const [attempt] = await store.attempts.ofTask(1);
      assert.deepEqual(
        [attempt?.tokens, attempt?.usd],
        [{ input: 2, output: 4, cacheRead: 6, cacheWrite: 8 }, 0.75],
      );
      assert.equal((await store.shared.facts({ day: NOW, night: null })).usdToday, 0.75);
      assert.equal((await store.shared.facts({ day: NOW + 1, night: null })).usdToday, 0);
    },
  },
  {
    name: "use is added to the task, over all its attempts",
    run: async ({ store }) => {
      await insert(store);
      await start(store, 1);
      const tokens = { input: 100, output: 20, cacheRead: 19, cacheWrite: 5 };
      await store.usage.add(entry({ usd: 0.5, tokens }));
      await change(store, 1, conclusion("lease-1", CRASHED));
      await change(store, 1, { type: "retry", at: NOW, by: "ann", note: null });
      await start(store, 1, { lease: { id: "lease-2", owner: "host/1", expiresAt: NOW } });
      await store.usage.add(entry({ usd: 0.25, attempt: 2, tokens }));
      const task = await store.tasks.get(1);
      // 38 tokens from the cache count as 3.
      assert.deepEqual(task?.spent, { usd: 0.75, tokens: 253 });
      await store.usage.add(entry({ taskId: 99 }));
    },
  },
  {
    name: "spending is counted by day, by night and by project, whatever becomes of the tasks",
    run: async ({ store }) => {
      const budget = { usd: 4, tokens: null };
      await store.projects.add(aProject({ budget }));
      await store.projects.add(aProject({ name: "web" }));
      await insert(store);
      await insert(store, { project: "backend" });
      await start(store, 2);
      await store.usage.add(entry({ at: NOW - 1, taskId: 2, usd: 8 }));
      await store.usage.add(entry({ at: NOW, taskId: 2, usd: 1 }));
      await store.usage.add(entry({ at: NOW + 1, taskId: 1, usd: 2 }));
      await store.usage.add(entry({ at: NOW + 2, taskId: 2, usd: 4 }));
      await change(store, 2, { type: "cancel", at: NOW, by: "ann", reason: null });
      await change(store, 2, conclusion("lease-2", CRASHED));
      await store.tasks.purge(NOW + 9999);
      const facts = await store.shared.facts({ day: NOW, night: NOW + 2 });
      assert.equal(facts.usdToday, 7);
      // Of one entry with 1, 2, 3 and 4 tokens, those 3 from the cache do not make one.
      assert.deepEqual(facts.spending, {
        tokensToday: 21,
        tonight: { usd: 4, tokens: 7 },
        projects: {
          backend: { spentToday: { usd: 5, tokens: 14 }, budget },
          web: { spentToday: { usd: 0, tokens: 0 }, budget: null },
        },
      });
      const later = await store.shared.facts({ day: NOW + 3, night: null });
      assert.equal(later.spending?.tonight, null);
      assert.equal(later.spending?.tokensToday, 0);
    },
  },
  {
    name: "totals are by provider and model, since a time",
    run: async ({ store }) => {
      await store.usage.add(entry({ at: NOW - 1, usd: 8 }));
      await store.usage.add(entry({ usd: 0.5 }));
      await store.usage.add(entry({ usd: 0.5, attempt: 2 }));
      await store.usage.add(entry({ usd: 0.5, attempt: 2 }));
      await store.usage.add(entry({ usd: 2, model: "haiku" }));
      await store.usage.add(entry({ usd: 4, provider: "acme" }));
      const once = { input: 1, output: 2, cacheRead: 3, cacheWrite: 4 };
      const thrice = { input: 3, output: 6, cacheRead: 9, cacheWrite: 12 };
      assert.deepEqual(await store.usage.totals(NOW), [
        { provider: "acme", model: "opus", attempts: 1, tokens: once, usd: 4 },
        { provider: "anthropic", model: "haiku", attempts: 1, tokens: once, usd: 2 },
        { provider: "anthropic", model: "opus", attempts: 2, tokens: thrice, usd: 1.5 },
      ]);
      assert.deepEqual(await store.usage.totals(NOW + 1), []);
    },
  },
  {
    name: "passing one of the given levels is told",
    run: async ({ store }) => {
      await store.usage.observe([{ ...WINDOW, used: 0.7 }], [0.8]);
      await store.usage.observe([{ ...WINDOW, used: 0.85, observedAt: NOW + 1 }], [0.8]);
      await store.usage.observe([{ ...WINDOW, used: 0.9, observedAt: NOW + 2 }], [0.8]);
      const types = await eventTypes(store);
      assert.deepEqual(
        types.filter((type) => type === "quota.alert"),
        ["quota.alert"],
      );
    },
  },
  {
    name: "what two looks say of the time between is added up by the hour, and forgotten in time",
    run: async ({ store }) => {
      const hourAt = Math.ceil(NOW / HOUR) * HOUR;
      const seen = (at: number, used: number): QuotaWindow => {
        return { ...WINDOW, used, resetsAt: hourAt + 4 * HOUR, observedAt: at };
      };
      await store.usage.observe([seen(hourAt, 0.25)]);
      await store.usage.observe([seen(hourAt + HOUR / 4, 0.5)]);
      await store.usage.observe([seen(hourAt + HOUR / 2, 0.5), seen(hourAt + 1.5 * HOUR, 0.75)]);
      // What is older than the last look says nothing.
      await store.usage.observe([seen(hourAt + HOUR, 1)]);
      const key = { provider: "anthropic", window: "five_hour" };
      const hours = [
        { ...key, hourAt, seenMs: HOUR, used: 0.375 },
        { ...key, hourAt: hourAt + HOUR, seenMs: HOUR / 2, used: 0.125 },
      ];
      assert.deepEqual((await store.usage.history(0)).hours, hours);
      assert.deepEqual((await store.usage.history(hourAt + 1)).hours, [hours[1]]);
      // A look by a clock that is far ahead makes nothing be forgotten, the next one soon after does.
      const later = hourAt + HISTORY_MS + HOUR / 2;
      const resetsAt = later + HOUR;
      await store.usage.observe([{ ...WINDOW, resetsAt, observedAt: later }]);
      assert.deepEqual((await store.usage.history(0)).hours[0], hours[0]);
      await store.usage.observe([{ ...WINDOW, resetsAt, observedAt: later + 1 }]);
      assert.deepEqual((await store.usage.history(0)).hours[0], hours[1]);
    },
  },
  {
    name: "runs that ended are remembered with what they were like",
    run: async ({ store }) => {
      const model = { model: "opus", kind: "serious", project: "backend" } as const;
      await store.projects.add(aProject());
      const { id } = await insert(store, model);
      await start(store, id);
      const lease = `lease-${id}`;
      await store.attempts.update(id, lease, { startedAt: NOW + 1 });
      await store.usage.add(entry({ taskId: id, usd: 0.5 }));
      assert.deepEqual((await store.usage.history(0)).runs, []);
      await store.tasks.change(id, { ...conclusion(lease), at: NOW + 5 });
      // One that never began is none.
      const other = await insert(store);
      await start(store, other.id);
      await store.tasks.change(other.id, conclusion(`lease-${other.id}`));
      const run = { executor: "claude", ...model, startedAt: NOW + 1, endedAt: NOW + 5, usd: 0.5 };
      assert.deepEqual((await store.usage.history(0)).runs, [run]);
      assert.deepEqual((await store.usage.history(NOW + 2)).runs, []);
    },
  },
];

async function observeAll(store: Store, shares: readonly number[]): Promise<void> {
  for (const [index, used] of shares.entries()) {
    await store.usage.observe([{ ...WINDOW, used, observedAt: NOW + index }]);
  }
}

function entry(patch: Partial<UsageEntry>): UsageEntry {
  return {
    at: NOW,
    taskId: 1,
    attempt: 1,
    provider: "anthropic",
    model: "opus",
    tokens: { input: 1, output: 2, cacheRead: 3, cacheWrite: 4 },
    usd: 0,
    ...patch,
  };
}
