import { execFile } from "node:child_process";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { StoreUnavailable } from "../../../src/ports/store.ts";
import { insert } from "../../contract/store/contract.ts";
import { child, place } from "./support.ts";

test("calls under way when the store is closed are answered, those after are refused", async () => {
  await using at = await place();
  const store = await at.open({ mode: "thread" });
  const inserting = Array.from({ length: 20 }, () => insert(store));
  const closing = store[Symbol.asyncDispose]();
  const late = insert(store).catch((error: unknown) => error);
  await closing;
  expect(await late).toBeInstanceOf(StoreUnavailable);
  expect((await Promise.all(inserting)).length).toBe(20);
  await using again = await at.open();
  expect((await again.tasks.counts()).queued).toBe(20);
});

test.each(["direct", "thread"] as const)(
  "a call that waits for a lock when the store is closed is refused, and not done later: %s",
  async (mode) => {
    await using at = await place();
    const store = await at.open({ mode });
    await insert(store);
    const other = child("lock", at.path);
    expect(await other.line()).toBe("locked");
    const waiting = insert(store).catch((error: unknown) => error);
    await store.tasks.counts();
    await store[Symbol.asyncDispose]();
    expect(await waiting).toMatchObject({ name: "StoreUnavailable", kind: "broken" });
    other.tell("go on");
    await other.end();
    await using again = await at.open();
    expect((await again.tasks.counts()).queued).toBe(1);
  },
);

test("a bug crosses the thread as an error with the place where it happened", async () => {
  await using at = await place();
  await using store = await at.open({ mode: "thread" });
  const lease = { id: "lease", owner: "host/1", expiresAt: 1 };
  await insert(store);
  const error = await store.tasks
    .change(1, { type: "admit", at: 1, lease })
    .catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(Error);
  expect(error).not.toBeInstanceOf(StoreUnavailable);
  expect((error as Error).message).toContain("admitted by `admit`");
  expect((error as Error).stack).toContain("sqlite/tasks.");
});

test("a process that forgets to close its store ends all the same", async () => {
  await using at = await place();
  expect(await child("leaves", at.path).end()).toEqual(["done"]);
  await using again = await at.open();
  expect((await again.tasks.counts()).queued).toBe(1);
});

test("compiled, the thread runs the compiled code", async () => {
  await using at = await place();
  const root = join(import.meta.dirname, "..", "..", "..");
  const run = promisify(execFile);
  const tsc = join(root, "node_modules", "typescript", "bin", "tsc");
  await run(process.execPath, [tsc, "-p", "tsconfig.build.json", "--outDir", at.folder], {
    cwd: root,
  });
  const compiled = pathToFileURL(join(at.folder, "adapters", "sqlite", "open.js")).href;
  // Only Node itself is needed for a file that is up to date.
  await (await at.open())[Symbol.asyncDispose]();
  const program = `
    const { openSqliteStore } = await import(${JSON.stringify(compiled)});
    const store = await openSqliteStore({ path: ${JSON.stringify(at.path)}, mode: "thread" });
    console.log(JSON.stringify(await store.tasks.counts()));
    await store[Symbol.asyncDispose]();`;
  const { stdout } = await run(process.execPath, ["--input-type=module", "--eval", program]);
  expect(JSON.parse(stdout)).toMatchObject({ queued: 0 });
});
