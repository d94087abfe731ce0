import { tmpdir } from "node:os";
import { join } from "node:path";
import type { HomeLayout } from "../adapters/files/home-layout.ts";
import { createLauncher } from "../adapters/process/launcher.ts";
import { openSandbox, type Sandbox } from "../adapters/sandbox/open-sandbox.ts";
import type { IsolationSettings } from "../config/settings.ts";
import type { Executor, RunSpec } from "../ports/executor.ts";
import type { Confinement, Launcher } from "../ports/launcher.ts";

/** How agents are fenced in here, by the settings and by what this machine can do. */
export interface Isolation {
  readonly launcher: Launcher;
  /** Null where the settings ask for no sandbox. */
  readonly sandbox: Sandbox | null;
  /** What an attempt may use; undefined where the settings ask for no sandbox. */
  readonly confine: ((spec: RunSpec) => Confinement) | undefined;
}

/** Opens what the settings ask for. A sandbox that this machine cannot make is never replaced by less. */
export async function openIsolation(
  settings: IsolationSettings,
  env: Readonly<Record<string, string | undefined>>,
): Promise<Isolation> {
  if (settings.level !== "sandbox") {
    const bwrap = settings.level === "none" ? "off" : "auto";
    return { launcher: await createLauncher({ bwrap }), sandbox: null, confine: undefined };
  }
  const sandbox = await openSandbox({ searchPath: env["PATH"] ?? "", temporary: tmpdir() });
  const launcher = await createLauncher(sandbox.ok ? { fence: sandbox.fence } : {});
  return { launcher, sandbox, confine: (spec) => confinementOf(settings, spec) };
}

/** The folder of what a task's agent remembers between attempts. */
export function stateFolderOf(home: HomeLayout, taskId: number): string {
  return join(home.sessions, String(taskId));
}

/** An executor that is not ready while the sandbox that it needs is not there. */
export function onlyFenced(executor: Executor, { sandbox }: Isolation): Executor {
  if (sandbox === null || sandbox.ok) return executor;
  const reason = `There is no sandbox, so no task starts: ${sandbox.reason} ${sandbox.advice}`;
  const no = { ready: false, reason, nextCheckAt: null, detail: reason } as const;
  return { ...executor, probe: () => Promise.resolve(no) };
}

function confinementOf(settings: IsolationSettings, spec: RunSpec): Confinement {
  const { memoryBytes, cpus, processes, fileBytes } = settings;
  return {
    writable: [spec.workspace, ...settings.writable],
    readable: [...spec.readable, ...(spec.needs ?? []), ...settings.readable],
    hosts: settings.hosts,
    virtualHosts: [],
    limits: { memoryBytes, cpus, processes, fileBytes },
  };
}
