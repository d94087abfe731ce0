import { once } from "node:events";
import { expect, test } from "vitest";
import { conclusion } from "../../contract/store/contract.ts";
import { child, place } from "./support.ts";

const KILLS = 6;

test("what was answered survives kill -9 at any moment, and the file stays sound", async () => {
  await using at = await place();
  const told = new Set<string>();
  for (let kill = 0; kill < KILLS; kill += 1) {
    const other = child("writes", at.path);
    for (let lines = 0; lines < 20 + kill * 7; lines += 1) told.add(await other.line());
    other.process.kill("SIGKILL");
    await once(other.process, "exit");
  }
  await using store = await at.open();
  expect(await store.care.check()).toEqual([]);
  for (const line of told) {
    const [what, id] = line.split(" ");
    const task = await store.tasks.get(Number(id));
    const allowed = {
      inserted: ["queued", "running", "succeeded"],
      started: ["running", "succeeded"],
      ended: ["succeeded"],
    };
    expect(allowed[what as keyof typeof allowed]).toContain(task?.state);
  }
  // Every row has the events that made it, and no event is without its row.
  for (const task of await store.tasks.list({}, { before: null, limit: 10_000 })) {
    const types = (await store.events.after(0, 10, { taskId: task.id })).map(({ type }) => type);
    const all = ["task.queued", "task.admitted", "task.succeeded"];
    expect(types).toEqual(all.slice(0, task.version));
    expect((await store.attempts.ofTask(task.id)).length).toBe(task.attempt);
  }
  for (const { attempt, lease } of await store.attempts.running()) {
    expect(await store.tasks.change(attempt.taskId, conclusion(lease.id))).toMatchObject({
      ok: true,
    });
  }
});
