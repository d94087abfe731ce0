import type { Instant, Priority, TaskKind } from "../../src/core/task.ts";
import { instantOf, weekdayOf } from "../../src/core/zone.ts";
import { seededChance } from "../../src/testing/seeded-chance.ts";

/** Weeks of one person: what they use themselves, and what they ask for. Shares are of a five-hour window. */
export interface Trace {
  readonly timeZone: string;
  /** From the person's first use on, four weekly windows long. */
  readonly from: Instant;
  readonly until: Instant;
  /** What a week allows. */
  readonly weekShares: number;
  readonly human: readonly HumanBlock[];
  readonly tasks: readonly TraceTask[];
}

/** A stretch in which the person works with the agent, evenly. */
export interface HumanBlock {
  readonly from: Instant;
  readonly until: Instant;
  readonly share: number;
}

/** A task, and what it will turn out to take. */
export interface TraceTask {
  readonly at: Instant;
  readonly kind: TaskKind;
  readonly project: string | null;
  readonly priority: Priority;
  readonly deadlineAt: Instant | null;
  readonly durationMs: number;
  readonly share: number;
  /** What it is said to have cost: nearly in step with its share. */
  readonly usd: number;
}

/** How much is asked for, of what the person leaves. */
export const DEMANDS = { light: 0.6, even: 1, heavy: 1.5 } as const;
export type Demand = keyof typeof DEMANDS;

const USD_PER_SHARE = 25;
const ZONE = "Europe/Berlin";
/** A Monday; the clocks go forward in the fourth week. */
const FIRST_DAY = Date.UTC(2026, 2, 9) / 86_400_000;
const WEEKS = 4;
const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

/** Draws a trace; the same seed gives the same one. */
export function drawTrace(seed: number, demand: Demand): Trace {
  const draw = drawing(seed);
  const habit = {
    startMinute: draw.between(7.5 * 60, 10 * 60),
    blocks: draw.between(3, 6),
    share: draw.between(0.1, 0.24),
    weekend: draw.between(0, 0.4),
    evening: draw.between(0, 0.3),
  };
  const human = Array.from({ length: WEEKS * 7 }, (_, day) => dayOf(draw, habit, FIRST_DAY + day));
  const blocks = human.flat();
  const from = blocks[0]?.from ?? instantOf(ZONE, FIRST_DAY, 0);
  const until = from + WEEKS * 7 * DAY_MS;
  const own = blocks.reduce((sum, block) => sum + block.share, 0);
  const weekShares = (own / WEEKS) * draw.between(1.6, 2.4);
  const asked = (weekShares * WEEKS - own) * DEMANDS[demand];
  const inTime = blocks.filter((block) => block.until <= until);
  const tasks = tasksOf(draw, asked).filter(({ at }) => at > from && at < until - DAY_MS);
  return { timeZone: ZONE, from, until, weekShares, human: inTime, tasks };
}

interface Habit {
  readonly startMinute: number;
  readonly blocks: number;
  readonly share: number;
  readonly weekend: number;
  readonly evening: number;
}

function dayOf(draw: Drawing, habit: Habit, day: number): readonly HumanBlock[] {
  const isWeekend = weekdayOf(day) >= 5;
  const isOff = isWeekend ? draw.below(1) > habit.weekend : draw.below(1) < 0.06;
  const blocks: HumanBlock[] = [];
  let minute = habit.startMinute + draw.around(30);
  const count = isOff ? 0 : Math.max(1, Math.round(habit.blocks + draw.around(1.5)));
  for (let block = 0; block < count; block += 1) {
    const length = draw.between(25, 90);
    blocks.push(blockAt(draw, habit, day, minute, length));
    minute += length + draw.between(15, 90);
  }
  if (!isOff && draw.below(1) < habit.evening) {
    blocks.push(blockAt(draw, habit, day, draw.between(20 * 60, 22 * 60), draw.between(20, 60)));
  }
  return blocks;
}

function blockAt(
  draw: Drawing,
  { share }: Habit,
  day: number,
  minute: number,
  length: number,
): HumanBlock {
  const from = wholeMinute(instantOf(ZONE, day, minute));
  const until = from + Math.round(length) * MINUTE_MS;
  return { from, until, share: share * draw.spread(0.5) };
}

/** Most in the evening, a few by day; enough of them that together they ask for `asked`. */
function tasksOf(draw: Drawing, asked: number): readonly TraceTask[] {
  const tasks: TraceTask[] = [];
  const perDay = asked / (WEEKS * 7);
  for (let day = FIRST_DAY; day < FIRST_DAY + WEEKS * 7; day += 1) {
    let left = perDay * draw.spread(0.4);
    while (left > 0) {
      const task = taskOn(draw, day);
      tasks.push(task);
      left -= task.share;
    }
  }
  return tasks.toSorted((a, b) => a.at - b.at);
}

function taskOn(draw: Drawing, day: number): TraceTask {
  const minute =
    draw.below(1) < 0.75 ? draw.between(19 * 60, 23 * 60) : draw.between(9 * 60, 18 * 60);
  const at = wholeMinute(instantOf(ZONE, day, minute));
  const kind = draw.oneOf<TaskKind>("serious", "serious", "serious", "thought", "generated");
  const share = 0.06 * draw.spread(0.7);
  return {
    at,
    kind,
    project: kind === "thought" ? null : draw.oneOf("backend", "site", "docs"),
    priority: draw.oneOf<Priority>("normal", "normal", "normal", "high", "low"),
    deadlineAt: draw.below(1) < 0.1 ? at + draw.between(0.4, 3) * DAY_MS : null,
    durationMs: wholeMinute(30 * MINUTE_MS * draw.spread(0.7)) + MINUTE_MS,
    share,
    usd: share * USD_PER_SHARE * draw.spread(0.1),
  };
}

function wholeMinute(ms: number): number {
  return Math.floor(ms / MINUTE_MS) * MINUTE_MS;
}

interface Drawing {
  readonly below: (end: number) => number;
  readonly between: (low: number, high: number) => number;
  /** Around zero, rarely further away than twice `width`. */
  readonly around: (width: number) => number;
  /** A factor around one: the logarithm is normal with this deviation. */
  readonly spread: (deviation: number) => number;
  readonly oneOf: <T>(...all: readonly [T, ...T[]]) => T;
}

function drawing(seed: number): Drawing {
  const { fraction } = seededChance(seed);
  const normal = (): number =>
    Math.sqrt(-2 * Math.log(1 - fraction())) * Math.cos(2 * Math.PI * fraction());
  return {
    below: (end) => fraction() * end,
    between: (low, high) => low + fraction() * (high - low),
    around: (width) => normal() * width,
    spread: (deviation) => Math.exp(normal() * deviation),
    oneOf: (...all) => all[Math.floor(fraction() * all.length)] ?? all[0],
  };
}
