import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { runShort, type ShortRun } from "../../../src/adapters/process/run-short.ts";
import {
  openRegistries,
  type RegistryKind,
} from "../../../src/adapters/sandbox/registries/registries.ts";
import type { Confinement } from "../../../src/ports/launcher.ts";
import { temporaryFolder } from "../support.ts";
import { confineTo, fencingLauncher } from "./support.ts";

/** A workspace in which real tools work inside the fence. */
export interface Workshop extends AsyncDisposable {
  readonly workspace: string;
  /** Another workspace, of another task with the same registries. */
  readonly otherWorkspace: string;
  readonly sh: (script: string, more?: WorkOptions) => Promise<ShortRun>;
  readonly cacheFiles: () => Promise<number>;
}

export interface WorkOptions {
  readonly workspace?: string;
  readonly confinement?: Partial<Confinement>;
}

const WORK_TIMEOUT_MS = 100_000;

export async function workshop(
  urls: Readonly<Partial<Record<RegistryKind, URL>>> = {},
): Promise<Workshop> {
  const folder = await temporaryFolder();
  const [workspace, otherWorkspace] = [join(folder.path, "one"), join(folder.path, "two")];
  for (const path of [workspace, otherWorkspace]) await mkdir(path);
  const launcher = await fencingLauncher();
  const find = Object.fromEntries(
    Object.entries(urls).map(([kind, url]) => [kind, async () => await Promise.resolve(url)]),
  );
  const { inside, usage } = openRegistries({
    find,
    folder: join(folder.path, "cache"),
    bytesMax: 1024 ** 3,
  });
  return {
    workspace,
    otherWorkspace,
    cacheFiles: async () => (await usage()).files,
    sh: async (script, { workspace: cwd = workspace, confinement = {} } = {}) =>
      await runShort(
        launcher,
        {
          command: "/bin/sh",
          args: ["-c", `set -e\n${script}`],
          cwd,
          env: {},
          confinement: confineTo({ workspace: cwd }, { ...inside(), ...confinement }),
        },
        WORK_TIMEOUT_MS,
      ),
    [Symbol.asyncDispose]: folder[Symbol.asyncDispose],
  };
}
