import { describe } from "vitest";
import { fencingLauncher, sandbox } from "../sandbox/support.ts";
import { reading } from "./setup.ts";

// The same promises hold when the folders of agents are read behind a fence.
describe.skipIf(!sandbox.ok)("read behind the fence", async () => {
  if (!sandbox.ok) return;
  const fence = await fencingLauncher();
  reading.fence = () => fence;
  await import("./git-workspaces.test.ts");
  await import("./hostile.test.ts");
});
