import { expect, test } from "vitest";
import { StoreUnavailable } from "../../../src/ports/store.ts";
import { insert } from "../../contract/store/contract.ts";
import { child, place, type Child, type Place } from "./support.ts";

async function locker(at: Place): Promise<Child> {
  const other = child("lock", at.path);
  expect(await other.line()).toBe("locked");
  return other;
}

test("while another program writes, the loop goes on, reads are answered and the call succeeds after", async () => {
  await using at = await place();
  await using store = await at.open({ mode: "thread" });
  await insert(store);
  const other = await locker(at);
  const inserting = insert(store);
  let settled = false;
  void inserting.finally(() => {
    settled = true;
  });
  // Each turn takes a read through the same thread: it waits for nobody.
  for (let turn = 0; turn < 200; turn += 1) {
    expect((await store.tasks.counts()).queued).toBe(1);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  expect(settled).toBe(false);
  other.tell("go on");
  expect((await inserting).id).toBe(2);
  expect(await other.end()).toEqual(["unlocked"]);
});

test("a store in this thread waits as well, and lets timers run while it does", async () => {
  await using at = await place();
  await using store = await at.open();
  await insert(store);
  const other = await locker(at);
  let ticks = 0;
  const timer = setInterval(() => {
    ticks += 1;
    if (ticks === 20) other.tell("go on");
  }, 1);
  expect((await insert(store)).id).toBe(2);
  clearInterval(timer);
  expect(ticks).toBeGreaterThanOrEqual(20);
  await other.end();
});

test("many calls wait together and all succeed", async () => {
  await using at = await place();
  await using store = await at.open({ mode: "thread" });
  await insert(store);
  const other = await locker(at);
  const inserting = Array.from({ length: 10 }, () => insert(store));
  await store.tasks.counts();
  other.tell("go on");
  const ids = (await Promise.all(inserting)).map(({ id }) => id);
  expect(ids.toSorted((a, b) => a - b)).toEqual([2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
  await other.end();
});

test.each(["direct", "thread"] as const)(
  "a lock that is never given back ends in a sentence, %s",
  async (mode) => {
    await using at = await place();
    await using store = await at.open({ mode, busyMaxMs: 50 });
    await insert(store);
    const other = await locker(at);
    const error = await insert(store).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(StoreUnavailable);
    expect(error).toMatchObject({ kind: "busy" });
    expect(String(error)).toContain(`Another program kept ${at.path} locked`);
    expect(String(error)).not.toContain("database is locked");
    other.tell("go on");
    await other.end();
    expect((await insert(store)).id).toBe(2);
  },
);

test("opening waits for another program's lock on a file that is still to be made", async () => {
  await using at = await place();
  const other = await locker(at);
  const opening = at.open();
  other.tell("go on");
  await using store = await opening;
  expect((await insert(store)).id).toBe(1);
  await other.end();
});
