import { test } from "vitest";
import { setup } from "./setup.ts";

test("the books balance, or it is named what does not and what to do", async () => {
  await using bench = await setup();
  await bench.type("audit");
  await bench.sle("schedule", "add", "0 * * * *", "Look around");
  await bench.sle("think", "A poem");
  await bench.start(1);
  await bench.sle("say", "1", "with rhymes");
  await bench.end(1, { type: "succeeded", summary: "Done." });
  await bench.sle("think", "Another");
  await bench.clock.advance(2 * 3_600_000);
  await bench.type("audit");
  await bench.daemon();
  await bench.clock.advance(60_001);
  await bench.daemon();
  await bench.type("audit");
  await bench.type("audit", "--json=promises,outcomes,open,imbalance,imbalances");
  bench.world.exists = false;
  await bench.type("audit");
  await bench.matches("audit");
});
