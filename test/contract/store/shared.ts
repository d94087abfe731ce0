import assert from "node:assert/strict";
import { NO_BUDGETS } from "../../../src/core/budget.ts";
import type { DaemonRecord } from "../../../src/ports/store.ts";
import {
  aProject,
  change,
  type ContractCase,
  eventTypes,
  insert,
  LOCAL,
  NOW,
  rulesWith,
  start,
} from "./contract.ts";

/** Projects, effects, the admission switch, daemons, settings. */
export const sharedCases: readonly ContractCase[] = [
  {
    name: "projects are added once, found, listed by name",
    run: async ({ store }) => {
      const web = aProject({ name: "web", location: "/src/web", parallelMax: 3 });
      assert.equal(await store.projects.get("web"), null);
      assert.equal(await store.projects.add(web), true);
      assert.equal(await store.projects.add(aProject()), true);
      assert.equal(await store.projects.add({ ...web, location: "/elsewhere" }), false);
      assert.deepEqual(await store.projects.get("web"), web);
      assert.deepEqual(await store.projects.list(), [aProject(), web]);
      assert.deepEqual((await store.shared.facts({ day: 0, night: null })).projectParallelMax, {
        backend: 2,
        web: 3,
      });
      assert.deepEqual(await store.events.after(0, 1), [
        {
          seq: 1,
          type: "project.added",
          at: NOW,
          taskId: null,
          attempt: null,
          data: {
            name: "web",
            location: "/src/web",
            base: "main",
            parallelMax: 3,
            budget: null,
            checks: web.checks,
          },
        },
      ]);
      assert.equal(await store.events.lastSeq(), 2);
    },
  },
  {
    name: "a project is changed as far as asked, which is told",
    run: async ({ store }) => {
      const budget = { usd: 5, tokens: null };
      assert.equal(await store.projects.change("backend", { budget }, NOW), false);
      assert.equal(await store.events.lastSeq(), 0);
      await store.projects.add(aProject());
      assert.equal(await store.projects.change("backend", { budget }, NOW + 1), true);
      assert.deepEqual(await store.projects.get("backend"), aProject({ budget }));
      assert.equal(await store.projects.change("backend", { parallelMax: 4 }, NOW + 2), true);
      await store.projects.change("backend", { budget: null }, NOW + 3);
      assert.deepEqual(await store.projects.list(), [aProject({ parallelMax: 4 })]);
      const told = { seq: 2, type: "project.changed", at: NOW + 1, taskId: null, attempt: null };
      assert.deepEqual(await store.events.after(1, 1), [
        { ...told, data: { name: "backend", budget } },
      ]);
    },
  },
  {
    name: "a project with tasks to do is not removed",
    run: async ({ store }) => {
      await store.projects.add(aProject());
      await insert(store, { project: "backend" });
      assert.equal(await store.projects.remove("backend", NOW), "in-use");
      await start(store, 1);
      assert.equal(await store.projects.remove("backend", NOW), "in-use");
      await change(store, 1, { type: "cancel", at: NOW, by: "ann", reason: null });
      assert.equal(await store.projects.remove("backend", NOW), "in-use");
      const leaseId = "lease-1";
      const outcome = {
        type: "failed",
        failure: "cancelled",
        message: "Cancelled.",
        retryAt: null,
      } as const;
      const rest = { verdict: null, sessionId: null, chance: 0 };
      const retryRules = { backoffBaseMs: 1, backoffMaxMs: 1 };
      await change(store, 1, { type: "conclude", at: NOW, leaseId, outcome, retryRules, ...rest });
      const seq = await store.events.lastSeq();
      assert.equal(await store.projects.remove("backend", NOW + 1), "removed");
      assert.equal(await store.projects.get("backend"), null);
      assert.deepEqual(await eventTypes(store, seq), ["project.removed"]);
      assert.equal(await store.projects.remove("backend", NOW + 1), "unknown");
      assert.equal(await store.events.lastSeq(), seq + 1);
    },
  },
  {
    name: "an effect is intended once and done once",
    run: async ({ store }) => {
      await insert(store);
      const intent = { key: "push/1", taskId: 1, attempt: 1, kind: "push", at: NOW };
      const effect = {
        key: "push/1",
        taskId: 1,
        attempt: 1,
        kind: "push",
        intendedAt: NOW,
        doneAt: null,
        result: null,
      };
      assert.deepEqual(await store.effects.intend(intent), effect);
      assert.deepEqual(await store.effects.intend({ ...intent, attempt: 2, at: NOW + 1 }), effect);
      await store.effects.done("push/1", NOW + 2, "abc123");
      const done = { ...effect, doneAt: NOW + 2, result: "abc123" };
      assert.deepEqual(await store.effects.intend({ ...intent, attempt: 3, at: NOW + 3 }), done);
      await store.effects.done("push/1", NOW + 4, "other");
      const early = { ...intent, key: "commit/1", kind: "commit", at: NOW - 1 };
      const commit = await store.effects.intend(early);
      assert.deepEqual(await store.effects.ofTask(1), [commit, done]);
      assert.deepEqual(await store.effects.ofTask(2), []);
    },
  },
  {
    name: "an effect needs its task, its end needs its intent",
    run: async ({ store }) => {
      const intent = { key: "push/9", taskId: 9, attempt: 1, kind: "push", at: NOW };
      await assert.rejects(store.effects.intend(intent));
      await assert.rejects(store.effects.done("push/9", NOW, "abc"));
    },
  },
  {
    name: "admission is open until a person says otherwise, which is told",
    run: async ({ store }) => {
      const open = { mode: "open", until: null, by: "default" };
      assert.deepEqual(await store.shared.admission(), open);
      const paused = { mode: "paused", until: NOW + 9, by: "ann" } as const;
      await store.shared.setAdmission(paused, NOW + 1);
      assert.deepEqual(await store.shared.admission(), paused);
      assert.deepEqual((await store.shared.facts({ day: 0, night: null })).admission, paused);
      assert.deepEqual(await store.events.after(0, 9), [
        {
          seq: 1,
          type: "admission.changed",
          at: NOW + 1,
          taskId: null,
          attempt: null,
          data: paused,
        },
      ]);
    },
  },
  {
    name: "a daemon's newest word counts; its start and its stop are told once",
    run: async ({ store }) => {
      const first = daemon("host/1", NOW);
      await store.shared.putDaemon(first);
      await store.shared.putDaemon(daemon("host/2", NOW - 1));
      await store.shared.putDaemon({ ...first, seenAt: NOW + 5 });
      const stopped = { ...first, seenAt: NOW + 6, stoppedAt: NOW + 6 };
      await store.shared.putDaemon(stopped);
      await store.shared.putDaemon(stopped);
      const daemons = [daemon("host/2", NOW - 1), stopped];
      assert.deepEqual(await store.shared.daemons(), daemons);
      await store.shared.putDaemon(daemon("host/1", NOW + 7));
      assert.deepEqual(await eventTypes(store), [
        "daemon.started",
        "daemon.started",
        "daemon.stopped",
        "daemon.started",
      ]);
      assert.deepEqual((await store.events.after(2, 1))[0], {
        seq: 3,
        type: "daemon.stopped",
        at: NOW + 6,
        taskId: null,
        attempt: null,
        data: { owner: "host/1", host: "host", version: "0.1.0", pid: 12 },
      });
    },
  },
  {
    name: "a daemon that starts makes those be forgotten that were not heard of for a week",
    run: async ({ store }) => {
      const weekMs = 7 * 86_400_000;
      await store.shared.putDaemon(daemon("host/1", NOW));
      await store.shared.putDaemon(daemon("host/2", NOW + 1));
      await store.shared.putDaemon(daemon("host/3", NOW + weekMs));
      assert.equal((await store.shared.daemons()).length, 3);
      const fourth = daemon("host/4", NOW + 1 + weekMs);
      await store.shared.putDaemon(fourth);
      const owners = (await store.shared.daemons()).map(({ owner }) => owner);
      assert.deepEqual(owners, ["host/2", "host/3", "host/4"]);
      await store.shared.putDaemon({ ...fourth, seenAt: NOW + 9 * weekMs });
      assert.equal((await store.shared.daemons()).length, 3);
    },
  },
  {
    name: "facts name what runs, with the executor that does it",
    run: async ({ store }) => {
      await store.projects.add(aProject());
      await insert(store);
      await start(store, (await insert(store, { kind: "serious", project: "backend" })).id);
      await start(store, (await insert(store)).id, { executor: "command" });
      const more = { model: null, admittedAt: NOW, touches: [] };
      assert.deepEqual(await store.shared.facts({ day: 0, night: null }), {
        admission: { mode: "open", until: null, by: "default" },
        running: [
          { id: 2, project: "backend", kind: "serious", executor: "claude", ...more },
          { id: 3, project: null, kind: "thought", executor: "command", ...more },
        ],
        quotaWindows: [],
        projectParallelMax: { backend: 2 },
        usdToday: 0,
        spending: {
          tokensToday: 0,
          tonight: null,
          projects: { backend: { spentToday: { usd: 0, tokens: 0 }, budget: null } },
        },
      });
    },
  },
  {
    name: "settings are kept by key",
    run: async ({ store }) => {
      assert.equal(await store.shared.setting("a"), null);
      await store.shared.setSetting("a", "1");
      assert.equal(await store.shared.initSetting("c", "1"), "1");
      assert.equal(await store.shared.initSetting("c", "2"), "1");
      assert.equal(await store.shared.setting("c"), "1");
      await store.shared.setSetting("b", "");
      await store.shared.setSetting("a", "2");
      assert.deepEqual(
        [await store.shared.setting("a"), await store.shared.setting("b")],
        ["2", ""],
      );
      assert.equal(await store.events.lastSeq(), 0);
    },
  },
];

function daemon(owner: string, startedAt: number): DaemonRecord {
  return {
    owner,
    host: "host",
    process: { pid: 12, startTicks: 345, bootId: "boot" },
    version: "0.1.0",
    startedAt,
    seenAt: startedAt,
    stoppedAt: null,
    local: LOCAL,
    rules: rulesWith({ budgets: { ...NO_BUDGETS, day: { usd: 2.5, tokens: null } } }),
  };
}
