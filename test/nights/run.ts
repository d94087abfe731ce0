// Plays nights from their seeds, and says in the last line whether the books of all balance.
// node test/nights/run.ts [--nights 10000] [--seed 1]
import { parseArgs } from "node:util";
import { playNight } from "./play.ts";

const { values } = parseArgs({
  options: {
    nights: { type: "string", default: "10000" },
    seed: { type: "string", default: "1" },
  },
});

/** So many nights are told of in one line. */
const TELL_EVERY = 100;

async function main(nights: number, first: number): Promise<void> {
  const sum = { promises: 0, outcomes: 0, imbalance: 0, kills: 0, starts: 0 };
  let bad = 0;
  for (let seed = first; seed < first + nights; seed += 1) {
    const night = await playNight(seed);
    sum.promises += night.promises;
    sum.outcomes += night.outcomes;
    sum.imbalance += night.imbalance;
    sum.kills += night.kills;
    sum.starts += night.starts;
    if (night.problems.length > 0 || night.imbalance > 0) {
      bad += 1;
      tell(`night ${seed} (again: --nights 1 --seed ${seed}):`);
      for (const problem of night.problems.slice(0, 9)) tell(`  ${problem}`);
    }
    const played = seed - first + 1;
    if (played % TELL_EVERY === 0) tell(`${played} nights, ${bad} of them bad`);
  }
  const { promises, outcomes, imbalance, kills, starts } = sum;
  tell(`${starts} agents were started, ${kills} daemons killed, ${bad} nights bad`);
  if (bad > 0) process.exitCode = 1;
  tell(`nights ${nights}, promises ${promises}, outcomes ${outcomes}, imbalance ${imbalance}`);
}

function tell(line: string): void {
  process.stdout.write(`${line}\n`);
}

await main(Number(values.nights), Number(values.seed));
