import { expect, test } from "vitest";
import { change, conclusion, insert, NOW, start } from "../../contract/store/contract.ts";
import { child, place } from "./support.ts";

const PROCESSES = 4;
const CYCLES = 40;

test("four processes on one file: no error, nothing admitted twice, no limit overrun", async () => {
  await using at = await place();
  await using store = await at.open();
  const children = Array.from({ length: PROCESSES }, (_, index) =>
    child("cycles", at.path, `host/${index}`, String(CYCLES), "3"),
  );
  for (const each of children) expect(await each.line()).toBe("ready");
  for (const each of children) each.tell("go");
  const lines = (await Promise.all(children.map((each) => each.end()))).flat();
  const admitted = lines.filter((line) => line.startsWith("admitted"));
  expect(new Set(admitted).size).toBe(admitted.length);
  expect(lines.filter((line) => line.startsWith("overrun"))).toEqual([]);
  const concluded = lines.filter((line) => line.startsWith("concluded"));
  expect(concluded.filter((line) => !line.endsWith("true"))).toEqual([]);
  const total = PROCESSES * CYCLES;
  const counts = await store.tasks.counts();
  expect(counts.succeeded).toBe(admitted.length);
  expect(counts).toMatchObject({ queued: total - admitted.length, running: 0 });
  expect(await store.events.lastSeq()).toBe(total + 2 * admitted.length);
  expect(await store.care.check()).toEqual([]);
});

test("several processes that open a new file at once make it once", async () => {
  await using at = await place();
  const children = Array.from({ length: PROCESSES }, (_, index) =>
    child("cycles", at.path, `host/${index}`, "1", "9"),
  );
  for (const each of children) expect(await each.line()).toBe("ready");
  for (const each of children) each.tell("go");
  await Promise.all(children.map((each) => each.end()));
  await using store = await at.open();
  const { queued, succeeded } = await store.tasks.counts();
  expect(queued + succeeded).toBe(PROCESSES);
});

test.each(["direct", "thread"] as const)(
  "a write of another process is hinted at, %s",
  async (mode) => {
    await using at = await place();
    await using store = await at.open({ mode });
    const hinted = Promise.withResolvers<void>();
    using _watch = store.watch(() => hinted.resolve());
    const other = child("cycles", at.path, "host/1", "1", "9");
    expect(await other.line()).toBe("ready");
    other.tell("go");
    await hinted.promise;
    await other.end();
    expect((await store.tasks.get(1))?.state).toBe("succeeded");
  },
);

test("a lease that one process took binds in another", async () => {
  await using at = await place();
  await using store = await at.open();
  await using other = await at.open({ mode: "thread" });
  await insert(store);
  await start(store, 1);
  expect(await other.attempts.renew(1, "another", NOW)).toEqual({ ok: false });
  expect(await other.attempts.renew(1, "lease-1", NOW)).toMatchObject({ ok: true });
  expect((await change(other, 1, conclusion("lease-1"))).state).toBe("succeeded");
});
