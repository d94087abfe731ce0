import { setTimeout as sleep } from "node:timers/promises";
import { seededChance } from "../../src/testing/seeded-chance.ts";
import { type AgentKiller, makeAgentKiller } from "./agent-kills.ts";
import type { DaemonProcess } from "./daemons.ts";
import { type Deck, type Life, makeDeck, nameOf, unreached } from "./deck.ts";
import type { History } from "./history.ts";
import { openStage, type Stage } from "./stage.ts";

/** A night of kills to play. */
export interface NightOptions {
  readonly seed: number;
  /** Goes on until so many processes were killed. */
  readonly kills: number;
  /** How many daemons work on the one file at once. */
  readonly daemons: number;
  /** Goes on until every moment of every point was the end of a daemon. */
  readonly everyPoint?: boolean;
  /** Told of every end of a daemon. */
  readonly tell?: (line: string) => void;
}

/** What a night has left, and what was done to it. */
export interface Night {
  readonly history: History;
  /** SIGKILLs that hit a daemon or an agent. */
  readonly kills: number;
  /** How often each moment of each point was the end of a daemon (see `nameOf`). */
  readonly reached: Readonly<Record<string, number>>;
}

/** What the lives of a night share. */
interface Play {
  readonly options: NightOptions;
  readonly stage: Stage;
  readonly deck: Deck;
  readonly agentKiller: AgentKiller;
  readonly reached: Record<string, number>;
  kills: number;
}

/** A daemon that does not reach its point within this is killed from outside. */
const LIFE_MAX_MS = 5000;
/** More lives than this mean that a point cannot be reached; the caller sees which. */
const LIVES_MAX = 1000;

/**
 * Plays one night from its seed: daemons die and are started again until enough were killed, then
 * one that nobody kills ends what is left to do.
 */
export async function playNight(options: NightOptions): Promise<Night> {
  const { seed, daemons } = options;
  await using stage = await openStage(seed + 1);
  const play: Play = {
    options,
    stage,
    deck: makeDeck(seededChance(seed)),
    agentKiller: makeAgentKiller(stage, seededChance(seed + 2)),
    reached: {},
    kills: 0,
  };
  await Promise.all(Array.from({ length: daemons }, () => liveAndDie(play)));
  const history = await stage.finish();
  return { history, kills: play.kills, reached: play.reached };
}

/** One place for a daemon: as soon as one is dead the next begins. */
async function liveAndDie(play: Play): Promise<void> {
  for (let lives = 0; lives < LIVES_MAX && !isEnough(play); lives += 1) {
    await play.stage.asker.topUp();
    await live(play, play.deck.draw());
  }
}

function isEnough({ options, kills, reached }: Play): boolean {
  if (kills < options.kills) return false;
  return options.everyPoint !== true || unreached(reached).length === 0;
}

async function live(play: Play, life: Life): Promise<void> {
  const { wrapper, plan } = life;
  const daemon = play.stage.start({ plan, wrapper, graceMs: 100 });
  const over = new AbortController();
  const [how, byUs] = await Promise.all([
    daemon.ended.finally(() => over.abort()),
    handle(play, life, daemon, over.signal),
  ]);
  if (how === "SIGKILL") play.kills += 1;
  if (plan === null) {
    play.options.tell?.(`${play.kills}: killed from outside`);
    return;
  }
  const name = nameOf(plan);
  const isReached = how === "SIGKILL" && !byUs;
  play.options.tell?.(`${play.kills}: ${isReached ? "died" : "did not come"} ${name}`);
  if (isReached) play.reached[name] = (play.reached[name] ?? 0) + 1;
  else play.deck.putBack(plan);
}

/** Does to a living daemon what its life has in store; true when it was killed from outside. */
async function handle(
  play: Play,
  life: Life,
  daemon: DaemonProcess,
  over: AbortSignal,
): Promise<boolean> {
  if (life.pauseMs !== null) {
    await daemon.works;
    daemon.signal("SIGSTOP");
    await sleep(life.pauseMs);
    daemon.signal("SIGCONT");
  }
  for (let left = life.agentKills; left > 0 && !over.aborted; left -= 1) {
    if (await play.agentKiller.killOne(over)) play.kills += 1;
  }
  if (life.letWork || life.stopFirst) await daemon.works;
  if (life.stopFirst) daemon.signal("SIGTERM");
  const lifeMs = life.killAfterMs ?? LIFE_MAX_MS;
  await sleep(lifeMs, undefined, { signal: over }).catch(() => {});
  return !over.aborted && daemon.signal("SIGKILL");
}
