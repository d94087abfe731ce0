import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { homeLayout } from "../../src/adapters/files/home-layout.ts";
import { systemClock } from "../../src/adapters/system/clock.ts";
import { composeDaemon } from "../../src/app/compose.ts";
import { makeHome } from "../../src/app/doors.ts";
import { parseSettings } from "../../src/config/schema.ts";
import { isFinal, type Task } from "../../src/core/task.ts";
import { openTasks } from "../../src/engine/tasks.ts";
import { silentLog } from "../../src/testing/silent-log.ts";
import { PROJECT_CHECKS, PROJECT_FILES, type ScriptedAgent } from "./agents.ts";

const LOOK_EVERY_MS = 200;

/** What came of an agent's work. */
export interface Told {
  readonly agent: ScriptedAgent;
  readonly task: Task;
}

/** Plays a night of these agents in a home of its own: real git, real checks, the real sandbox. */
export async function playAgents(
  root: string,
  agents: readonly ScriptedAgent[],
  level: "sandbox" | "process",
): Promise<readonly Told[]> {
  const repository = makeRepository(join(root, "repository"));
  const path = join(root, "home");
  await makeHome(path);
  const parsed = parseSettings(
    {
      attempts: { parallel_max: 2 },
      executors: { default: "shell", commands: { shell: { command: ["/bin/sh"] } } },
      isolation: { level },
      registries: { npm: "off", pip: "off" },
      resources: { memory_free_min: null, disk_free_min: null },
    },
    "UTC",
  );
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.issues));
  const { settings } = parsed;
  await using daemon = await composeDaemon({
    home: homeLayout(path),
    settings,
    env: process.env,
    log: silentLog(),
    version: "0.0.0",
  });
  const { store, engine } = daemon;
  const tasks = openTasks({ store, clock: systemClock(), attemptsMaxDefault: 1 });
  await tasks.addProject({
    name: "sum",
    location: repository,
    parallelMax: 2,
    checks: PROJECT_CHECKS,
  });
  await engine.start();
  try {
    const ids: number[] = [];
    for (const { script } of agents) {
      const asked = { text: script, project: "sum" };
      const submitted = await tasks.submit(asked, { by: "ann", source: "cli" });
      if (!submitted.ok) throw new Error(submitted.problem.message);
      ids.push(submitted.value.task.id);
    }
    const told: Told[] = [];
    for (const [index, agent] of agents.entries()) {
      const task = await ended(() => store.tasks.get(ids[index] ?? 0));
      told.push({ agent, task });
    }
    return told;
  } finally {
    await engine.stop(0);
  }
}

async function ended(get: () => Promise<Task | null>): Promise<Task> {
  for (;;) {
    const task = await get();
    if (task !== null && isFinal(task.state)) return task;
    await sleep(LOOK_EVERY_MS);
  }
}

function makeRepository(path: string): string {
  for (const [name, text] of Object.entries(PROJECT_FILES)) {
    mkdirSync(dirname(join(path, name)), { recursive: true });
    writeFileSync(join(path, name), text);
  }
  const git = (...args: readonly string[]): void =>
    void execFileSync("git", ["-c", "user.name=P", "-c", "user.email=p@example.org", ...args], {
      cwd: path,
    });
  git("init", "-q", "-b", "main");
  git("add", "-A");
  git("commit", "-qm", "A bug");
  return path;
}
