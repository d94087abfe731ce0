import { checkHistory, type Findings } from "./check-history.ts";
import { playClaudeNight } from "./claude-night.ts";
import { unreached } from "./deck.ts";
import { playFrozen } from "./frozen.ts";
import { type Night, playNight } from "./night.ts";

/** One story of kills. */
interface Part {
  readonly name: string;
  readonly play: () => Promise<Night>;
}

/**
 * The kill suite in full: kills daemons and agents at every step of an attempt, and says in its last
 * line what came of it. `SEED` repeats a run; the first argument is how many kills there are at least.
 */
async function main(): Promise<void> {
  const seed = Number(process.env["SEED"] ?? Date.now() % 1_000_000);
  const killsMin = Number(process.argv[2] ?? KILLS_MIN);
  tell(`SEED=${seed}`);
  const total = { kills: 0, lost: 0, doubled: 0, resumed: 0, bad: 0 };
  for (const part of partsOf(seed, killsMin)) {
    tell(`\n${part.name}`);
    const night = await played(part);
    if (night === null) {
      total.bad += 1;
      continue;
    }
    const findings = checkHistory(night.history);
    tell(`${part.name}: ${summaryOf(night, findings)}`);
    for (const line of problemsOf(findings)) tell(`  ${line}`);
    total.kills += night.kills;
    total.lost += findings.lost.length;
    total.doubled += findings.doubled.length;
    total.resumed += findings.resumed;
    total.bad += problemsOf(findings).length;
  }
  if (total.kills < killsMin) total.bad += 1;
  if (total.bad > 0) process.exitCode = 1;
  const { kills, lost, doubled, resumed } = total;
  tell(`\nkills ${kills}, lost ${lost}, doubled ${doubled}, resumed ${resumed}`);
}

/** Null, after the reason was told, when the story could not be played to its end. */
async function played(part: Part): Promise<Night | null> {
  try {
    return await part.play();
  } catch (error) {
    tell(`${part.name}: broke off: ${error instanceof Error ? error.message : String(error)}`);
    return null;
  }
}

/** Kills in all when no other number is given. */
const KILLS_MIN = 240;
/** Share of the kills that falls on a file with one daemon; the rest on one with two. */
const ALONE_SHARE = 0.75;

/** Kills around the real Claude Code, which takes a second to start. */
const CLAUDE_KILLS = 12;

function partsOf(seed: number, killsMin: number): readonly Part[] {
  const alone = Math.ceil(killsMin * ALONE_SHARE);
  return [
    {
      name: "One daemon, killed at every moment of every step",
      play: async () => {
        const night = await playNight({ seed, kills: alone, daemons: 1, everyPoint: true, tell });
        const missing = unreached(night.reached);
        if (missing.length > 0) throw new Error(`Nothing died ${missing.join(", ")}`);
        return night;
      },
    },
    {
      name: "Two daemons on one file",
      play: () => playNight({ seed: seed + 1000, kills: killsMin - alone, daemons: 2, tell }),
    },
    {
      name: "The real Claude Code against the scripted model",
      play: () => playClaudeNight({ seed, kills: CLAUDE_KILLS, tell }),
    },
    { name: "A daemon stopped for longer than its lease", play: () => playFrozen(seed) },
  ];
}

function summaryOf({ history, kills }: Night, findings: Findings): string {
  const { tasks, attempts, events } = history;
  const facts = `${tasks.length} tasks, ${attempts.length} attempts, ${events.length} events`;
  return `${kills} kills, ${facts}, ${findings.resumed} sessions resumed, ${problemsOf(findings).length} problems`;
}

function problemsOf(findings: Findings): readonly string[] {
  const { lost, doubled, unresumed, wrong } = findings;
  return [
    ...lost.map((line) => `lost: ${line}`),
    ...doubled.map((line) => `doubled: ${line}`),
    ...unresumed.map((line) => `not resumed: ${line}`),
    ...wrong.map((line) => `wrong: ${line}`),
  ];
}

function tell(line: string): void {
  process.stdout.write(`${line}\n`);
}

await main();
