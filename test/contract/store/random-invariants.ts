import assert from "node:assert/strict";
import { balance } from "../../../src/core/audit/audit.ts";
import type { Task } from "../../../src/core/task.ts";
import type { Store } from "../../../src/ports/store.ts";
import { NOW } from "./contract.ts";

/** Throws where what is stored does not fit together, whatever calls led there. */
export async function checkInvariants(store: Store, parallelMax: number): Promise<void> {
  assert.deepEqual(await store.care.check(), []);
  const frame = { at: NOW + 3_600_000, daemonLives: true };
  assert.deepEqual(balance(await store.audit.books(), frame).imbalances, []);
  const page = { before: null, limit: 1000 };
  const tasks = [
    ...(await store.tasks.list({}, page)),
    ...(await store.tasks.list({ trashed: true }, page)),
  ];
  for (const each of tasks) await checkTask(store, each);
  await checkDependencies(store, tasks);
  assert.ok((await store.tasks.counts()).running <= parallelMax);
  const seqs = (await store.events.after(0, 10_000)).map(({ seq }) => seq);
  assert.deepEqual(
    seqs,
    seqs.map((_, index) => index + 1),
  );
}

async function checkTask(store: Store, each: Task): Promise<void> {
  assert.equal(each.lease !== null, each.state === "running");
  assert.ok(each.attemptsUsed <= each.attemptsMax);
  const attempts = await store.attempts.ofTask(each.id);
  assert.deepEqual(
    attempts.map(({ number }) => number),
    attempts.map((_, index) => index + 1),
  );
  assert.equal(attempts.length, each.attempt);
  const open = attempts.filter(({ endedAt }) => endedAt === null);
  assert.equal(open.length, each.state === "running" ? 1 : 0);
}

/** What waits is counted, what is broken is found, and no path has made a circle. */
async function checkDependencies(store: Store, tasks: readonly Task[]): Promise<void> {
  const unmet = new Map<number, readonly number[]>();
  const waitingInVain = new Map<number, number>();
  for (const { id: taskId, state, dependsOn, unmetDependencies } of tasks) {
    const states = await store.dependencies.ofTask(taskId);
    assert.deepEqual(
      states.map(({ taskId: other, condition: wanted }) => ({ taskId: other, condition: wanted })),
      dependsOn,
    );
    const open = states.filter(({ standing }) => standing !== "met");
    assert.equal(open.length, unmetDependencies);
    unmet.set(
      taskId,
      open.map((each) => each.taskId),
    );
    for (const { taskId: other, standing } of state === "queued" ? states : []) {
      if (standing !== "broken") continue;
      waitingInVain.set(other, (waitingInVain.get(other) ?? 0) + 1);
    }
  }
  assert.deepEqual(circlesIn(unmet), []);
  const blocked = await store.dependencies.blocked(1000);
  assert.deepEqual(
    blocked.map(({ taskId, count }) => [taskId, count]),
    [...waitingInVain].toSorted(([a], [b]) => b - a),
  );
}

/** What is left of tasks when each is taken away once nothing that it waits for is left. */
function circlesIn(unmet: ReadonlyMap<number, readonly number[]>): readonly number[] {
  let left = [...unmet.keys()];
  for (;;) {
    const still = left.filter((taskId) => unmet.get(taskId)?.some((other) => left.includes(other)));
    if (still.length === left.length) return left;
    left = still;
  }
}
