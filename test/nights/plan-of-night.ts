import { openRules, quotaOf } from "../../src/testing/admission-rules.ts";
import type { AdmissionRules } from "../../src/core/hold.ts";
import { TASK_KINDS } from "../../src/core/task.ts";
import { instantOf, localDayOf } from "../../src/core/zone.ts";
import type { KillAt } from "./faults.ts";
import { CLAUDE } from "./agents.ts";
import { type Draw, drawFrom } from "./draw.ts";
import type { Manner } from "./provider.ts";

/** What befalls the machine and its daemons, and what a person does. */
export type Act =
  | { readonly do: "person"; readonly seed: number }
  | { readonly do: "person-uses"; readonly share: number }
  | { readonly do: "kill"; readonly daemon: number; readonly at: KillAt; readonly backMs: number }
  | { readonly do: "freeze"; readonly daemon: number; readonly ms: number }
  | { readonly do: "lock"; readonly ms: number }
  | { readonly do: "jump"; readonly ms: number }
  | { readonly do: "suspend"; readonly ms: number };

/** Everything of a night, drawn from its seed before it begins. */
export interface NightPlan {
  readonly seed: number;
  readonly timeZone: string;
  readonly startsAt: number;
  readonly lastsMs: number;
  readonly daemons: number;
  readonly store: "memory" | "sqlite";
  readonly rules: AdmissionRules;
  readonly manner: Manner;
  /** When, from its start, by true time; in that order. */
  readonly acts: readonly { readonly atMs: number; readonly act: Act }[];
}

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;
/** Zones that change by an hour and by half of one, at night, at midnight and in the other hemisphere. */
const ZONES = [
  "Europe/Berlin",
  "Europe/London",
  "America/New_York",
  "America/St_Johns",
  "America/Santiago",
  "Africa/Cairo",
  "Asia/Beirut",
  "Australia/Sydney",
  "Australia/Lord_Howe",
  "Pacific/Auckland",
] as const;
/** One night in so many is played on a database in a file. */
const SQLITE_EVERY = 16;

export function planNight(seed: number): NightPlan {
  const draw = drawFrom(seed);
  const timeZone = draw.one(ZONES);
  const startsAt = drawStart(draw, timeZone);
  const lastsMs = draw.int(4, 10) * HOUR_MS;
  const daemons = draw.chance(0.3) ? 2 : 1;
  return {
    seed,
    timeZone,
    startsAt,
    lastsMs,
    daemons,
    store: seed % SQLITE_EVERY === 0 ? "sqlite" : "memory",
    rules: drawRules(draw, timeZone),
    manner: draw.one(["well", "well", "badly", "badly", "never"] as const),
    acts: drawActs(draw, lastsMs, daemons),
  };
}

/** Two of three nights begin shortly before the clocks change, forward and back alike. */
function drawStart(draw: Draw, timeZone: string): number {
  const any = Date.UTC(2027, 0, 1) + draw.int(0, 364) * DAY_MS + draw.int(0, 23) * HOUR_MS;
  if (draw.chance(1 / 3)) return any;
  const changes = changesOf(timeZone);
  return changes.length === 0 ? any : draw.one(changes) - draw.int(30, 600) * MINUTE_MS;
}

const known = new Map<string, readonly number[]>();

/** When the clocks change in 2027, to the hour. */
function changesOf(timeZone: string): readonly number[] {
  const found = known.get(timeZone) ?? findChanges(timeZone);
  known.set(timeZone, found);
  return found;
}

function findChanges(timeZone: string): readonly number[] {
  const changes: number[] = [];
  const offsetAt = (at: number): number => {
    const day = localDayOf(timeZone, at);
    return day * DAY_MS - instantOf(timeZone, day, 0);
  };
  for (let at = Date.UTC(2027, 0, 2); at < Date.UTC(2028, 0, 1); at += DAY_MS) {
    if (offsetAt(at) === offsetAt(at + DAY_MS)) continue;
    // Between the two midnights; most change at two in the morning.
    changes.push(instantOf(timeZone, localDayOf(timeZone, at), 2 * 60));
  }
  return changes;
}

function drawRules(draw: Draw, timeZone: string): AdmissionRules {
  const night = {
    days: [0, 1, 2, 3, 4, 5, 6],
    startMinute: draw.int(18, 26) * 60,
    endMinute: 7 * 60,
  };
  const startMinute = night.startMinute % 1440;
  const kindsByDay = draw.one([TASK_KINDS, TASK_KINDS, ["serious"] as const, [] as const]);
  return openRules({
    parallelMax: draw.int(1, 4),
    executorDefault: CLAUDE,
    hours: { timeZone, nights: [{ ...night, startMinute }], kindsByDay, kindsByNight: TASK_KINDS },
    quota: quotaOf(draw.one([0.2, 0.6, 1]), draw.one([0.8, 1]), {
      week: draw.one([0.97, 1]),
      care: draw.one([null, null, null, null, 1.3, 2.7]),
      reserves: draw.chance(0.3) ? [{ share: 0.3, days: [0, 1, 2, 3, 4, 5, 6], minute: 480 }] : [],
    }),
  });
}

/** About so many of each in a night. */
function drawActs(draw: Draw, lastsMs: number, daemons: number): NightPlan["acts"] {
  const acts: Act[] = [];
  const add = (max: number, make: () => Act): void => {
    for (let left = draw.int(0, max); left > 0; left -= 1) acts.push(make());
  };
  add(25, () => ({ do: "person", seed: draw.seed() }));
  add(4, () => ({ do: "person-uses", share: draw.int(5, 60) / 100 }));
  add(5, () => ({
    do: "kill",
    daemon: draw.int(0, daemons - 1),
    at: { calls: draw.int(1, 120), moment: draw.one(["before", "after"]) },
    backMs: draw.int(0, draw.chance(0.2) ? HOUR_MS : 2 * MINUTE_MS),
  }));
  add(2, () => ({
    do: "freeze",
    daemon: draw.int(0, daemons - 1),
    ms: draw.int(1000, 5 * MINUTE_MS),
  }));
  add(3, () => ({ do: "lock", ms: draw.int(1000, 2 * MINUTE_MS) }));
  add(2, () => ({
    do: "jump",
    ms: draw.int(-3 * 60, draw.chance(0.2) ? 30 * 60 : 180) * MINUTE_MS,
  }));
  add(2, () => ({ do: "suspend", ms: draw.int(1, draw.chance(0.3) ? 600 : 60) * MINUTE_MS }));
  return acts
    .map((act) => ({ act, atMs: draw.int(0, lastsMs) }))
    .toSorted((a, b) => a.atMs - b.atMs);
}
