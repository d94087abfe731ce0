import { existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { HomeLayout } from "../adapters/files/home-layout.ts";
import { FenceFailed } from "../adapters/process/fence-failed.ts";
import { findProgram } from "../adapters/process/find-program.ts";
import { createLauncher } from "../adapters/process/launcher.ts";
import { chooseWrapper, plain } from "../adapters/process/wrapper.ts";
import { makeLimited } from "../adapters/sandbox/limits/limited.ts";
import { openOwnGroups } from "../adapters/sandbox/limits/cgroups.ts";
import { makeMeasure } from "../adapters/sandbox/limits/measure.ts";
import { openContainer } from "../adapters/sandbox/container/open-container.ts";
import { openSandbox, type Sandbox } from "../adapters/sandbox/open-sandbox.ts";
import type { Registries } from "../adapters/sandbox/registries/registries.ts";
import { type IsolationSettings, projectOf, type Settings } from "../config/settings.ts";
import { type IsolationLevel, isFenced } from "../core/isolation.ts";
import type { Executor, RunSpec } from "../ports/executor.ts";
import type { Confinement, Launcher } from "../ports/launcher.ts";
import { configuredRegistries } from "./registries.ts";

/** How agents are kept apart here, by the settings and by what this machine can do. */
export interface Isolation {
  readonly launcher: Launcher;
  /** What this machine can do, whether or not the settings ask for it. */
  readonly sandbox: Sandbox;
  /** The same of containers; not there without an image that is named. */
  readonly container: Sandbox;
  /** Where packages come from behind a fence. */
  readonly registries: Registries;
  /** What holds for tasks that nothing else is said of. */
  readonly level: IsolationLevel;
  /** Whether what the agents of a project (null: of thoughts) wrote is handled behind the fence. */
  readonly fencesFilesOf: (project: string | null) => boolean;
  /** What an attempt may use; throws FenceFailed when it cannot be kept to that here. */
  readonly confine: (spec: ConfineSpec) => Confinement;
}

/** Of a run, what decides how it is kept apart. */
export type ConfineSpec = Pick<
  RunSpec,
  "workspace" | "project" | "isolation" | "readable" | "needs"
>;

/** Opens what the settings ask for. A sandbox that this machine cannot make is never replaced by less. */
export async function openIsolation(
  settings: Pick<Settings, "isolation" | "projects" | "registries">,
  env: Readonly<Record<string, string | undefined>>,
  home: HomeLayout,
): Promise<Isolation> {
  const { level, engine, image } = settings.isolation;
  const searchPath = env["PATH"] ?? "";
  const groups = openOwnGroups();
  const sandbox = await openSandbox({ searchPath, temporary: tmpdir(), groups });
  const container = await openContainer({ engine, image, env, temporary: tmpdir() });
  const limited = {
    groups,
    measure: makeMeasure(null, false),
    prlimit: findProgram("prlimit", searchPath),
  };
  const bwrap = level === "none" ? "off" : "auto";
  const launcher = await createLauncher({
    bwrap,
    fences: {
      none: plain(),
      process: makeLimited(await chooseWrapper({}), limited),
      ...(sandbox.ok ? { sandbox: sandbox.fence } : {}),
      ...(container.ok ? { container: container.fence } : {}),
    },
  });
  const registries = configuredRegistries(settings.registries, {
    launcher,
    env,
    folder: home.registryCache,
  });
  return {
    launcher,
    sandbox,
    container,
    registries,
    level,
    // What agents in another kind of fence wrote is handled in a sandbox where there is one.
    fencesFilesOf: (project) => {
      const asked = levelOf(settings, project);
      return asked === "sandbox" || (isFenced(asked) && sandbox.ok);
    },
    confine: (spec) => {
      const own = settingsFor(settings, spec);
      const fence = own.level === "container" ? container : sandbox;
      const confinement = confinementOf(own, spec, fence);
      return isFenced(confinement.level) ? { ...confinement, ...registries.inside() } : confinement;
    },
  };
}

/** The folder of what a task's agent remembers between attempts. */
export function stateFolderOf(home: HomeLayout, taskId: number): string {
  return join(home.sessions, String(taskId));
}

/** An executor that is not ready while the sandbox that it needs is not there. */
export function onlyFenced(executor: Executor, isolation: Isolation): Executor {
  const { level } = isolation;
  const fence = isolation[level === "container" ? "container" : "sandbox"];
  if (!isFenced(level) || fence.ok) return executor;
  const reason = `There is no ${level}, so no task starts: ${fence.reason} ${fence.advice}`;
  const no = { ready: false, reason, nextCheckAt: null, detail: reason } as const;
  return { ...executor, probe: () => Promise.resolve(no) };
}

/** What all tasks have, what the task's project changes, and what the task itself asked for. */
function settingsFor(
  settings: Pick<Settings, "isolation" | "projects">,
  { project, isolation: asked }: ConfineSpec,
): IsolationSettings {
  const forAll = settings.isolation;
  const own = project === null ? {} : projectOf(settings, project).isolation;
  return {
    ...forAll,
    ...own,
    readable: [...forAll.readable, ...(own.readable ?? [])],
    writable: [...forAll.writable, ...(own.writable ?? [])],
    hosts: [...forAll.hosts, ...(own.hosts ?? [])],
    level: asked ?? levelOf(settings, project),
  };
}

function levelOf(
  settings: Pick<Settings, "isolation" | "projects">,
  project: string | null,
): IsolationLevel {
  const own = project === null ? undefined : projectOf(settings, project).isolation.level;
  return own ?? settings.isolation.level;
}

function confinementOf(
  settings: IsolationSettings,
  spec: ConfineSpec,
  sandbox: Sandbox,
): Confinement {
  const { level, readable, writable, hosts } = settings;
  const { memoryBytes, cpus, processes, fileBytes, diskBytes, files } = settings;
  if (isFenced(level)) {
    if (!sandbox.ok) throw new FenceFailed(`${sandbox.reason} ${sandbox.advice}`);
    refuseMissing(readable, "readable");
    refuseMissing(writable, "writable");
  }
  return {
    level,
    own: [spec.workspace],
    writable,
    readable: [...spec.readable, ...(spec.needs ?? []), ...readable],
    hosts,
    virtualHosts: [],
    limits: { memoryBytes, cpus, processes, fileBytes, diskBytes, files },
  };
}

/** A place that is not there would be left out, and the agent would look for it in vain. */
function refuseMissing(paths: readonly string[], setting: "readable" | "writable"): void {
  const missing = paths.find((path) => !existsSync(path));
  if (missing === undefined) return;
  throw new FenceFailed(
    `${missing}, named in isolation.${setting}, is not there; make it or correct the setting`,
  );
}
