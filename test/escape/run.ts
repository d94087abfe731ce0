import { LEVELS, type Level } from "./levels.ts";
import { playAll, summaryOf } from "./play-all.ts";
import { SUITE } from "./suite.ts";

async function main(args: readonly string[]): Promise<void> {
  const level =
    args.find((one): one is Level => LEVELS.some((other) => other === one)) ?? "sandbox";
  const numbers = args.map(Number).filter((one) => !Number.isNaN(one));
  const acts = SUITE.filter(({ number }) => numbers.length === 0 || numbers.includes(number));
  const all = await playAll(acts, level, ({ act, verdict }) =>
    tell(`${act.number} ${verdict.outcome.padEnd(7)} ${act.name}: ${verdict.how}`),
  );
  tell(summaryOf(all));
  if (all.some(({ verdict }) => verdict.outcome === "broken")) process.exitCode = 1;
}

function tell(line: string): void {
  process.stdout.write(`${line}\n`);
}

await main(process.argv.slice(2));
