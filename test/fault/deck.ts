import type { Chance } from "../../src/ports/chance.ts";
import type { DaemonOrder } from "./daemon-under-test.ts";
import { KILL_POINTS, type KillPlan, LONG_POINTS, MOMENTS } from "./kill-points.ts";

/** How one daemon of a night lives and dies. */
export interface Life {
  readonly wrapper: DaemonOrder["wrapper"];
  /** Where it kills itself; null when the harness ends it. */
  readonly plan: KillPlan | null;
  /** Killed from outside so many milliseconds after its start; null when not. */
  readonly killAfterMs: number | null;
  /** Those milliseconds count from when it works, not from when its process began. */
  readonly letWork: boolean;
  /** Asked to stop once it works, and killed while it stops. */
  readonly stopFirst: boolean;
  /** So many agents are killed while it works. */
  readonly agentKills: number;
  /** Stopped for so long (SIGSTOP) and let go on, before anything else. */
  readonly pauseMs: number | null;
}

/** All lives that are to be lived, drawn by chance; what was not reached is put back. */
export interface Deck {
  readonly draw: () => Life;
  readonly putBack: (plan: KillPlan) => void;
}

/** Of so many lives one is ended from outside rather than at a point. */
const OUTSIDE_SHARE = 0.15;
const AGENT_KILL_SHARE = 0.2;
const PAUSE_SHARE = 0.05;
const NTH_MAX = 2;
const DURING_MAX_MS = 60;
const KILL_AFTER_MAX_MS = 700;
const PAUSE_MAX_MS = 800;

/** Makes a deck that holds every moment of every point before one comes again. */
export function makeDeck(chance: Chance): Deck {
  let plans: KillPlan[] = [];
  const below = (max: number): number => Math.floor(chance.fraction() * max);
  const drawPlan = (): KillPlan => {
    if (plans.length === 0) plans = allPlans(below);
    const [plan] = plans.splice(below(plans.length), 1);
    if (plan === undefined) throw new Error("the deck is empty");
    return plan;
  };
  return {
    putBack: (plan) => plans.push({ ...plan, nth: 1 }),
    draw: () => {
      const outside = chance.fraction() < OUTSIDE_SHARE;
      return {
        wrapper: wrapperOf(chance.fraction()),
        plan: outside ? null : drawPlan(),
        killAfterMs: outside ? below(KILL_AFTER_MAX_MS) : null,
        letWork: chance.fraction() < 0.7,
        stopFirst: outside && chance.fraction() < 0.4,
        agentKills: chance.fraction() < AGENT_KILL_SHARE ? 1 + below(2) : 0,
        pauseMs: chance.fraction() < PAUSE_SHARE ? below(PAUSE_MAX_MS) : null,
      };
    },
  };
}

/** The name under which a moment of a point is counted. */
export function nameOf({ point, moment }: Pick<KillPlan, "point" | "moment">): string {
  return `${moment} ${point}`;
}

/** The moments of points that were nobody's end. */
export function unreached(reached: Readonly<Record<string, number>>): readonly string[] {
  return KILL_POINTS.flatMap((point) => MOMENTS.map((moment) => nameOf({ point, moment }))).filter(
    (name) => reached[name] === undefined,
  );
}

function allPlans(below: (max: number) => number): KillPlan[] {
  return KILL_POINTS.flatMap((point) =>
    MOMENTS.map((moment) => ({
      point,
      moment,
      nth: 1 + below(NTH_MAX),
      delayMs: moment === "during" && LONG_POINTS.has(point) ? below(DURING_MAX_MS) : 0,
    })),
  );
}

/** Mostly what a machine has; else what agents outlive, so that leftovers must be ended. */
function wrapperOf(fraction: number): Life["wrapper"] {
  if (fraction < 0.5) return "bwrap";
  return fraction < 0.7 ? "setpriv" : "plain";
}
