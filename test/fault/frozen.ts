import { setTimeout as sleep } from "node:timers/promises";
import { attemptMark } from "../../src/engine/steps/work.ts";
import type { AgentScript } from "./agent.ts";
import type { DaemonProcess } from "./daemons.ts";
import type { Night } from "./night.ts";
import { processesMarked } from "./processes.ts";
import { openStage, type Stage, untilTrue } from "./stage.ts";

/** A lease lasts a minute; the other daemon must have taken over well before this has passed. */
const TAKE_OVER_MAX_MS = 180_000;
const START_MAX_MS = 60_000;

/**
 * Stops a daemon (SIGSTOP) for longer than its lease while its agents work, and lets it go on after
 * another has taken over; then kills it for good, so that the other takes over without a restart.
 * The agents of the first must be gone before those of the second begin.
 */
export async function playFrozen(seed: number): Promise<Night> {
  await using stage = await openStage(seed);
  for (let count = 0; count < TASKS; count += 1) await stage.asker.ask(LONG_WORK);
  const frozen = stage.start({ plan: null, wrapper: "plain", graceMs: 100 });
  await expectFact(stage, "agents at work", START_MAX_MS, () => agentsOf(stage, 1));
  await freeze(stage, frozen);
  const other = stage.start({ plan: null, wrapper: "bwrap", graceMs: 100 });
  await expectFact(stage, "a takeover after the lease", TAKE_OVER_MAX_MS, () => agentsOf(stage, 2));
  frozen.signal("SIGCONT");
  other.signal("SIGKILL");
  await other.ended;
  await expectFact(stage, "a takeover from the dead", TAKE_OVER_MAX_MS, () => agentsOf(stage, 3));
  frozen.signal("SIGKILL");
  await frozen.ended;
  stage.release();
  return { history: { ...(await stage.finish()), frozen: true }, kills: 2, reached: {} };
}

/**
 * Stops a daemon while it does not hold the database's lock. With it nobody could write at all until
 * the daemon goes on or is killed: nothing runs twice then either, and nothing is to be seen here.
 */
async function freeze(stage: Stage, daemon: DaemonProcess): Promise<void> {
  daemon.signal("SIGSTOP");
  while (stage.isLocked()) {
    daemon.signal("SIGCONT");
    await sleep(LET_GO_MS);
    daemon.signal("SIGSTOP");
  }
}

const LET_GO_MS = 15;
const TASKS = 2;

/** Nothing ends before it was taken over. */
const LONG_WORK: AgentScript = {
  beats: 10,
  beatMs: 100,
  fails: 0,
  forks: true,
  stubborn: true,
  holds: true,
};

/** True when every task has come to this attempt and its agent is there. */
async function agentsOf({ store }: Stage, attempt: number): Promise<boolean> {
  const running = (await store.attempts.running()).filter(
    (each) => each.attempt.number >= attempt && each.attempt.startedAt !== null,
  );
  const marks = new Set(running.map((each) => attemptMark(each.attempt)));
  return new Set(processesMarked(marks).map(({ mark }) => mark)).size === TASKS;
}

async function expectFact(
  stage: Stage,
  name: string,
  maxMs: number,
  fact: () => Promise<boolean>,
): Promise<void> {
  if (await untilTrue(fact, maxMs)) return;
  const running = await stage.store.attempts.running();
  throw new Error(`There was not ${name}: ${JSON.stringify(running)}`);
}
