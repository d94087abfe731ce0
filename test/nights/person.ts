import { CONDITIONS } from "../../src/core/dependency.ts";
import { PRIORITIES, type Task } from "../../src/core/task.ts";
import { openSchedules, type Schedules } from "../../src/engine/schedules.ts";
import { openTasks, type Tasks } from "../../src/engine/tasks.ts";
import { CLAUDE, FREE } from "./agents.ts";
import { type Draw, drawFrom } from "./draw.ts";
import { MODEL } from "./provider.ts";
import type { Stage } from "./stage.ts";

/** The person of a night, who asks for tasks and decides things. */
export interface Person {
  readonly tasks: Tasks;
  readonly schedules: Schedules;
  /** The projects, and what they asked for in the evening. */
  readonly begin: () => Promise<void>;
  /** Does one thing, drawn from the seed. */
  readonly act: (seed: number) => Promise<void>;
  /** Names of the schedules that ever were, with their cron and first time. */
  readonly added: readonly AddedCron[];
}

/** A schedule that was asked for. */
export interface AddedCron {
  readonly id: number;
  readonly cron: string;
  readonly timeZone: string;
  readonly firstDueAt: number;
}

const FROM = { by: "ada", source: "cli" } as const;
const HOUR_MS = 3_600_000;
const PROJECTS = { solo: 1, pair: 2 } as const;
const CRONS = [
  "*/15 * * * *",
  "30 * * * *",
  "0 2 * * *",
  "30 2 * * *",
  "*/20 1-3 * * *",
  "15 0,3,5 * * *",
  "0 6 * * 1-5",
] as const;

export function makePerson(stage: Stage): Person {
  const { store, clock, cron } = stage;
  const parts = { store, clock, cron, attemptsMaxDefault: 3 };
  const world: World = {
    stage,
    tasks: openTasks(parts),
    schedules: openSchedules(parts),
    added: [],
  };
  return {
    ...world,
    begin: () => begin(world, drawFrom(stage.plan.seed ^ 0xbe91)),
    act: (seed) => act(world, drawFrom(seed)),
  };
}

interface World {
  readonly stage: Stage;
  readonly tasks: Tasks;
  readonly schedules: Schedules;
  readonly added: AddedCron[];
}

async function begin(world: World, draw: Draw): Promise<void> {
  for (const [name, parallelMax] of Object.entries(PROJECTS)) {
    const checks = name === "pair" ? [{ name: "test", command: "test" }] : [];
    await world.tasks.addProject({ name, location: `/projects/${name}`, parallelMax, checks });
  }
  for (let left = draw.int(0, 8); left > 0; left -= 1) await ask(world, draw);
  for (let left = draw.int(0, 3); left > 0; left -= 1) await addSchedule(world, draw);
}

const ACTS = [
  ask,
  ask,
  ask,
  ask,
  chain,
  addSchedule,
  changeSchedule,
  changeSchedule,
  pauseOrResume,
  pauseOrResume,
  change,
  change,
  change,
  change,
  change,
  change,
] as const;

async function act(world: World, draw: Draw): Promise<void> {
  await draw.one(ACTS)(world, draw);
}

async function ask({ tasks, stage }: World, draw: Draw): Promise<void> {
  const now = stage.clock.now();
  const ids = await idsOf(stage);
  const project = draw.chance(0.6) ? draw.one(["solo", "pair"]) : null;
  const dependsOn =
    ids.length > 0 && draw.chance(0.25)
      ? [{ taskId: draw.one(ids), condition: draw.one(CONDITIONS) }]
      : [];
  await tasks.submit(
    {
      text: "Do it",
      project,
      kind: project === null ? draw.one(["thought", "generated"]) : "serious",
      priority: draw.one(PRIORITIES),
      executor: draw.one([null, null, CLAUDE, FREE]),
      model: draw.one([null, null, MODEL, "sonnet"]),
      attemptsMax: draw.int(1, 4),
      notBefore: draw.chance(0.15) ? now + draw.int(1, 10) * HOUR_MS : null,
      nightOnly: draw.chance(0.1),
      deadlineAt: draw.chance(0.15) ? now + draw.int(11, 100) * HOUR_MS : null,
      dependsOn,
    },
    FROM,
  );
}

async function chain({ tasks }: World, draw: Draw): Promise<void> {
  const texts = Array.from({ length: draw.int(2, 4) }, (_, index) => `Step ${index}`);
  const condition = draw.one(CONDITIONS);
  await tasks.submitChain(
    { shared: { project: draw.one(["solo", "pair"]) }, texts, condition },
    FROM,
  );
}

async function addSchedule({ schedules, stage, added }: World, draw: Draw): Promise<void> {
  const cron = draw.one(CRONS);
  const { timeZone } = stage.plan;
  const catchUp = draw.one([null, "skip", "last", "all"]);
  const overlap = catchUp === "all" ? null : draw.one([null, "skip", "queue"]);
  const project = draw.one([null, "solo", "pair"]);
  const made = await schedules.add(
    {
      cron,
      timeZone,
      name: null,
      catchUp,
      overlap,
      deadlineInMs: draw.chance(0.2) ? 6 * HOUR_MS : null,
      task: { text: "Look around", project, executor: draw.one([CLAUDE, FREE]), attemptsMax: 2 },
    },
    FROM,
  );
  if (!made.ok) throw new Error(made.problem.message);
  const { schedule, open } = made.value;
  added.push({ id: schedule.id, cron, timeZone, firstDueAt: open?.dueAt ?? 0 });
}

async function changeSchedule({ schedules }: World, draw: Draw): Promise<void> {
  const all = await schedules.list();
  if (all.length === 0) return;
  const { name, paused } = draw.one(all).schedule;
  if (draw.chance(0.15)) await schedules.remove(name, "ada");
  else if (paused === null) await schedules.pause(name, "ada", null);
  else await schedules.resume(name, "ada");
}

async function pauseOrResume({ tasks, stage }: World, draw: Draw): Promise<void> {
  const { mode } = await stage.store.shared.admission();
  if (mode !== "open") return void (await tasks.setAdmission("open", "ada"));
  const until = draw.chance(0.5) ? stage.clock.now() + draw.int(1, 120) * 60_000 : undefined;
  await tasks.setAdmission(draw.one(["paused", "draining"]), "ada", until);
}

/** Does something to a task that is there, whether it may be done or not. */
async function change({ tasks, stage }: World, draw: Draw): Promise<void> {
  const ids = await idsOf(stage);
  if (ids.length === 0) return;
  const id = draw.one(ids);
  const task = await stage.store.tasks.get(id);
  if (task !== null) await draw.one(changesOf(tasks, stage, task, draw))();
}

function changesOf(
  tasks: Tasks,
  { store, clock }: Stage,
  { id, state, project }: Task,
  draw: Draw,
): readonly (() => Promise<unknown>)[] {
  const other = draw.int(1, id);
  const notBefore = clock.now() + draw.int(0, 3 * HOUR_MS);
  const any = [
    () => tasks.cancel(id, "ada"),
    () => tasks.cancelAlong(id, "ada"),
    () => tasks.edit(id, "ada", { priority: draw.one(PRIORITIES) }),
    () => tasks.edit(id, "ada", { notBefore: draw.one([null, notBefore]) }),
    () => tasks.depend(id, "ada", draw.chance(0.5) ? [] : [other]),
    () => tasks.say(id, "ada", "Use tabs."),
  ];
  switch (state) {
    case "queued":
    case "running":
      return any;
    case "waiting":
      return [() => tasks.answer(id, "ada", "Yes."), () => tasks.retry(id, "ada"), ...any];
    case "failed":
    case "cancelled":
      return [
        () => tasks.retry(id, "ada", "Again."),
        () => tasks.restore(id, "ada"),
        () => tasks.trash(id, "ada"),
      ];
    case "succeeded": {
      const decision = draw.one(["landed", "rejected"] as const);
      const commit = decision === "landed" ? "1".repeat(40) : null;
      const settle = {
        type: "settle",
        at: clock.now(),
        by: "ada",
        decision,
        commit,
        note: null,
      } as const;
      return [
        () => tasks.retry(id, "ada"),
        ...(project === null ? [] : [() => store.tasks.change(id, settle)]),
        () => tasks.trash(id, "ada"),
      ];
    }
  }
}

async function idsOf({ store }: Stage): Promise<readonly number[]> {
  const page = { before: null, limit: 1000 };
  const tasks = [
    ...(await store.tasks.list({}, page)),
    ...(await store.tasks.list({ trashed: true }, page)),
  ];
  return tasks.map(({ id }) => id).toSorted((a, b) => a - b);
}
