import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { openCron } from "../../src/adapters/cron/cron.ts";
import { fileArtifacts } from "../../src/adapters/files/artifacts.ts";
import { type HomeLayout, homeLayout } from "../../src/adapters/files/home-layout.ts";
import { openHome } from "../../src/adapters/files/open-home.ts";
import { gitWorkspaces } from "../../src/adapters/git-workspaces/git-workspaces.ts";
import { openMemoryStore } from "../../src/adapters/memory/open.ts";
import { systemClock } from "../../src/adapters/system/clock.ts";
import type { Check } from "../../src/core/check.ts";
import type { Task } from "../../src/core/task.ts";
import { openEngine } from "../../src/engine/engine.ts";
import { type Landings, openLandings } from "../../src/engine/landing/landings.ts";
import { openTasks, type Tasks } from "../../src/engine/tasks.ts";
import type { CheckSpec } from "../../src/ports/proof.ts";
import type { Store } from "../../src/ports/store.ts";
import { createFakeExecutor, type FakeWork } from "../../src/testing/fake-executor.ts";
import { fakeLauncher, fakeMachine } from "../../src/testing/fake-machine.ts";
import { fakeProving } from "../../src/testing/fake-proving.ts";
import { type FakePublishing, fakePublishing } from "../../src/testing/fake-publishing.ts";
import { seededChance } from "../../src/testing/seeded-chance.ts";
import { silentLog } from "../../src/testing/silent-log.ts";
import { RULES } from "../engine/setup.ts";

type Files = Readonly<Record<string, string>>;

/** An engine over real repositories, with agents that write files and checks that read them. */
export interface Stage extends AsyncDisposable {
  readonly home: HomeLayout;
  readonly store: Store;
  readonly tasks: Tasks;
  readonly landings: Landings;
  readonly publishing: FakePublishing;
  /** The person's repository, in which `main` is checked out. */
  readonly repository: string;
  /** Has an agent write these files and waits for the end of the task. */
  readonly done: (text: string, files: Files) => Promise<Task>;
  /** A person commits to main. */
  readonly commits: (files: Files) => void;
  /** All folders in which checks were run. */
  readonly checkRuns: () => number;
  readonly git: (...args: string[]) => string;
  readonly read: (path: string) => string;
  readonly call: { readonly by: string; readonly signal: AbortSignal; readonly tell: () => void };
}

const CHECKS: readonly Check[] = [{ name: "test", command: "passes" }];

/** A stage on which the check passes for folders that `passes` says yes to. */
export async function setup(
  passes: (folder: string) => boolean = () => true,
  openStore: (home: HomeLayout) => Promise<Store> = () => Promise.resolve(openMemoryStore()),
): Promise<Stage> {
  const root = mkdtempSync(join(tmpdir(), "sle-landing-"));
  const home = homeLayout(join(root, "home"));
  openHome(home.path);
  const repository = join(root, "app");
  const git = gitIn(repository);
  writeFiles(repository, { "a.txt": "one\n", "b.txt": "one\n" });
  git("init", "-q", "-b", "main");
  git("add", "-A");
  git("commit", "-q", "-m", "first");
  const [store, clock, chance, log] = [
    await openStore(home),
    systemClock(),
    seededChance(),
    silentLog(),
  ];
  const searchPath = process.env["PATH"] ?? "";
  const workspaces = gitWorkspaces({ ...home, program: "git", searchPath, now: clock.now });
  const fake = fakePublishing();
  const publishing = { ...fake, branches: workspaces.branches };
  let runs = 0;
  const proving = fakeProving(({ folder }: CheckSpec) => {
    runs += 1;
    return { exitCode: passes(folder) ? 0 : 1 };
  });
  const executor = createFakeExecutor({ work: writesWhatItIsTold });
  const limits = {
    timeoutMs: 60_000,
    projectTimeoutMs: () => null,
    stallMs: 60_000,
    retryRules: { backoffBaseMs: 1, backoffMaxMs: 1 },
  };
  const bench = { store, clock, chance, log, workspaces, publishing, proving, limits };
  const artifacts = fileArtifacts(home);
  const engine = openEngine({
    ...bench,
    artifacts,
    cron: openCron(),
    schedulePauseAfter: null,
    machine: fakeMachine(),
    launcher: fakeLauncher(),
    executors: [executor],
    notifiers: [],
    version: "0.0.0",
    rules: { ...RULES, executorDefault: "fake" },
    readable: [],
    workspaceKeepMs: 1e9,
    trashKeepMs: 1e9,
    sweep: () => Promise.resolve(),
  });
  const tasks = openTasks({ store, clock, attemptsMaxDefault: 2 });
  await tasks.addProject({ name: "app", location: repository, parallelMax: 1, checks: CHECKS });
  await engine.start();
  const signal = new AbortController().signal;
  return {
    home,
    store,
    tasks,
    publishing: { ...fake, branches: workspaces.branches },
    landings: openLandings({ ...bench, artifacts }),
    repository,
    git,
    read: (path) => readFileSync(join(repository, path), "utf8"),
    checkRuns: () => runs,
    commits: (files) => {
      writeFiles(repository, files);
      git("add", "-A");
      git("commit", "-q", "-m", "by a person");
    },
    done: async (text, files) => {
      const words = `${text}\n${JSON.stringify(files)}`;
      const submitted = await tasks.submit({ text: words, project: "app" }, FROM);
      if (!submitted.ok) throw new Error(submitted.problem.message);
      return finished(store, submitted.value.task.id);
    },
    call: { by: "ada", signal, tell: () => {} },
    [Symbol.asyncDispose]: async () => {
      await engine.stop(0);
      await store[Symbol.asyncDispose]();
      rmSync(root, { recursive: true, force: true });
    },
  };
}

const FROM = { by: "ada", source: "cli" } as const;

const writesWhatItIsTold: FakeWork = async ({ spec }) => {
  const [, files = "{}"] = spec.prompt.split("\n");
  writeFiles(spec.workspace, JSON.parse(files) as Files);
  return { type: "done", text: "I did it." };
};

/** Waits until a task has ended or asks. */
export async function finished(store: Store, id: number): Promise<Task> {
  for (;;) {
    const task = await store.tasks.get(id);
    if (task === null) throw new Error("It is gone");
    if (["succeeded", "failed", "cancelled", "waiting"].includes(task.state)) return task;
    await sleep(5);
  }
}

function writeFiles(folder: string, files: Files): void {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
}

function gitIn(cwd: string): (...args: string[]) => string {
  const identity = ["-c", "user.name=P", "-c", "user.email=p@example.org"];
  return (...args) =>
    execFileSync("git", [...identity, ...args], {
      cwd,
      encoding: "utf8",
      env: { PATH: process.env["PATH"], HOME: "/nonexistent", GIT_CONFIG_NOSYSTEM: "1" },
      stdio: ["ignore", "pipe", "pipe"],
    }).trimEnd();
}
