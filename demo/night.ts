// Plays a whole night offline: the real daemon, the real Claude Code, a scripted model on loopback.
import { spawn } from "node:child_process";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { createMachine } from "../src/adapters/machine/machine.ts";
import { openSandbox, type Sandbox } from "../src/adapters/sandbox/open-sandbox.ts";
import { systemClock } from "../src/adapters/system/clock.ts";
import { beginStore, openTasksDoor } from "../src/app/doors.ts";
import { isFinal } from "../src/core/task.ts";
import { type Queries, openQueries } from "../src/engine/queries.ts";
import type { Tasks } from "../src/engine/tasks.ts";
import { type Morning, type Proof, proofs } from "./proofs.ts";
import { type Screen, type Shown, openScreen } from "./screen.ts";
import { startScriptedModel } from "./scripted-model.ts";
import { type Stage, buildStage } from "./stage.ts";
import {
  type LimitWatch,
  PROJECT,
  PROJECT_CHECK,
  TASKS,
  TASK_NAMES,
  type TaskName,
  nightScript,
} from "./story.ts";
import { summary } from "./summary.ts";

/** The night is broken off after this; it takes about half of it. */
const NIGHT_MAX_MS = 120_000;
const LOOK_EVERY_MS = 200;
/** How long the endless task is watched before it is cancelled. */
const ENDLESS_MS = 4000;

process.exitCode = await playNight(process.stdout);

async function playNight(out: NodeJS.WriteStream): Promise<number> {
  const stopped = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => stopped.abort());
  const limit: LimitWatch = { hitAt: null, resetsAt: null, held: new Set() };
  const model = await startScriptedModel(nightScript(limit));
  const sandbox = await openSandbox({
    searchPath: process.env["PATH"] ?? "",
    temporary: tmpdir(),
  });
  const stage = await buildStage(model.url, sandbox.ok);
  const screen = openScreen(out);
  try {
    out.write(
      "A night of Sleepless Agent, offline. Claude Code is the real one; the model behind it\n",
    );
    out.write("is scripted and runs on this machine: nothing leaves it, nothing is spent.\n");
    out.write(`${fenceLine(sandbox)}\n\n`);
    return await withDaemon(stage, (doors) =>
      watchNight({ ...doors, stage, screen, limit }, stopped.signal, out),
    );
  } finally {
    await model.close();
    await stage.remove();
  }
}

function fenceLine(sandbox: Sandbox): string {
  if (sandbox.ok) return "The agent is fenced in by the sandbox that tasks get by default.";
  return `The agent is not fenced in here: ${sandbox.reason} ${sandbox.advice}`;
}

interface Doors {
  readonly tasks: Tasks;
  readonly queries: Queries;
}

/** Runs the daemon as a process of its own, as a person would, and ends it whatever happens. */
async function withDaemon(stage: Stage, watch: (doors: Doors) => Promise<number>): Promise<number> {
  await using store = await beginStore(stage.home);
  const clock = systemClock();
  const tasks = await openTasksDoor(store);
  const queries = openQueries({ store, clock, machine: createMachine(stage.home) });
  const daemon = sle(stage, "daemon", "run");
  const ended = new Promise((resolve) => daemon.once("exit", resolve));
  try {
    return await watch({ tasks, queries });
  } finally {
    daemon.kill("SIGTERM");
    const killer = setTimeout(() => daemon.kill("SIGKILL"), 15_000);
    await ended;
    clearTimeout(killer);
  }
}

function sle(stage: Stage, ...words: readonly string[]): ReturnType<typeof spawn> {
  const bin = join(import.meta.dirname, "..", "src", "bin.ts");
  return spawn(process.execPath, [bin, "--home", stage.home, ...words], {
    env: stage.env,
    stdio: ["ignore", "ignore", "pipe"],
  });
}

interface Night extends Doors {
  readonly stage: Stage;
  readonly screen: Screen;
  readonly limit: LimitWatch;
}

async function watchNight(
  night: Night,
  stop: AbortSignal,
  out: NodeJS.WriteStream,
): Promise<number> {
  const startedAt = Date.now();
  const ids = await queueAll(night);
  let cancelled = false;
  for (;;) {
    const shown = await look(night, ids);
    night.screen.show(Date.now() - startedAt, shown);
    for (const { name, why } of shown) {
      if (why.holds.some((hold) => hold.policy === "quota")) night.limit.held.add(name);
    }
    if (shown.every(({ detail }) => isFinal(detail.task.state))) {
      const morning = await landWhatIsProven(night, ids);
      const proven = await proofs({ ...night, morning }, shown);
      return tell(out, proven, await look(night, ids), Date.now() - startedAt);
    }
    if (!cancelled && hasRunFor(shown, "endless", ENDLESS_MS) && night.limit.hitAt !== null) {
      cancelled = true;
      night.screen.note(`        $ sle cancel ${ids.endless}`);
      sle(night.stage, "cancel", String(ids.endless));
    }
    if (stop.aborted) return 130;
    if (Date.now() - startedAt > NIGHT_MAX_MS) {
      out.write("The night took too long and was broken off.\n");
      return 1;
    }
    await sleep(LOOK_EVERY_MS);
  }
}

/** What the person does in the morning: lands what is proven, and looks at its receipt. */
async function landWhatIsProven(
  { stage, screen }: Night,
  ids: Readonly<Record<TaskName, number>>,
): Promise<Morning> {
  const run = async (...words: readonly string[]): Promise<number | null> => {
    screen.note(`        $ sle ${words.join(" ")}`);
    const child = sle(stage, ...words);
    return new Promise((resolve) => child.once("exit", resolve));
  };
  const landed = await run("land", String(ids.serious));
  const receipt = await run("receipt", "verify", String(ids.serious));
  const lie = await run("land", String(ids.lying));
  return { landed: landed === 0, receiptHolds: receipt === 0, lieLanded: lie === 0 };
}

async function queueAll({ tasks, stage }: Night): Promise<Readonly<Record<TaskName, number>>> {
  const checks = [PROJECT_CHECK];
  await tasks.addProject({ name: PROJECT, location: stage.repository, parallelMax: 2, checks });
  const ids: Partial<Record<TaskName, number>> = {};
  for (const name of TASK_NAMES) {
    const { kind, text, project, after } = TASKS[name];
    const source = kind === "generated" ? "generator" : "cli";
    const dependsOn = after === null ? [] : [ids[after] ?? 0];
    const queued = await tasks.submit({ kind, text, project, dependsOn }, { by: "demo", source });
    if (!queued.ok) throw new Error(queued.problem.message);
    ids[name] = queued.value.task.id;
  }
  return ids as Record<TaskName, number>;
}

async function look(
  { queries }: Doors,
  ids: Readonly<Record<TaskName, number>>,
): Promise<readonly Shown[]> {
  const shown: Shown[] = [];
  for (const name of TASK_NAMES) {
    const detail = await queries.task(ids[name]);
    const why = await queries.why(ids[name]);
    if (detail !== null && why !== null) shown.push({ name, detail, why });
  }
  return shown;
}

function hasRunFor(shown: readonly Shown[], name: TaskName, ms: number): boolean {
  const found = shown.find((each) => each.name === name)?.detail;
  const startedAt = found?.attempts.at(-1)?.startedAt ?? null;
  return found?.task.state === "running" && startedAt !== null && Date.now() - startedAt > ms;
}

function tell(
  out: NodeJS.WriteStream,
  proven: readonly Proof[],
  shown: readonly Shown[],
  elapsedMs: number,
): number {
  out.write(`\n${summary(proven, shown, elapsedMs)}\n`);
  return proven.every((proof) => proof.holds) ? 0 : 1;
}
