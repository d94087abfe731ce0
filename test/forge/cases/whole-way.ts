import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { openCron } from "../../../src/adapters/cron/cron.ts";
import { homeLayout } from "../../../src/adapters/files/home-layout.ts";
import { openHome } from "../../../src/adapters/files/open-home.ts";
import { openMemoryStore } from "../../../src/adapters/memory/open.ts";
import { systemClock } from "../../../src/adapters/system/clock.ts";
import { readSettings } from "../../../src/app/settings.ts";
import { openWorkbench } from "../../../src/app/workbench.ts";
import { publicationOf, type Publication } from "../../../src/core/published.ts";
import type { Task } from "../../../src/core/task.ts";
import { openEngine } from "../../../src/engine/engine.ts";
import { type Landings, openLandings } from "../../../src/engine/landing/landings.ts";
import { openTasks } from "../../../src/engine/tasks.ts";
import type { Branches, Pushed } from "../../../src/ports/branches.ts";
import type { Store } from "../../../src/ports/store.ts";
import { createFakeExecutor } from "../../../src/testing/fake-executor.ts";
import { fakeMachine } from "../../../src/testing/fake-machine.ts";
import { fakeProving } from "../../../src/testing/fake-proving.ts";
import { seededChance } from "../../../src/testing/seeded-chance.ts";
import { RULES } from "../../engine/setup.ts";
import type { Case } from "../case.ts";
import { OWNER_TOKEN } from "../emulated.ts";
import { GIT_ENV } from "../git-server.ts";
import type { Stage, StageGit, World } from "../stage.ts";

/** A task all the way from its words to its pull request, by our own git and forge adapters. */
export const WHOLE_WAY_CASES: readonly Case[] = [
  {
    name: "a task of a repository elsewhere ends in a branch and a pull request, and lands",
    play: async (stage, world) => {
      await using way = await openWay(stage, world);
      const task = await way.done("Better words");
      assert.equal(task.state, "succeeded", JSON.stringify(task.failure ?? task.question));
      const { push, pullRequest } = await way.published(task.id);
      assert.equal(push?.branch, `feature/app-${task.id}-better-words`);
      assert.equal(headOf(way.git, push.branch), push.commit);
      const [pull, ...more] = await stage.pulls();
      assert.equal(more.length, 0);
      assert.equal(pull?.number, pullRequest?.number);
      assert.match(pull?.body ?? "", /^\*\*Verified:/u);
      const home = join(world.folder, `home-${stage.name}`);
      assert.deepEqual(
        [home, way.git.path].flatMap((path) => filesWith(path, OWNER_TOKEN)),
        [],
      );
      assert.equal(JSON.stringify(stage.log.lines).includes(OWNER_TOKEN), false);
      const call = { by: "ada", signal: new AbortController().signal, tell: () => {} };
      const landed = await way.landings.land(task.id, { ...call, anyway: false });
      assert.equal(landed.ok, true, JSON.stringify(landed));
      assert.equal((await way.store.tasks.get(task.id))?.landing?.decision, "landed");
    },
  },
  {
    name: "an answer that is lost after a pull request was opened makes no second one",
    play: async (stage, world) => {
      await using way = await openWay(stage, world);
      stage.proxy.fault = ({ method, path }) =>
        method === "POST" && path.endsWith("/pulls")
          ? { type: "after", fault: { type: "reset" } }
          : null;
      const task = await way.done("Better words");
      assert.equal(task.state, "succeeded", JSON.stringify(task.failure ?? task.question));
      assert.equal((await stage.pulls()).length, 1);
    },
  },
  {
    name: "a protected branch and a rule there ask a person in the words of the server",
    play: async (stage, world) => {
      for (const [key, code] of [
        ["sle.protected", "GH006"],
        ["sle.ruled", "GH013"],
      ] as const) {
        const own = await world.stage();
        await using way = await openWay(own, world);
        const name = "feature/app-1-better-words";
        execFileSync("git", ["-C", way.git.path, "config", key, name], { env: GIT_ENV });
        const task = await way.done("Better words");
        assert.equal(task.state, "waiting", JSON.stringify(task.failure));
        assert.match(task.question?.text ?? "", new RegExp(code, "u"));
        assert.equal((await way.published(task.id)).push, null);
        await own.close();
      }
      assert.equal((await stage.pulls()).length, 0);
    },
  },
  {
    name: "a daemon that dies after a push, before it noted it, finds its branch and goes on",
    play: async (stage, world) => {
      await using way = await openWay(stage, world, { dieAfterPush: true });
      const task = await way.done("Better words");
      assert.equal(task.state, "succeeded", JSON.stringify(task.failure ?? task.question));
      assert.equal(task.attempt, 2);
      const { push } = await way.published(task.id);
      assert.equal(headOf(way.git, push?.branch ?? ""), push?.commit);
      assert.equal((await stage.pulls()).length, 1);
      assert.equal(way.agents(), 1);
    },
  },
  {
    name: "a branch that somebody else wrote to is left alone",
    play: async (stage, world) => {
      await using way = await openWay(stage, world);
      const name = "feature/app-1-better-words";
      const args = ["-C", way.git.path, "branch", name, "main"];
      execFileSync("git", args, { env: GIT_ENV });
      const before = headOf(way.git, name);
      const task = await way.done("Better words");
      assert.equal(task.state, "waiting", JSON.stringify(task.failure));
      assert.match(task.question?.text ?? "", /holds commits of somebody else/u);
      assert.equal(headOf(way.git, name), before);
      assert.equal((await stage.pulls()).length, 0);
    },
  },
  {
    name: "the daemon's own token, in whatever form and file, never leaves",
    play: async (stage, world) => {
      const forms = [
        OWNER_TOKEN,
        Buffer.from(`x${OWNER_TOKEN}`).toString("base64"),
        `\u0000\u0001binary ${OWNER_TOKEN}\u0000`,
      ];
      for (const words of forms) {
        const own = await world.stage();
        await using way = await openWay(own, world, { words });
        const task = await way.done("Better words");
        assert.equal(task.failure?.failure, "check-failed", JSON.stringify(task));
        assert.match(task.failure.message, /A secret would leave/u);
        assert.equal(task.failure.message.includes(OWNER_TOKEN), false);
        const refs = execFileSync("git", ["-C", way.git.path, "for-each-ref"], { env: GIT_ENV });
        assert.equal(refs.toString().trim().split("\n").length, 1);
        await own.close();
      }
      assert.equal((await stage.pulls()).length, 0);
    },
  },
  {
    name: "a token that has ended asks a person; with a new one the work is not done again",
    play: async (stage, world) => {
      await using way = await openWay(stage, world, { endToken: true });
      const task = await way.done("Better words");
      assert.equal(task.state, "waiting", JSON.stringify(task.failure));
      world.ended.clear();
      await way.retry(task.id);
      assert.equal((await way.finished(task.id)).state, "succeeded");
      assert.equal(way.agents(), 1);
      assert.equal((await stage.pulls()).length, 1);
    },
  },
];

/** Not that of the other cases, because it ends. */
const SHORT_TOKEN = "ghp_short-lived";

interface Way extends AsyncDisposable {
  readonly store: Store;
  readonly git: StageGit;
  readonly landings: Landings;
  readonly done: (text: string) => Promise<Task>;
  readonly retry: (id: number) => Promise<void>;
  readonly finished: (id: number) => Promise<Task>;
  readonly published: (id: number) => Promise<Publication>;
  readonly agents: () => number;
}

interface Plan {
  readonly dieAfterPush?: boolean;
  readonly endToken?: boolean;
  /** What the agent writes. */
  readonly words?: string;
}

/** A home with one project on the stage's repository, and an engine over the real adapters. */
async function openWay(stage: Stage, world: World, plan: Plan = {}): Promise<Way> {
  const git = stage.openGit();
  const home = homeLayout(join(world.folder, `home-${stage.name}`));
  openHome(home.path);
  const host = new URL(git.url).host;
  const forge = `{ kind: github, api: "${stage.proxy.url}", token: FORGE_TOKEN }`;
  writeFileSync(home.config, `isolation: { level: none }\nforges:\n  "${host}": ${forge}\n`);
  const token = plan.endToken === true ? SHORT_TOKEN : OWNER_TOKEN;
  world.known.add(token);
  const env = { PATH: process.env["PATH"], FORGE_TOKEN: token };
  const read = readSettings(home, env);
  assert.ok(read.ok, JSON.stringify(read));
  const [store, clock, chance, log] = [openMemoryStore(), systemClock(), seededChance(), stage.log];
  const { settings } = read;
  const bench = await openWorkbench({ home, settings, env, log, now: clock.now });
  const publishing = { ...bench.publishing, branches: bridged(bench.publishing.branches, git) };
  const executor = createFakeExecutor({
    work: async ({ spec }) => {
      writeFileSync(join(spec.workspace, "words.txt"), plan.words ?? "better\n");
      if (plan.endToken === true) world.ended.add(token);
      return { type: "done", text: "Done." };
    },
  });
  const proving = {
    ...bench.proving,
    run: fakeProving(() => ({})).run,
  };
  const limits = { ...bench.limits, retryRules: { backoffBaseMs: 1, backoffMaxMs: 1 } };
  const parts = {
    ...bench,
    store: dying(store, plan),
    clock,
    chance,
    log,
    publishing,
    proving,
    limits,
  };
  const engine = openEngine({
    ...parts,
    cron: openCron(),
    schedulePauseAfter: null,
    machine: fakeMachine(),
    executors: [executor],
    notifiers: [],
    version: "0.0.0",
    rules: { ...RULES, executorDefault: "fake" },
    readable: [],
    workspaceKeepMs: 1e9,
    trashKeepMs: 1e9,
    sweep: () => Promise.resolve(),
  });
  const tasks = openTasks({ store, clock, attemptsMaxDefault: 3 });
  const checks = [{ name: "test", command: "true" }];
  await tasks.addProject({ name: "app", location: git.url, parallelMax: 1, checks });
  await engine.start();
  const finished = async (id: number): Promise<Task> => {
    for (let looks = 0; looks < 3000; looks += 1) {
      const task = await store.tasks.get(id);
      if (task !== null && ["succeeded", "failed", "waiting"].includes(task.state)) return task;
      await sleep(10);
    }
    throw new Error(`It does not end: ${JSON.stringify(await store.tasks.get(id))}`);
  };
  return {
    store,
    git,
    finished,
    landings: openLandings({ ...parts, store }),
    agents: () => executor.started.length,
    published: async (id) => publicationOf(await store.effects.ofTask(id)),
    retry: async (id) => void (await tasks.retry(id, "ada")),
    done: async (text) => {
      const submitted = await tasks.submit({ text, project: "app" }, { by: "ada", source: "cli" });
      assert.ok(submitted.ok);
      return finished(submitted.value.task.id);
    },
    [Symbol.asyncDispose]: () => engine.stop(0),
  };
}

/** The emulator is told what git has taken, as GitHub would see it by itself. */
function bridged(branches: Branches, git: StageGit): Branches {
  return {
    ...branches,
    push: async (project, spec, signal): Promise<Pushed> => {
      const pushed = await branches.push(project, spec, signal);
      if (spec.commit !== null && (pushed.type === "pushed" || pushed.type === "there")) {
        await git.bridge(spec.branch);
      }
      return pushed;
    },
  };
}

/** Once, the note that a push was done is lost, and with it the attempt, as when the daemon is killed. */
function dying(store: Store, { dieAfterPush }: Plan): Store {
  let isDead = dieAfterPush !== true;
  return {
    ...store,
    effects: {
      ...store.effects,
      done: async (key, at, result) => {
        if (isDead || !key.startsWith("push/")) return store.effects.done(key, at, result);
        isDead = true;
        const id = Number(key.split("/")[1]);
        const task = await store.tasks.get(id);
        const leaseId = task?.lease?.id ?? "";
        await store.tasks.change(id, { type: "recover", at, leaseId });
        throw new Error("killed");
      },
    },
  };
}

function headOf({ path }: StageGit, branch: string): string {
  const args = ["-C", path, "rev-parse", `refs/heads/${branch}`];
  return execFileSync("git", args, { encoding: "utf8", env: GIT_ENV }).trim();
}

/** Files below a folder that hold a text; configuration and logs of ours among them. */
function filesWith(folder: string, text: string): readonly string[] {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true });
  return files
    .filter((file) => file.isFile())
    .map((file) => join(file.parentPath, file.name))
    .filter((path) => readFileSync(path).includes(text));
}
