import { describe } from "vitest";
import { fencingLauncher, sandbox } from "../sandbox/support.ts";
import { reading } from "./setup.ts";

// As in-fence.test.ts: apart from it, because both take long and run beside each other.
describe.skipIf(!sandbox.ok)("odd files read behind the fence", async () => {
  if (!sandbox.ok) return;
  const fence = await fencingLauncher();
  reading.fence = () => fence;
  await import("./odd-files.test.ts");
  await import("./sparse-odd.test.ts");
});
