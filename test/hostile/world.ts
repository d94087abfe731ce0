import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { homeLayout } from "../../src/adapters/files/home-layout.ts";
import { openHome } from "../../src/adapters/files/open-home.ts";
import { emptyTrash } from "../../src/adapters/files/trash.ts";
import { createLauncher } from "../../src/adapters/process/launcher.ts";
import type { Project } from "../../src/core/project.ts";
import type { Restored } from "../../src/ports/workspaces.ts";
import { type Bundle, inside, reading, setup } from "../adapters/git-workspaces/setup.ts";

/** A workspace that an agent has had, with what it hoped would run or be read. */
export interface World extends Disposable {
  readonly bundle: Bundle;
  readonly project: Project;
  readonly path: string;
  /** What lies outside of the workspace and must never be in anything of ours. */
  readonly secretFolder: string;
  /** Runs a script of the shell in the workspace as anybody might; answers all that it said. */
  readonly shell: (script: string, cwd?: string) => string;
  /** True once anything ran the canary. */
  readonly sang: () => boolean;
}

export const SECRET = "the-secret-that-must-not-appear";
const { signal } = new AbortController();

/** A workspace of task 7 in a fresh home. */
export async function openWorld(): Promise<World> {
  const bundle = setup();
  const project = bundle.repositoryProject({ "a.txt": "one\n", "lib/b.txt": "two\n" });
  const secretFolder = join(bundle.root, "secret");
  mkdirSync(secretFolder);
  writeFileSync(join(secretFolder, "secret.txt"), `${SECRET}\n`);
  const { path } = await bundle.workspaces.open(7, project, signal);
  const canary = join(path, "canary.sh");
  const [near, far] = [join(path, "sang"), join(bundle.root, "sang")];
  // Behind a fence only the workspace can be written.
  writeFileSync(
    canary,
    `#!/bin/sh\n: >${near}\n: >${far}\ncat >/dev/null 2>&1 </dev/null\nexit 1\n`,
  );
  chmodSync(canary, 0o755);
  const config = join(bundle.root, "gitconfig");
  const settings = "[user]\n\tname = P\n\temail = p@example.org\n[safe]\n\tdirectory = *\n";
  writeFileSync(config, `${settings}[advice]\n\tdetachedHead = false\n`);
  const env = {
    PATH: process.env["PATH"] ?? "",
    HOME: bundle.root,
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_CONFIG_GLOBAL: config,
    GIT_TERMINAL_PROMPT: "0",
    C: canary,
    WS: path,
    SECRETS: secretFolder,
    TASKS: bundle.tasks,
  };
  const shell = (script: string, cwd = path): string => {
    const ended = spawnSync("/bin/sh", ["-c", script], { cwd, env, timeout: 60_000 });
    return `${ended.stdout.toString("latin1")}${ended.stderr.toString("latin1")}`;
  };
  return {
    bundle,
    project,
    path,
    secretFolder,
    shell,
    sang: () => existsSync(near) || existsSync(far) || sangInTrash(bundle.trash),
    [Symbol.dispose]: () => {
      execFileSync("chmod", ["-R", "u+rwX", bundle.root]);
      bundle[Symbol.dispose]();
    },
  };
}

function sangInTrash(trash: string): boolean {
  return readdirSync(trash).some((name) => existsSync(join(trash, name, "sang")));
}

/** What came of the whole way. */
export interface Gone {
  readonly changed: readonly string[];
  readonly restored: Restored;
}

/**
 * Everything that is done with a workspace: keep, diff, check out, discard, empty the trash, restore
 * the files elsewhere, restore the whole.
 */
export async function goAllTheWay(world: World): Promise<Gone> {
  const { bundle, project } = world;
  const { workspaces } = bundle;
  const kept = await workspaces.keep(7, 1, project, signal);
  await workspaces.diff(kept.ref, project, 1_000_000);
  const checkedOut = await workspaces.checkOut(7, project, kept.commit, signal);
  await checkedOut.discard();
  await workspaces.discard(7);
  await clearTrash(world);
  const into = join(bundle.root, "elsewhere");
  const beside = await workspaces.restore(7, { state: null, into, replace: false }, signal);
  if (!beside.ok) throw new Error(JSON.stringify(beside.refusal));
  const gits = execFileSync("find", [into, "-name", ".git"]).toString();
  if (gits !== "") throw new Error(`unpacked elsewhere: ${gits}`);
  const whole = await workspaces.restore(7, { state: null, into: null, replace: false }, signal);
  if (!whole.ok) throw new Error(JSON.stringify(whole.refusal));
  return {
    changed: kept.changed.map(({ status, path }) => `${status} ${path}`),
    restored: whole.restored,
  };
}

async function clearTrash({ bundle }: World): Promise<void> {
  const home = homeLayout(join(bundle.root, "home"));
  openHome(home.path);
  const launcher = reading.fence?.("app") ?? (await createLauncher());
  const isFenced = reading.fence !== undefined;
  const { whyItStays } = bundle.workspaces;
  const by = { launcher, isFenced, whyItStays };
  const { stuck } = await emptyTrash(home, by, Number.MAX_VALUE, signal);
  if (stuck.length > 0) throw new Error(JSON.stringify(stuck));
}

/** True when the secret is in an object of ours, or in a file that was restored elsewhere. */
export function isLeaked({ bundle }: World): boolean {
  const objects = inside(bundle, "app", "cat-file", "--batch", "--batch-all-objects");
  const found = spawnSync("grep", ["-rIl", SECRET, join(bundle.root, "elsewhere")]);
  return objects.includes(SECRET) || found.stdout.length > 0;
}

/** What anyone ran while the traps were set does not count. */
export function hush({ bundle, path }: World): void {
  for (const folder of [bundle.root, path]) rmSync(join(folder, "sang"), { force: true });
}

/** Sets every trap at once, which the next call of git by anyone but us runs into. */
export function armAll(world: World, arms: readonly string[]): void {
  for (const arm of arms) world.shell(arm);
  hush(world);
}
