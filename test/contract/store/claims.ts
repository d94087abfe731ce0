import assert from "node:assert/strict";
import { type Budget, type BudgetRules, NO_BUDGETS } from "../../../src/core/budget.ts";
import type { Store } from "../../../src/ports/store.ts";
import {
  after,
  aProject,
  asked,
  change,
  conclusion,
  type ContractCase,
  CRASHED,
  everything,
  insert,
  LOCAL,
  MINUTE_MS,
  NOW,
  request,
  rulesWith,
  start,
} from "./contract.ts";

/** Which tasks may start next, and who gets to start them. */
export const claimCases: readonly ContractCase[] = [
  {
    name: "heads are the first of every lane, lane by lane, each in its order",
    run: async ({ store }) => {
      await insert(store); // 1
      await insert(store, { at: NOW - 1 }); // 2, older
      await insert(store, { priority: "high" }); // 3
      await insert(store, { kind: "generated" }); // 4
      await insert(store, { model: "opus" }); // 5
      await insert(store, { model: "opus" }); // 6
      assert.deepEqual(await heads(store, NOW, 1), [4, 3, 5]);
      assert.deepEqual(await heads(store, NOW, 2), [4, 3, 2, 5, 6]);
      assert.deepEqual(await heads(store, NOW, 9), [4, 3, 2, 1, 5, 6]);
      assert.deepEqual((await store.tasks.heads(NOW, 1))[0], await store.tasks.get(4));
    },
  },
  {
    name: "no head is running, finished, early or waiting for another",
    run: async ({ store }) => {
      await start(store, (await insert(store)).id);
      await insert(store, { notBefore: NOW + 1 }); // 2
      await insert(store, { dependsOn: after(1) }); // 3
      await insert(store, { notBefore: NOW }); // 4
      assert.deepEqual(await heads(store, NOW, 9), [4]);
      await change(store, 4, { type: "cancel", at: NOW, by: "ann", reason: null });
      assert.deepEqual(await heads(store, NOW, 9), []);
    },
  },
  {
    name: "a task is a head from its time on, and no longer when the clock was set back",
    run: async ({ store }) => {
      await insert(store, { at: NOW - 5, notBefore: NOW + MINUTE_MS }); // 1: first in its lane
      await insert(store); // 2
      assert.deepEqual(await heads(store, NOW, 1), [2]);
      assert.deepEqual(await heads(store, NOW + MINUTE_MS - 1, 1), [2]);
      assert.deepEqual(await heads(store, NOW + MINUTE_MS, 1), [1]);
      assert.deepEqual(await heads(store, NOW, 1), [2]);
      assert.deepEqual(await heads(store, NOW + 60 * MINUTE_MS, 2), [1, 2]);
      assert.equal((await store.tasks.get(1))?.version, 1);
    },
  },
  {
    name: "the next due time is the first ahead that only time holds",
    run: async ({ store }) => {
      assert.equal(await store.tasks.nextDueAt(NOW), null);
      await insert(store, { notBefore: NOW + 30 });
      await insert(store, { notBefore: NOW + 10 });
      await insert(store, { notBefore: NOW + 20 });
      await insert(store, { notBefore: NOW + 5, dependsOn: after(1) });
      await insert(store, { notBefore: NOW });
      assert.equal(await store.tasks.nextDueAt(NOW), NOW + 10);
      await heads(store, NOW + 20, 9);
      assert.equal(await store.tasks.nextDueAt(NOW + 20), NOW + 30);
      assert.equal(await store.tasks.nextDueAt(NOW), NOW + 10);
      assert.equal(await store.tasks.nextDueAt(NOW + 30), null);
    },
  },
  {
    name: "a task that is tried again is a head when its pause is over",
    run: async ({ store }) => {
      await insert(store);
      await start(store, 1);
      const outcome = { type: "failed", failure: "crash", message: "x", retryAt: NOW + 9 } as const;
      await change(store, 1, conclusion("lease-1", outcome, NOW + 1));
      assert.deepEqual(await heads(store, NOW + 8, 1), []);
      assert.deepEqual(await heads(store, NOW + 9, 1), [1]);
    },
  },
  {
    name: "an edited task takes its new place in its lane",
    run: async ({ store }) => {
      await insert(store);
      await insert(store);
      await change(store, 2, { type: "edit", at: NOW, by: "ann", priority: "high" });
      assert.deepEqual(await heads(store, NOW, 9), [2, 1]);
      await change(store, 2, { type: "edit", at: NOW, by: "ann", notBefore: NOW + 1 });
      assert.deepEqual(await heads(store, NOW, 9), [1]);
      await change(store, 2, { type: "edit", at: NOW, by: "ann", notBefore: null });
      assert.deepEqual(await heads(store, NOW, 9), [2, 1]);
    },
  },
  {
    name: "an admitted task runs under its lease, with a fresh attempt and an event",
    run: async ({ store }) => {
      const queued = await insert(store, { model: "opus" });
      const lease = { id: "lease", owner: "host/1", expiresAt: NOW + MINUTE_MS };
      const admitted = await store.tasks.admit(request(1, { lease, at: NOW + 7 }));
      const task = {
        ...queued,
        version: 2,
        state: "running",
        attempt: 1,
        attemptsUsed: 1,
        lease,
        updatedAt: NOW + 7,
      };
      const attempt = {
        taskId: 1,
        number: 1,
        leaseId: "lease",
        owner: "host/1",
        executor: "claude",
        model: "opus",
        sessionId: null,
        resumed: false,
        workspace: null,
        process: null,
        admittedAt: NOW + 7,
        startedAt: null,
        endedAt: null,
        outcome: null,
        verdict: null,
        tokens: { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 },
        usd: 0,
        progress: null,
        results: null,
        steps: [],
      };
      assert.deepEqual(admitted, { ok: true, task, attempt });
      assert.deepEqual(await store.tasks.get(1), task);
      assert.deepEqual(await store.attempts.ofTask(1), [attempt]);
      assert.deepEqual(await store.attempts.running(), [{ attempt, lease }]);
      const data = { attempt: 1, owner: "host/1" };
      assert.deepEqual(await store.events.after(1, 10), [
        { seq: 2, type: "task.admitted", at: NOW + 7, taskId: 1, attempt: 1, data },
      ]);
    },
  },
  {
    name: "what is not there or not queued is not admitted, without a trace",
    run: async ({ store }) => {
      await insert(store);
      await start(store, 1);
      const before = await everything(store);
      assert.deepEqual(await store.tasks.admit(request(9)), {
        ok: false,
        refusal: { reason: "not-found" },
        holds: [],
      });
      const again = await store.tasks.admit(request(1));
      assert.equal(!again.ok && again.refusal.reason, "wrong-state");
      assert.deepEqual(!again.ok && again.holds, []);
      assert.deepEqual(await everything(store), before);
    },
  },
  {
    name: "every hold is found again at the claim, and leaves no trace",
    run: async ({ store }) => {
      await store.projects.add(aProject({ parallelMax: 1 }));
      await start(store, (await insert(store, { project: "backend" })).id); // 1
      await insert(store, { project: "backend" }); // 2: the project has its share
      await insert(store, { dependsOn: after(1) }); // 3
      await insert(store, { notBefore: NOW + 1 }); // 4
      await insert(store); // 5
      const { id } = await insert(store); // 6
      const before = await everything(store);
      assert.deepEqual(await heldBy(store, 2), ["project-turn"]);
      assert.deepEqual(await heldBy(store, 3), ["dependencies"]);
      assert.deepEqual(await heldBy(store, 4), ["not-before"]);
      const full = { rules: rulesWith({ parallelMax: 1 }) };
      assert.deepEqual(await heldBy(store, 5, full), ["capacity"]);
      assert.deepEqual(await heldBy(store, 2, full), ["capacity", "project-turn"]);
      assert.deepEqual(await everything(store), before);
      await start(store, id);
    },
  },
  {
    name: "admission, quota and budget are judged as they are stored now",
    run: async ({ store }) => {
      await insert(store);
      await store.shared.setAdmission({ mode: "paused", until: null, by: "ann" }, NOW);
      assert.deepEqual(await heldBy(store, 1), ["paused"]);
      await store.shared.setAdmission({ mode: "open", until: null, by: "ann" }, NOW);
      const window = { provider: "anthropic", window: "five_hour", used: 1, observedAt: NOW };
      const shut = { ...window, resetsAt: NOW + 9, status: "closed", source: "observed" } as const;
      await store.usage.observe([shut]);
      assert.deepEqual(await heldBy(store, 1), ["quota"]);
      await store.usage.observe([
        { ...shut, status: "open", used: 0, resetsAt: NOW + 99, observedAt: NOW + 9 },
      ]);
      const tokens = { input: 1, output: 1, cacheRead: 0, cacheWrite: 0 };
      const spent = { taskId: 1, attempt: 1, provider: "anthropic", model: "opus", tokens, usd: 3 };
      await store.usage.add({ ...spent, at: NOW });
      await store.usage.add({ ...spent, at: NOW - 24 * 60 * MINUTE_MS });
      assert.deepEqual(
        await heldBy(store, 1, {
          rules: rulesWith({ budgets: { ...NO_BUDGETS, day: { usd: 3, tokens: null } } }),
        }),
        ["budget"],
      );
      await start(store, 1, {
        rules: rulesWith({ budgets: { ...NO_BUDGETS, day: { usd: 4, tokens: null } } }),
      });
    },
  },
  {
    name: "tasks of a project that touch the same files are not admitted together",
    run: async ({ store }) => {
      await store.projects.add(aProject({ parallelMax: 9 }));
      await store.projects.add(aProject({ name: "web", parallelMax: 9 }));
      await insert(store, { project: "backend", touches: ["src/api"] });
      await insert(store, { project: "backend", touches: ["src/api/a.ts"] });
      await insert(store, { project: "backend", touches: ["docs"] });
      await insert(store, { project: "web", touches: ["src/api"] });
      await start(store, 1);
      assert.deepEqual(await heldBy(store, 2), ["conflict"]);
      await start(store, 3);
      await start(store, 4);
      await change(store, 1, conclusion("lease-1"));
      await start(store, 2);
      assert.deepEqual((await store.shared.facts({ day: NOW, night: null })).running[0], {
        id: 2,
        project: "backend",
        kind: "thought",
        executor: "claude",
        model: null,
        admittedAt: NOW,
        touches: ["src/api/a.ts"],
      });
    },
  },
  {
    name: "every budget is judged by what is spent now",
    run: async ({ store }) => {
      await store.projects.add(aProject());
      await insert(store, { project: "backend" });
      await insert(store, { budget: usd(5) });
      const tokens = { input: 1, output: 1, cacheRead: 0, cacheWrite: 0 };
      const spent = { attempt: 1, provider: "anthropic", model: "opus", tokens, usd: 3, at: NOW };
      await store.usage.add({ ...spent, taskId: 1 });
      const rules = (budgets: Partial<BudgetRules>) => ({
        rules: rulesWith({ budgets: { ...NO_BUDGETS, ...budgets } }),
      });
      assert.deepEqual(await heldBy(store, 1, rules({ project: usd(3) })), ["budget"]);
      assert.deepEqual(await heldBy(store, 1, rules({ night: usd(3) })), ["budget"]);
      assert.deepEqual(await heldBy(store, 1, rules({ day: { usd: null, tokens: 2 } })), [
        "budget",
      ]);
      await store.projects.change("backend", { budget: usd(2) }, NOW);
      assert.deepEqual(await heldBy(store, 1), ["budget"]);
      await store.projects.change("backend", { budget: usd(4) }, NOW);
      await start(store, 1, rules({ project: usd(3), night: usd(4), day: usd(4) }));
      await start(store, 2, { rules: rulesWith(), lease: { id: "l", owner: "o", expiresAt: NOW } });
    },
  },
  {
    name: "a task whose budget is spent waits for a person instead of being tried again",
    run: async ({ store }) => {
      await insert(store, { budget: usd(2) });
      await start(store, 1);
      const tokens = { input: 1, output: 1, cacheRead: 0, cacheWrite: 0 };
      const spent = {
        taskId: 1,
        attempt: 1,
        provider: "anthropic",
        model: "opus",
        tokens,
        at: NOW,
      };
      await store.usage.add({ ...spent, usd: 2 });
      await change(store, 1, conclusion("lease-1", CRASHED));
      assert.equal((await store.tasks.get(1))?.state, "waiting");
      const retry = { type: "retry", at: NOW, by: "ann", note: null } as const;
      const refused = await store.tasks.change(1, retry);
      assert.equal(!refused.ok && refused.refusal.reason, "wrong-state");
      await change(store, 1, { ...retry, budget: usd(3) });
      assert.deepEqual((await store.tasks.get(1))?.budget, usd(3));
      assert.deepEqual(await heads(store, NOW, 1), [1]);
      await change(store, 1, { ...retry, budget: null });
      assert.equal((await store.tasks.get(1))?.budget, null);
    },
  },
  {
    name: "callers that race never start more than may run at once",
    run: async ({ store }) => {
      for (let i = 0; i < 12; i += 1) await insert(store);
      const rules = rulesWith({ parallelMax: 3 });
      const admitted = await Promise.all(
        Array.from({ length: 12 }, (_, index) => store.tasks.admit(request(index + 1, { rules }))),
      );
      assert.equal(admitted.filter(({ ok }) => ok).length, 3);
      assert.equal((await store.attempts.running()).length, 3);
      assert.equal((await store.tasks.counts()).running, 3);
    },
  },
  {
    name: "callers that race never start more of a project than it may",
    run: async ({ store }) => {
      await store.projects.add(aProject({ name: "one", parallelMax: 1 }));
      await store.projects.add(aProject({ name: "two", parallelMax: 2 }));
      for (let i = 0; i < 6; i += 1) await insert(store, { project: i % 2 === 0 ? "one" : "two" });
      await Promise.all(
        Array.from({ length: 6 }, (_, index) => store.tasks.admit(request(index + 1))),
      );
      const running = await store.tasks.list({ states: ["running"] }, { before: null, limit: 9 });
      const ofProject = (name: string): unknown[] =>
        running.filter((task) => task.project === name);
      assert.deepEqual([ofProject("one").length, ofProject("two").length], [1, 2]);
    },
  },
  {
    name: "of callers that race for one task one gets it",
    run: async ({ store }) => {
      await insert(store);
      const admitted = await Promise.all(
        Array.from({ length: 10 }, (_, index) => {
          const lease = { id: `lease-${index}`, owner: `host/${index}`, expiresAt: NOW };
          return store.tasks.admit(request(1, { lease }));
        }),
      );
      const won = admitted.filter((answer) => answer.ok);
      assert.equal(won.length, 1);
      assert.deepEqual((await store.tasks.get(1))?.lease, won[0]?.task.lease);
      assert.equal((await store.attempts.ofTask(1)).length, 1);
    },
  },
  {
    name: "submissions that race all come in, each with an id of its own",
    run: async ({ store }) => {
      const answers = await Promise.all(
        Array.from({ length: 20 }, () => store.tasks.insert(asked())),
      );
      const ids = answers.map((answer) => answer.ok && answer.task.id);
      assert.deepEqual(
        ids.sort((a, b) => Number(a) - Number(b)),
        Array.from({ length: 20 }, (_, index) => index + 1),
      );
    },
  },
];

function usd(amount: number): Budget {
  return { usd: amount, tokens: null };
}

async function heads(store: Store, at: number, perLane: number): Promise<readonly number[]> {
  return (await store.tasks.heads(at, perLane)).map(({ id }) => id);
}

async function heldBy(
  store: Store,
  taskId: number,
  patch: Parameters<typeof request>[1] = {},
): Promise<readonly string[]> {
  const answer = await store.tasks.admit(request(taskId, { local: LOCAL, ...patch }));
  if (answer.ok) return [];
  assert.deepEqual(answer.refusal, { reason: "held", message: answer.holds[0]?.reason });
  return answer.holds.map(({ policy }) => policy);
}
