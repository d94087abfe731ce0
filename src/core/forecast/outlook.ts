import { seededDraws } from "../draws.ts";
import type { Hold } from "../hold.ts";
import type { Instant } from "../task.ts";
import { type Play, playOnce, type PlayedTask } from "./play.ts";

/** A moment that is passed by half, and by nine in ten, of all plays; null where fewer come so far. */
export interface Band {
  readonly p50: Instant | null;
  readonly p90: Instant | null;
}

/** What is to be expected of a task until the end of the plan. */
export interface Outlook {
  readonly taskId: number;
  readonly starts: Band;
  readonly ends: Band;
  /** Share of the plays in which it ended in time. */
  readonly chance: number;
  /** What held it most often when it did not start; null when it always did. */
  readonly hold: Hold | null;
}

const PLAYS = 21;
/** The same question gets the same answer. */
const SEED = 1;

/** Plays the time ahead again and again, and says of each task what came of it. */
export function outlookOf(play: Omit<Play, "draw">, plays: number = PLAYS): readonly Outlook[] {
  const draw = seededDraws(SEED);
  const all = Array.from({ length: plays }, () => playOnce({ ...play, draw }));
  return play.queued.map(({ id }, index) =>
    outlookOfTask(
      id,
      all.map((played) => played[index] as PlayedTask),
      play.until,
    ),
  );
}

function outlookOfTask(taskId: number, played: readonly PlayedTask[], until: Instant): Outlook {
  const inTime = played.filter(({ endsAt }) => endsAt !== null && endsAt <= until);
  const holds = played.flatMap(({ startsAt, hold }) => (startsAt === null && hold ? [hold] : []));
  return {
    taskId,
    starts: bandOf(played.map(({ startsAt }) => startsAt)),
    ends: bandOf(played.map(({ endsAt }) => endsAt)),
    chance: inTime.length / played.length,
    hold: mostFrequent(holds),
  };
}

function bandOf(moments: readonly (Instant | null)[]): Band {
  const sorted = moments.map((at) => at ?? Infinity).toSorted((a, b) => a - b);
  const at = (chance: number): Instant | null => {
    const moment = sorted[Math.ceil(chance * sorted.length) - 1];
    return moment === undefined || moment === Infinity ? null : moment;
  };
  return { p50: at(0.5), p90: at(0.9) };
}

function mostFrequent(holds: readonly Hold[]): Hold | null {
  const groups = [...Map.groupBy(holds, ({ policy }) => policy).values()];
  return groups.toSorted((a, b) => b.length - a.length)[0]?.[0] ?? null;
}
