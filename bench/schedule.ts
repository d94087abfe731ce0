// Weeks of a person and their tasks, played by the daemon's own admission and order, and by others.
// node bench/schedule.ts [--seeds 20] [--tuning] [--write]
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { AdmissionRules } from "../src/core/hold.ts";
import { CARE_OF } from "../src/core/quota.ts";
import { hoursOf, openRules, quotaOf } from "../src/testing/admission-rules.ts";
import { mostWork } from "./schedule/bound.ts";
import { greedy, ours, threshold } from "./schedule/deciders.ts";
import { type Decider, type Played, simulate } from "./schedule/simulate.ts";
import { type Demand, DEMANDS, drawTrace, type Trace } from "./schedule/trace.ts";
import { type Row, tableOf } from "./table.ts";

const { values } = parseArgs({
  options: {
    seeds: { type: "string", default: "20" },
    /** The seeds that settings and code may be fitted to; the others never are. */
    tuning: { type: "boolean", default: false },
    write: { type: "boolean", default: false },
  },
});
const WHY = `Weeks are drawn from a seed (\`bench/schedule/trace.ts\`); work and time count by minutes, so the machine does not matter.
"The most work" is an upper bound, not a schedule: all that is asked for, or what the weekly windows allow beyond what
the person uses. More than that is taken from the person, which is why others come above 1 and block them for hours.
"Ours" has the settings of the defaults and a reserve of 30% by 08:00. It begins to know the person and the tasks with the
first minute of the first week, from what a daemon sees of the windows and of its own runs, and from nothing else.
Code and settings were fitted to seeds 1 to 18 (\`--tuning\`). What is left of blocked minutes is of two kinds: a person who
works on a day or in an evening on which they hardly ever did, and windows that begin at other times than they would
have, so that a person who meets the limit anyway meets it at another time.`;
const count = Number(values.seeds);
const first = values.tuning ? 1 : 1001;
const WORKDAYS = [0, 1, 2, 3, 4];

/** The defaults of the settings, with a reserve for the morning. */
const RULES: AdmissionRules = openRules({
  parallelMax: 2,
  hours: hoursOf({ timeZone: "Europe/Berlin" }),
  quota: quotaOf(0.2, 0.8, {
    week: 0.97,
    care: CARE_OF.careful,
    reserves: [{ share: 0.3, days: WORKDAYS, minute: 8 * 60 }],
  }),
});

const DECIDERS: Readonly<Record<string, Decider>> = { greedy, threshold, ours };
const demands = Object.keys(DEMANDS) as readonly Demand[];

/** What a decider did, summed over traces, beyond what the person alone would have met. */
interface Sum {
  readonly shares: number[];
  blocked: number;
  violations: number;
  closed: number;
  misses: number;
  gaveWay: number;
  readonly waits: Record<string, number[]>;
}

const sums = new Map<string, Sum>();
for (let seed = first; seed < first + count; seed += 1) {
  for (const demand of demands) playAll(drawTrace(seed, demand), demand);
}
const rows = [...sums].flatMap(([name, sum]) => rowsOf(name, sum));
const which = values.tuning ? "tuning" : "held-out";
const text = `${count} ${which} seeds from ${first}, ${demands.join(", ")} demand, 4 weeks each\n\n${tableOf(rows)}`;
process.stdout.write(`${text}\n${lastLine()}\n`);
if (values.write) {
  const page = `# Schedules\n\n\`npm run bench:schedule\`\n\n\`\`\`text\n${text}\n${lastLine()}\n\`\`\`\n\n${WHY}\n`;
  writeFileSync(join(import.meta.dirname, "RESULTS-schedule.md"), page);
}

function playAll(trace: Trace, demand: Demand): void {
  const alone = simulate({ ...trace, tasks: [] }, RULES, () => []);
  for (const [name, decide] of Object.entries(DECIDERS)) {
    const played = simulate(trace, RULES, decide, { givesWay: name === "ours" });
    add(`${name}, ${demand}`, played, alone, mostWork(trace));
  }
}

function add(name: string, played: Played, alone: Played, most: number): void {
  const sum = sums.get(name) ?? {
    shares: [],
    blocked: 0,
    violations: 0,
    closed: 0,
    misses: 0,
    gaveWay: 0,
    waits: {},
  };
  sums.set(name, sum);
  sum.shares.push(played.work / most);
  sum.blocked += Math.max(0, played.blockedMinutes - alone.blockedMinutes);
  sum.violations += Math.max(0, played.reserveViolations - alone.reserveViolations);
  sum.closed += played.closedLaunches;
  sum.misses += played.deadlineMisses;
  sum.gaveWay += played.gaveWay;
  for (const [kind, hours] of played.waitHours) {
    (sum.waits[kind] ??= []).push(...hours);
  }
}

function rowsOf(name: string, sum: Sum): readonly Row[] {
  const isOurs = name.startsWith("ours");
  const goalOf = (wanted: string): string => (isOurs ? wanted : "");
  const shares = sum.shares.toSorted((a, b) => a - b);
  const spread = `${shares[0]?.toFixed(2)} to ${shares.at(-1)?.toFixed(2)}`;
  const waits = Object.entries(sum.waits)
    .map(([kind, hours]) => `${kind} ${median(hours).toFixed(1)}`)
    .toSorted((a, b) => (a < b ? -1 : 1))
    .join(", ");
  const row = (what: string, value: number, unit: string, wanted: string, note: string): Row => {
    return { name: what, value, unit, goal: goalOf(wanted), note };
  };
  return [
    row(name, median(shares), "of the most work", ">= 0.9", `median; ${spread}`),
    row("", sum.blocked, "minutes blocked", "<= 0", "beyond what the person alone would meet"),
    row("", sum.violations, "mornings below the reserve", "<= 0", ""),
    row("", sum.closed, "launches into a closed window", "<= 0", ""),
    ...(isOurs
      ? [row("", sum.gaveWay, "runs that gave way", "", "to the person, and went on later")]
      : []),
    row("", sum.misses, "deadlines missed", "", `median hours waited: ${waits}`),
  ];
}

function lastLine(): string {
  const own = [...sums].filter(([name]) => name.startsWith("ours")).map(([, sum]) => sum);
  const total = (of: (sum: Sum) => number): number => own.reduce((all, sum) => all + of(sum), 0);
  const work = median(own.flatMap(({ shares }) => shares)).toFixed(2);
  return `work ${work} of clairvoyant, blocked human minutes ${total((sum) => sum.blocked)}, launches into a closed window ${total((sum) => sum.closed)}`;
}

function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
