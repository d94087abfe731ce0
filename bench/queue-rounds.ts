import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { Done, Round } from "./queue-process.ts";

/** How the store did against bare commits, pair of rounds by pair. */
export interface Compared {
  /** Commits a second over all processes: bare, and through the store. */
  readonly bare: number;
  readonly store: number;
  /** Of store to bare, one for each pair of rounds. */
  readonly ratios: readonly number[];
  readonly errors: readonly string[];
}

/** What is compared, and how long. */
export interface Comparison {
  readonly folder: string;
  /** Name of the filled database in `folder`. */
  readonly database: string;
  readonly processes: number;
  readonly mode: "direct" | "thread";
  readonly pairs: number;
  readonly roundMs: number;
}

/**
 * Lets the processes take turns in rounds of bare commits and rounds through the store, so that
 * whatever else the machine does meets both. The first pair warms up and is not counted.
 */
export async function compare(comparison: Comparison): Promise<Compared> {
  const { pairs, roundMs } = comparison;
  const children = await start(comparison);
  const bare: Done[] = [];
  const store: Done[] = [];
  const ratios: number[] = [];
  for (let pair = 0; pair <= pairs; pair += 1) {
    const both = {
      bare: await play(children, { what: "bare", ms: roundMs }),
      store: await play(children, { what: "store", ms: roundMs }),
    };
    if (pair === 0) continue;
    bare.push(...both.bare);
    store.push(...both.store);
    ratios.push(perSecond(both.store) / perSecond(both.bare));
  }
  await Promise.all(children.map(stop));
  return {
    bare: perSecond(bare) / pairs,
    store: perSecond(store) / pairs,
    ratios: ratios.toSorted((a, b) => a - b),
    errors: [...bare, ...store].flatMap(({ errors }) => errors),
  };
}

async function start(comparison: Comparison): Promise<readonly ChildProcess[]> {
  const { folder, database, processes, mode } = comparison;
  const children: ChildProcess[] = [];
  for (let index = 0; index < processes; index += 1) {
    const child = fork(join(import.meta.dirname, "queue-process.ts"), [
      join(folder, "bare.db"),
      join(folder, database),
      String(index),
      String(processes),
      mode,
    ]);
    await once(child, "message");
    children.push(child);
  }
  return children;
}

async function play(children: readonly ChildProcess[], round: Round): Promise<readonly Done[]> {
  return Promise.all(
    children.map(async (child) => {
      child.send(round);
      const [done] = (await once(child, "message")) as [Done];
      return done;
    }),
  );
}

/** Commits a second of rounds that ran side by side. */
function perSecond(rounds: readonly Done[]): number {
  return rounds.reduce((sum, { commits, ms }) => sum + (commits / ms) * 1000, 0);
}

async function stop(child: ChildProcess): Promise<void> {
  const exited = once(child, "exit");
  child.disconnect();
  await exited;
}
