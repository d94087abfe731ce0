import { expect, test } from "vitest";
import type { PublishedCommit } from "../../../src/core/published.ts";
import { type Bench, setup } from "./setup.ts";

/** Task 1 of a project has a result that nobody proved, task 2 is a thought, task 3 waits. */
async function results(): Promise<Bench> {
  const bench = await setup();
  const { store } = bench;
  bench.world.folders.add("/work/backend");
  await bench.sle("project", "add", "backend", "--path", "backend");
  await bench.sle("think", "-p", "backend", "Fix it");
  await bench.sle("think", "An idea");
  await bench.sle("think", "-p", "backend", "Fix more");
  for (const id of [1, 2]) {
    await bench.start(id);
    await bench.end(id, { type: "succeeded", summary: "Done." });
  }
  const at = bench.clock.now();
  const done = async (kind: string, result: object): Promise<void> => {
    const key = `${kind}/1/1`;
    await store.effects.intend({ key, taskId: 1, attempt: 1, kind, at });
    await store.effects.done(key, at, JSON.stringify(result));
  };
  const commit: PublishedCommit = {
    commit: "c".repeat(40),
    base: "2".repeat(40),
    baseBranch: "main",
    branch: "feature/backend-1-fix-it",
    because: null,
  };
  await done("commit", commit);
  await done("push", { branch: commit.branch, commit: commit.commit, compareUrl: null });
  return bench;
}

test("what is not verified is landed only when it is said, and once", async () => {
  await using bench = await results();
  await bench.type("land", "1", "2", "3", "9");
  await bench.type("land", "1", "--anyway");
  await bench.type("land", "1");
  await bench.type("show", "1");
  await bench.type("reject", "1");
  await bench.matches("land");
});

test("a result is declined with a reason", async () => {
  await using bench = await results();
  await bench.type("reject", "1", "-m", "not \u001b[31mlike this");
  await bench.type("show", "1");
  await bench.type("reject", "2");
  await bench.type("ls");
  await bench.matches("reject");
});

test("a preview tells what goes together, and answers in JSON", async () => {
  await using bench = await results();
  await bench.type("preview");
  await bench.type("preview", "nowhere");
  const { out } = await bench.sle("preview", "backend", "--json");
  expect(JSON.parse(out)).toMatchObject({ backend: { together: [], aside: [], checkRuns: 0 } });
  await bench.matches("preview");
});

test("without a home there is nothing to land", async () => {
  await using bench = await setup();
  bench.world.exists = false;
  expect((await bench.sle("land", "1")).exit).toBe(6);
  expect((await bench.sle("preview")).exit).toBe(6);
  expect((await bench.sle("land", "x")).exit).toBe(2);
});
