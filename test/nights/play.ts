import { nextHoursChange } from "../../src/core/hours.ts";
import { judgeNight, type Judged } from "./judge.ts";
import { lookAt, watchClaims } from "./look.ts";
import { makePerson, type Person } from "./person.ts";
import { endNight } from "./morning.ts";
import { type Act, type NightPlan, planNight } from "./plan-of-night.ts";
import { openStage, type Stage } from "./stage.ts";

/** What came of a night. */
export interface NightResult extends Judged {
  readonly plan: NightPlan;
  readonly starts: number;
  readonly kills: number;
}

/** Longest step while something runs: heartbeats come in time. */
const STEP_RUNNING_MS = 25_000;
/** After something was written, until nothing is. */
const STEP_BUSY_MS = 5000;
/** Longest step while nothing runs. */
const STEP_IDLE_MS = 30 * 60_000;

/** Plays the night of this seed, and the morning after it, and judges what is left. */
export async function playNight(
  seed: number,
  change: Partial<NightPlan> = {},
): Promise<NightResult> {
  const plan = { ...planNight(seed), ...change };
  await using stage = await openStage(plan, watchClaims);
  const person = makePerson(stage);
  const show: Show = { stage, person, later: [], kills: 0, wasBusy: true, calmSinceMs: 0 };
  await person.begin();
  for (const { start } of stage.daemons) start();
  for (const { atMs, act } of plan.acts) {
    await passUntil(show, plan.startsAt + atMs);
    await play(show, act);
  }
  await passUntil(show, plan.startsAt + plan.lastsMs);
  show.later.length = 0;
  await endNight(stage, person, (ms) => step(show, ms));
  const judged = await judgeNight(stage, person);
  return { ...judged, plan, starts: stage.agents.starts(), kills: show.kills };
}

interface Show {
  readonly stage: Stage;
  readonly person: Person;
  /** What is to happen by itself, by elapsed time. */
  readonly later: { readonly atMs: number; readonly run: () => void }[];
  kills: number;
  /** Something was written in the last step. */
  wasBusy: boolean;
  /** Since when nothing disturbs the daemons. */
  calmSinceMs: number;
}

async function play(show: Show, act: Act): Promise<void> {
  const { stage, person } = show;
  const { time } = stage;
  if (act.do !== "person" && act.do !== "person-uses") show.calmSinceMs = time.elapsedMs();
  switch (act.do) {
    case "person":
      await person.act(act.seed);
      return;
    case "person-uses":
      stage.provider.use(act.share, null);
      return;
    case "kill": {
      const place = stage.daemons[act.daemon];
      place?.kill(act.at, () => {
        show.kills += 1;
        show.calmSinceMs = time.elapsedMs() + act.backMs;
        show.later.push({ atMs: time.elapsedMs() + act.backMs, run: place.start });
      });
      return;
    }
    case "freeze": {
      const place = stage.daemons[act.daemon];
      place?.freeze();
      show.calmSinceMs += act.ms;
      show.later.push({ atMs: time.elapsedMs() + act.ms, run: () => place?.thaw() });
      return;
    }
    case "lock":
      show.calmSinceMs += act.ms;
      return stage.lock(act.ms);
    case "jump":
      return time.jump(act.ms);
    case "suspend":
      return time.suspend(act.ms);
  }
}

/** Lets time pass from event to event until then, by true time. */
async function passUntil(show: Show, until: number): Promise<void> {
  const { time } = show.stage;
  await show.stage.quiet();
  while (time.trueNow() < until) await step(show, until - time.trueNow());
}

async function step(show: Show, maxMs: number): Promise<void> {
  const { stage, later } = show;
  const { time } = stage;
  const before = stage.writes();
  time.move(Math.max(1, Math.min(maxMs, await nextMs(show))));
  for (const due of later.filter(({ atMs }) => atMs <= time.elapsedMs())) {
    later.splice(later.indexOf(due), 1);
    due.run();
  }
  await stage.quiet();
  for (const place of stage.daemons) {
    // What cannot start ends at once, and whoever watches over it starts it again.
    if (!place.isAlive() && later.length === 0)
      later.push({ atMs: time.elapsedMs() + 30_000, run: place.start });
  }
  for (const id of stage.agents.doubled()) stage.tell(`task ${id} has two living agents`);
  show.wasBusy = stage.writes() !== before;
  await lookAt(stage, {
    calmMs: time.elapsedMs() - show.calmSinceMs,
    step: (ms) => step(show, ms),
  });
}

/** How long until something can happen that is worth a look. */
async function nextMs({ stage, later, wasBusy }: Show): Promise<number> {
  const { time, store } = stage;
  const own = later.map(({ atMs }) => atMs - time.elapsedMs());
  const outside = [time.nextAlarmMs() ?? Infinity, ...own];
  if (wasBusy) return Math.min(STEP_BUSY_MS, ...outside);
  const running = await store.attempts.running();
  if (running.length > 0 || stage.isLocked()) return Math.min(STEP_RUNNING_MS, ...outside);
  return Math.min(STEP_IDLE_MS, ...outside, ...(await timesAhead(stage)));
}

/** Everything that comes by the clock on the wall while nothing runs. */
async function timesAhead({ store, time, plan }: Stage): Promise<readonly number[]> {
  const now = time.now();
  const windows = await store.usage.windows();
  const { until } = await store.shared.admission();
  const times = [
    await store.tasks.nextDueAt(now),
    await store.schedules.nextDueAt(),
    nextHoursChange(plan.rules.hours, now),
    until,
    ...windows.map(({ resetsAt }) => resetsAt),
  ];
  return times.flatMap((at) => (at === null || at <= now ? [] : [at - now]));
}
