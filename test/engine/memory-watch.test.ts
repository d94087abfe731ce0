import { expect, test } from "vitest";
import { type FakeMachine, fakeMachine } from "../../src/testing/fake-machine.ts";
import { RULES, setup } from "./setup.ts";

const MIB = 1024 ** 2;

function machineWith(taken: { readonly bytes: number | null }, pid?: number): FakeMachine {
  return {
    ...fakeMachine(pid),
    memoryFreeBytes: async () => 1000 * MIB,
    treeMemoryBytes: async ({ pid: asked }) => (asked === 77 ? taken.bytes : null),
  };
}

test("what agents took is learnt, kept over restarts, and asked for beside others", async () => {
  const taken: { bytes: number | null } = { bytes: 700 * MIB };
  const rules = { ...RULES, memoryFreeMinBytes: MIB };
  const bench = setup({ machine: machineWith(taken), rules });
  const gate = Promise.withResolvers<void>();
  bench.executor.set(async ({ emit }) => {
    emit({ type: "launched", process: { pid: 77, startTicks: 1, bootId: "boot" } });
    await gate.promise;
    return { type: "done", text: "done" };
  });
  await bench.engine.start();
  const first = await bench.think("first");
  await bench.reaches(first, "running");
  await bench.clock.advance(40_000);
  taken.bytes = 100 * MIB;
  await bench.clock.advance(40_000);
  gate.resolve();
  await bench.reaches(first, "succeeded");
  await bench.until(async () => (await bench.store.shared.setting("memory-need/fake")) !== null);
  expect(await bench.store.shared.setting("memory-need/fake")).toBe(String(700 * MIB));
  await bench.engine.stop(0);

  const next = bench.another({ machine: machineWith(taken, 2000) });
  bench.executor.set(async ({ emit }) => {
    emit({ type: "launched", process: { pid: 77, startTicks: 1, bootId: "boot" } });
    return new Promise(() => {});
  });
  await next.start();
  const second = await bench.think("second");
  await bench.reaches(second, "running");
  const third = await bench.think("third");
  await bench.clock.advance(60_000);
  const daemon = (await bench.queries.daemons()).find(({ status }) => status === "running");
  expect(daemon?.record.local.memoryNeedBytes).toEqual({ fake: 700 * MIB });
  const held = await bench.queries.why(third);
  expect(held?.sentence).toContain(
    "400 MiB of memory are free beside what running agents still need, and agents of fake took up to 700 MiB.",
  );
  taken.bytes = 800 * MIB;
  await bench.reaches(third, "running", 1000);
  await next.stop(0);
});
