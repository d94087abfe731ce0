/** A daemon in small: starts one container and waits to be killed. Arguments: the engine, the image, a workspace. */
import { tmpdir } from "node:os";
import { createLauncher } from "../../../../src/adapters/process/launcher.ts";
import { openContainer } from "../../../../src/adapters/sandbox/container/open-container.ts";
import { NOTHING } from "../../../../src/adapters/sandbox/fence.ts";

const [engine, image = "", workspace = ""] = process.argv.slice(2);
if (engine !== "podman" && engine !== "docker") throw new Error("no engine");
const opened = await openContainer({ engine, image, env: process.env, temporary: tmpdir() });
if (!opened.ok) throw new Error(opened.reason);
const launcher = await createLauncher({ fences: { container: opened.fence } });
launcher.spawn({
  command: "/bin/sh",
  args: ["-c", "echo up > up; sleep 300"],
  cwd: workspace,
  env: {},
  mark: "container/daemon",
  confinement: { ...NOTHING, level: "container", writable: [workspace] },
});
setInterval(() => {}, 60_000);
