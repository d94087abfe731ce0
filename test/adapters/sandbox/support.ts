import { tmpdir } from "node:os";
import { createLauncher } from "../../../src/adapters/process/launcher.ts";
import { openSandbox, type Sandbox } from "../../../src/adapters/sandbox/open-sandbox.ts";
import type { RunSpec } from "../../../src/ports/executor.ts";
import type { Confinement, Launcher } from "../../../src/ports/launcher.ts";

/** The sandbox of this machine, opened once for a file of tests. */
export const sandbox: Sandbox = await openSandbox({
  searchPath: process.env["PATH"] ?? "",
  temporary: tmpdir(),
});

/** A launcher that fences in; throws where there is no sandbox. */
export async function fencingLauncher(): Promise<Launcher> {
  if (!sandbox.ok) throw new Error(sandbox.reason);
  return await createLauncher({ fences: { sandbox: sandbox.fence } });
}

/** What a run may use when nobody says more: its own folder. */
export function confineTo(
  spec: Pick<RunSpec, "workspace">,
  more: Partial<Confinement> = {},
): Confinement {
  return {
    level: "sandbox",
    own: [spec.workspace],
    writable: [],
    readable: [],
    hosts: [],
    virtualHosts: [],
    limits: {
      memoryBytes: 4 * 1024 ** 3,
      cpus: null,
      processes: 256,
      fileBytes: 1024 ** 3,
      diskBytes: null,
      files: null,
    },
    ...more,
  };
}
