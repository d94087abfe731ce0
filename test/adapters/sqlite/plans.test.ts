import { expect, test } from "vitest";
import { fill, FILLED_AT } from "../../../bench/queue-fill.ts";
import { HEADS } from "../../../src/adapters/sqlite/claims.ts";
import { CHAIN } from "../../../src/adapters/sqlite/events.ts";
import { openDatabase, type Database } from "../../../src/adapters/sqlite/database.ts";
import { storeOver } from "../../../src/adapters/sqlite/facade.ts";
import { serve } from "../../../src/adapters/sqlite/serve.ts";
import {
  after,
  asked,
  conclusion,
  CRASHED,
  insert,
  request,
} from "../../contract/store/contract.ts";
import { place } from "./support.ts";

/** Enough that reading them all would be seen, few enough to be made at once. */
const QUEUED = 5000;

/** How SQLite goes about a query: one line for each table or index that it walks. */
function planOf(database: Database, sql: string, ...values: (string | number)[]): string {
  const rows = database.connection.prepare(`EXPLAIN QUERY PLAN ${sql}`).all(...values);
  return rows.map((row) => String(row["detail"])).join("\n");
}

test("heads jump from lane to lane in the index of ready tasks", async () => {
  await using at = await place();
  await fill(at.path, QUEUED);
  const database = openDatabase(at.path);
  const plan = planOf(database, HEADS, 1);
  expect(plan).toContain("SEARCH tasks USING COVERING INDEX tasks_in_lanes (lane>?)");
  expect(plan).toContain("SEARCH tasks USING COVERING INDEX tasks_in_lanes (lane=?)");
  expect(plan).toContain("SEARCH tasks USING INTEGER PRIMARY KEY (rowid=?)");
  expect(plan.split("\n").filter((line) => line.startsWith("SCAN"))).toEqual([
    "SCAN lanes",
    "SCAN lanes",
  ]);
  database.close();
});

test("no statement of a task's way reads the whole table", async () => {
  await using at = await place();
  await fill(at.path, QUEUED);
  const database = openDatabase(at.path);
  const seen = new Set<string>();
  const watched: Database = {
    ...database,
    sql: (text) => {
      seen.add(text);
      return database.sql(text);
    },
    arrays: (text) => {
      seen.add(text);
      return database.arrays(text);
    },
  };
  const store = storeOver(serve(watched).run, {
    watch: () => ({ [Symbol.dispose]: () => {} }),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  });
  const { tasks, dependencies, attempts, events, shared, projects } = store;
  const now = FILLED_AT + 1_000_000;
  const page = { before: 3000, limit: 20 };
  const lease = { id: "lease-1", owner: "host/1", expiresAt: now };
  await tasks.insert(asked({ dependsOn: after(1, 2) }));
  await tasks.insertChain({ asked: asked(), texts: ["one", "two"], condition: "landed" });
  await tasks.heads(now, 2);
  await tasks.nextDueAt(now);
  await tasks.admit(request(1, { at: now, lease }));
  await attempts.renew(1, "lease-1", now);
  await attempts.update(1, "lease-1", { sessionId: "session", startedAt: now });
  const step = { name: "work", startedAt: now, endedAt: null, ok: null, detail: "" } as const;
  await attempts.step(1, "lease-1", step);
  await attempts.say(1, now, "ann", "Hello?");
  await attempts.takeMessages(1, "lease-1");
  await attempts.running();
  await attempts.ofTask(1);
  await tasks.change(1, conclusion("lease-1", CRASHED));
  await tasks.change(1, { type: "cancel", at: now, by: "ann", reason: null });
  await dependencies.ofTask(QUEUED + 1);
  await dependencies.stuckBehind(QUEUED + 3);
  await dependencies.blocked(10);
  await dependencies.replace(QUEUED + 1, { at: now, by: "ann", dependsOn: after(QUEUED + 3) });
  await dependencies.cancelAlong(QUEUED + 2, { at: now, by: "ann", reason: null });
  await tasks.list({ states: ["running", "failed"], project: "project-1" }, page);
  await tasks.list({ states: ["queued"], project: "project-1" }, page);
  await tasks.list({ states: ["succeeded"], finishedSince: 1 }, page);
  await tasks.list({ trashed: true }, page);
  await tasks.counts();
  await tasks.purge(now);
  await events.after(4990, 10, { taskId: 1, types: ["task.queued"] });
  await events.lastSeq();
  await shared.facts({ day: now, night: null });
  await projects.remove("project-1", now);
  database.close();
  expect(seen.size).toBeGreaterThan(30);
  expect([...seen].flatMap((sql) => wholeTables(at.path, sql))).toEqual([]);
});

/** The steps that read a table from end to end; an index that holds only a few or is only counted is fine. */
function wholeTables(path: string, sql: string): readonly string[] {
  const database = openDatabase(path);
  const plan = /^(BEGIN|COMMIT|PRAGMA)/.test(sql) ? "" : planOf(database, sql);
  database.close();
  return plan
    .split("\n")
    .filter((line) =>
      /^SCAN (tasks|dependencies|events|attempts|usage_ledger|messages|effects)\b/.test(line),
    )
    .filter(
      (line) => !/tasks_(trashed|finished|in_lanes|aside|few)$|dependencies_broken$/.test(line),
    )
    .map((line) => `${line}: ${sql}`);
}

test("a turn that finds nothing due writes nothing", async () => {
  await using at = await place();
  await using store = await at.open();
  await using other = await at.open();
  await insert(store, { notBefore: FILLED_AT + 1000 });
  let hints = 0;
  using _watch = store.watch(() => {
    hints += 1;
  });
  for (let turn = 0; turn < 50; turn += 1) {
    expect(await store.tasks.heads(FILLED_AT, 1)).toEqual([]);
  }
  await other.tasks.counts();
  expect(hints).toBe(0);
  expect((await store.tasks.heads(FILLED_AT + 1000, 1)).map(({ id }) => id)).toEqual([1]);
});

test("a task's events are followed back from its newest, whatever lies between", async () => {
  await using at = await place();
  await fill(at.path, QUEUED);
  const database = openDatabase(at.path);
  const plan = planOf(database, `${CHAIN} SELECT seq FROM chain`, 1, 0, 0);
  expect(plan.split("\n").filter((line) => /\bevents\b/.test(line))).toEqual([
    "SEARCH events USING INTEGER PRIMARY KEY (rowid=?)",
    "SEARCH events USING INTEGER PRIMARY KEY (rowid=?)",
  ]);
  database.close();
});
