import { expect, it } from "vitest";
import { PRESENCE_EVERY_MS } from "../../src/engine/presence.ts";
import { RULES, setup } from "./setup.ts";

const NONE = {
  name: "daemon",
  status: "warning",
  detail: "none is running",
  advice: "Run `sle daemon start`.",
};

it("says that no daemon runs, before the first and after the last", async () => {
  const night = setup();
  expect(await night.queries.health()).toEqual([NONE]);
  await night.engine.start();
  expect(await night.queries.health()).not.toContainEqual(NONE);
  await night.engine.stop(0);
  expect(await night.queries.health()).toEqual([NONE]);
});

it("says what the daemon's own executor and machine lack", async () => {
  const night = setup({ rules: { ...RULES, memoryFreeMinBytes: 16 * 1024 ** 3 } });
  night.executor.setReadiness({ ready: false, reason: "Not logged in.", nextCheckAt: null });
  await night.engine.start();
  await night.until(
    async () => (await night.queries.health()).some(({ detail }) => detail.includes("logged")),
    PRESENCE_EVERY_MS,
  );
  expect(await night.queries.health()).toEqual([
    { name: "daemon", status: "ok", detail: "process 1000 on night", advice: null },
    { name: "fake", status: "problem", detail: "the daemon says: Not logged in.", advice: null },
    {
      name: "resources",
      status: "warning",
      detail: "8192 MiB of memory are free, a start asks for 16384 MiB.",
      advice: "Tasks start again by themselves once there is enough.",
    },
  ]);
  await night.engine.stop(0);
});

it("tells a silent daemon from a sound one", async () => {
  const night = setup();
  const other = night.another();
  await other.start();
  const [sound] = await night.queries.daemons();
  if (sound === undefined) throw new Error("no daemon");
  await other.stop(0);
  await night.store.shared.putDaemon({ ...sound.record, owner: "elsewhere", host: "far" });
  await night.clock.advance(120_000);
  expect(await night.queries.health()).toEqual([
    {
      name: "daemon",
      status: "problem",
      detail: "process 2000 on far gave no sign of life for 120 s",
      advice: "If it does not come back, end it and run `sle daemon start`.",
    },
  ]);
});
