import { setTimeout as sleep } from "node:timers/promises";
import { type ScriptedModel, startScriptedModel } from "../../demo/scripted-model.ts";
import type { ScriptedRequest } from "../../demo/scripted-request.ts";
import { say, type ScriptedTurn, use } from "../../demo/scripted-turn.ts";
import type { Attempt } from "../../src/core/attempt.ts";
import type { Chance } from "../../src/ports/chance.ts";
import { seededChance } from "../../src/testing/seeded-chance.ts";
import type { DaemonProcess } from "./daemons.ts";
import type { History } from "./history.ts";
import type { KillPlan } from "./kill-points.ts";
import type { Night } from "./night.ts";
import { livingAttempts, watchDoubles } from "./living-attempts.ts";
import { openStage, type Stage, untilTrue } from "./stage.ts";

/** A night of kills with the real Claude Code against the scripted model. */
export interface ClaudeNightOptions {
  readonly seed: number;
  /** Goes on until so many processes were killed. */
  readonly kills: number;
  /** Told of every kill. */
  readonly tell?: (line: string) => void;
}

/**
 * Kills daemons that run the real Claude Code, and the program itself, at moments drawn from the
 * seed; every task must come to its end in the one session that the model first heard of.
 */
export async function playClaudeNight(options: ClaudeNightOptions): Promise<Night> {
  const finished = new Set<string>();
  const work = { turns: [(request: ScriptedRequest) => nextStep(request, finished)] };
  await using model = await startScriptedModel({
    scenarios: { work: { ...work, repeatLast: true } },
  });
  await using stage = await openStage(options.seed, model.url);
  const doubles = watchDoubles(stage);
  const ids: number[] = [];
  for (let index = 0; index < TASKS; index += 1) {
    ids.push(await stage.asker.askFor(`[scenario: work] Take every step of number ${index}.`));
  }
  let kills = 0;
  const play: Play = { stage, model, chance: seededChance(options.seed) };
  for (let life = 0; kills < options.kills && life < LIVES_MAX; life += 1) {
    const killed = await live(play, life);
    kills += killed.length;
    for (const how of killed) options.tell?.(`${kills}: ${how}`);
  }
  const facts = await stage.finish();
  const journal = await doubles.stop();
  return { history: withModel({ ...facts, journal }, model, ids, finished), kills, reached: {} };
}

const TASKS = 3;
const STEPS = 8;
const LIVES_MAX = 60;
/** A daemon that does not come to its moment within this is killed anyway. */
const LIFE_MAX_MS = 15_000;
const REQUESTS_AHEAD_MAX = 6;
const LATER_MAX_MS = 150;

/** What the model wants next, by what it has been told was done. */
function nextStep(
  { toolResults, sessionId }: ScriptedRequest,
  finished: Set<string>,
): ScriptedTurn {
  const results = toolResults.join("\n");
  const done = STEP_NUMBERS.filter((step) => results.includes(`step ${step} is done`)).length;
  if (done === STEPS) {
    finished.add(sessionId);
    return say("Every step was taken.");
  }
  return use("Bash", { command: `sleep 0.2; echo step ${done + 1} is done` }, { delayMs: 60 });
}

const STEP_NUMBERS: readonly number[] = Array.from({ length: STEPS }, (_, index) => index + 1);

interface Play {
  readonly stage: Stage;
  readonly model: ScriptedModel;
  readonly chance: Chance;
}

/** Around the first byte of a session; other lives end when the model has heard so many requests. */
const PLANS: readonly KillPlan[] = [
  { point: "session recorded", moment: "after", nth: 1, delayMs: 0 },
  { point: "launch", moment: "after", nth: 1, delayMs: 0 },
  { point: "started recorded", moment: "before", nth: 1, delayMs: 0 },
  { point: "started recorded", moment: "after", nth: 2, delayMs: 0 },
  { point: "usage recorded", moment: "during", nth: 3, delayMs: 0 },
  { point: "work ended", moment: "before", nth: 1, delayMs: 0 },
];

/** One daemon from its start to its death; answers what was killed. */
async function live(play: Play, life: number): Promise<readonly string[]> {
  const { stage, chance } = play;
  const plan = life % 2 === 0 ? (PLANS[(life / 2) % PLANS.length] ?? null) : null;
  const wrapper = chance.fraction() < 0.6 ? "bwrap" : "plain";
  const daemon = stage.start({ plan, wrapper, graceMs: 100 });
  const killed: string[] = [];
  if (plan === null) {
    await heardMore(play, daemon, 1 + Math.floor(chance.fraction() * REQUESTS_AHEAD_MAX));
    if (chance.fraction() < 0.5 && (await killClaude(stage, chance))) {
      killed.push("Claude Code was killed");
      await heardMore(play, daemon, 2);
    }
    await sleep(chance.fraction() * LATER_MAX_MS);
    daemon.signal("SIGKILL");
  } else {
    const tooLong = setTimeout(() => daemon.signal("SIGKILL"), LIFE_MAX_MS);
    await daemon.ended;
    clearTimeout(tooLong);
  }
  await daemon.ended;
  const moment = plan === null ? "at some moment" : `${plan.moment} ${plan.point}`;
  return [...killed, `the daemon was killed ${moment}`];
}

async function heardMore({ model }: Play, daemon: DaemonProcess, count: number): Promise<void> {
  await daemon.works;
  const wanted = model.requests().length + count;
  await untilTrue(() => Promise.resolve(model.requests().length >= wanted), LIFE_MAX_MS);
}

/** Kills the program of one running attempt, not what was put around it. */
async function killClaude(stage: Stage, chance: Chance): Promise<boolean> {
  const living = (await livingAttempts(stage)).filter(({ program }) =>
    program?.endsWith("/claude"),
  );
  const chosen = living[Math.floor(chance.fraction() * living.length)];
  if (chosen === undefined) return false;
  try {
    process.kill(chosen.pid, "SIGKILL");
  } catch {
    return false;
  }
  stage.agentKills[chosen.taskId] = (stage.agentKills[chosen.taskId] ?? 0) + 1;
  return true;
}

/**
 * Puts in what the model knows: its hearing from a session is the effect of a task that must happen
 * in one session only. A session that it never heard of had not begun. What killed programs leave
 * in the temporary folder is not ours to judge.
 */
function withModel(
  history: History,
  model: ScriptedModel,
  ids: readonly number[],
  finished: ReadonlySet<string>,
): History {
  const effects = new Map<string, { taskId: number; sessionId: string }>();
  for (const { sessionId, userTexts } of model.requests()) {
    const number = /of number (\d+)\./u.exec(userTexts.join("\n"))?.[1];
    const taskId = ids[Number(number)] ?? 0;
    effects.set(`${taskId} ${sessionId}`, { taskId, sessionId });
  }
  const heard = new Set([...effects.values()].map(({ sessionId }) => sessionId));
  const sessions = [...finished].map((id) => [
    id,
    { beats: STEPS, failed: 0, effect: true, ended: true },
  ]);
  return {
    ...history,
    attempts: history.attempts.map((attempt) => asHeard(attempt, history.attempts, heard)),
    effects: [...effects.values()],
    sessions: Object.fromEntries(sessions) as History["sessions"],
    litter: [],
  };
}

function asHeard(attempt: Attempt, all: readonly Attempt[], heard: ReadonlySet<string>): Attempt {
  if (attempt.sessionId === null || !heard.has(attempt.sessionId)) {
    return { ...attempt, sessionId: null };
  }
  const isFirst = !all.some(
    ({ taskId, number, sessionId }) =>
      taskId === attempt.taskId && number < attempt.number && heard.has(sessionId ?? ""),
  );
  return isFirst ? { ...attempt, resumed: false } : attempt;
}
