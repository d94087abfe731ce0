// How many secrets of a labelled corpus of our own are found, how much besides, and how fast.
// node bench/secrets.ts [--seed 2026] [--misses] [--write]
import { createHash } from "node:crypto";
import { globSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { cpus, loadavg } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { fileText } from "../src/core/secrets/file-texts.ts";
import { findSecrets } from "../src/core/secrets/find.ts";
import type { ScannedText, SecretFinding } from "../src/core/secrets/finding.ts";
import type { KnownSecret } from "../src/core/secrets/known.ts";
import { type Corpus, makeCorpus } from "./secrets-corpus.ts";
import type { Pair } from "./secrets-pair.ts";
import { type Row, tableOf } from "./table.ts";

const { values } = parseArgs({
  options: {
    seed: { type: "string", default: "2026" },
    misses: { type: "boolean", default: false },
    write: { type: "boolean", default: false },
  },
});

const ROOT = join(import.meta.dirname, "..");
/** Real texts without secrets, as far as anybody knows: what is found there is looked at by hand. */
const CONTROLS: readonly (readonly [name: string, patterns: readonly string[]])[] = [
  ["this repository", ["{src,docs,test,bench,demo,tools}/**/*", "*.*"]],
  ["zod, kysely, yaml", ["node_modules/{zod,kysely,yaml}/**/*.{js,cjs,mjs,ts,cts,mts,md,json}"]],
];
const SPEED_ROUNDS = 5;

const WHY = `The corpus is made by \`bench/secrets-corpus.ts\` from a seed: pairs of a text with a secret and the same text
with something else in its place. The same hands made the corpus and the rules, so recall is what the rules are
meant for, not what the world holds. What is missed is missed on purpose: passwords of words alone, and passwords
without a name before them, would take too much with them that is none. A find counts on its line only; anything
else that is found counts against precision. What was found in real texts was looked at one by one:
samples of tests.`;

interface Score {
  found: number;
  blocked: number;
  total: number;
  falseAlarms: number;
}

const before = loadavg()[0] ?? 0;
const corpus = makeCorpus(Number(values.seed));
const scores = scoresOf(corpus);
const sum = [...scores.values()].reduce((a, b) => ({
  found: a.found + b.found,
  blocked: a.blocked + b.blocked,
  total: a.total + b.total,
  falseAlarms: a.falseAlarms + b.falseAlarms,
}));
const recall = sum.found / sum.total;
const precision = sum.found / (sum.found + sum.falseAlarms);
const speed = speedOf(corpus);
const controls = CONTROLS.map(([name, patterns]) => controlOf(name, patterns));
const rows: readonly Row[] = [
  ...[...scores].map(([family, score]) => familyRow(family, score)),
  row("recall", recall, "", "share of the secrets that are found on their line"),
  row("recall, held back", sum.blocked / sum.total, "", "share that is found and blocks"),
  row("precision", precision, "", `${sum.falseAlarms} findings besides, in ${2 * sum.total} texts`),
  ...controls.flatMap(({ rows: own }) => own),
  row("time for 1,000 files of the corpus", speed, "ms CPU", `median of ${SPEED_ROUNDS} rounds`),
];
const machine = `${cpus().length} x ${cpus()[0]?.model.trim() ?? "?"}, node ${process.version}`;
const load = `load ${before.toFixed(1)} before, ${(loadavg()[0] ?? 0).toFixed(1)} after`;
const last = `recall ${recall.toFixed(3)}, precision ${precision.toFixed(3)}, ms per 1,000 files ${Math.round(speed)}`;
const report = `${machine}; ${load}; seed ${values.seed}, ${sum.total} pairs\n\n${tableOf(rows)}\n\n${last}`;
process.stdout.write(`${report}\n`);
if (values.write) {
  const date = new Date().toISOString().slice(0, 10);
  const found = controls.flatMap(({ list }) => list).map((line) => `- ${line}`);
  const page = [
    "# Secrets",
    `\`npm run bench:secrets\`, ${date}`,
    `\`\`\`text\n${report}\n\`\`\``,
    WHY,
    `What was found in the real texts:\n\n${found.length === 0 ? "nothing." : found.join("\n")}`,
  ];
  writeFileSync(join(import.meta.dirname, "RESULTS-secrets.md"), `${page.join("\n\n")}\n`);
}

function scoresOf({ pairs, known }: Corpus): ReadonlyMap<string, Score> {
  const byFamily = new Map<string, Score>();
  for (const pair of pairs) {
    const family = pair.family.startsWith("vendor") ? "tokens of vendors" : pair.family;
    const score = byFamily.get(family) ?? { found: 0, blocked: 0, total: 0, falseAlarms: 0 };
    byFamily.set(family, score);
    const inPositive = findingsIn(pair.positive, known);
    const right = inPositive.filter(({ line }) => line === pair.line);
    const wrong = [
      ...inPositive.filter(({ line }) => line !== pair.line),
      ...findingsIn(pair.negative, known),
    ];
    score.total += 1;
    score.found += right.length > 0 ? 1 : 0;
    score.blocked += right.some(({ severity }) => severity === "block") ? 1 : 0;
    score.falseAlarms += wrong.length;
    if (values.misses) tellMisses(pair, right, wrong);
  }
  return byFamily;
}

function tellMisses(
  { family, positive, negative, line }: Pair,
  right: readonly SecretFinding[],
  wrong: readonly SecretFinding[],
): void {
  const path = positive.where.kind === "file" ? positive.where.path : positive.where.kind;
  const at = (text: ScannedText, index: number | null): string =>
    (text.text.split("\n")[(index ?? 1) - 1] ?? "").slice(0, 160);
  if (right.length === 0) console.log(`missed  ${family}  ${path}  ${at(positive, line)}`);
  for (const each of wrong)
    console.log(`besides ${family}  ${path}  ${each.rule}  ${at(negative, each.line)}`);
}

function findingsIn(text: ScannedText, known: readonly KnownSecret[]): readonly SecretFinding[] {
  const { blocking, warnings } = findSecrets([text], { known, baseline: null, hash });
  return [...blocking, ...warnings];
}

function familyRow(family: string, { found, blocked, total, falseAlarms }: Score): Row {
  const note = `${found} of ${total} found, ${blocked} held back, ${falseAlarms} besides`;
  return row(family, found / total, "", note);
}

function row(name: string, value: number, unit: string, note: string): Row {
  return { name, value, unit, goal: "", note };
}

function speedOf({ pairs, known }: Corpus): number {
  const texts = pairs.flatMap(({ positive, negative }) => [positive, negative]);
  const times = Array.from({ length: SPEED_ROUNDS }, () => {
    const started = process.cpuUsage();
    findSecrets(texts, { known, baseline: null, hash });
    return (cpuMsSince(started) / texts.length) * 1000;
  });
  return times.toSorted((a, b) => a - b)[Math.floor(SPEED_ROUNDS / 2)] ?? Number.NaN;
}

/** On the processor, because others use this machine, too. */
function cpuMsSince(started: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(started);
  return (user + system) / 1000;
}

function controlOf(
  name: string,
  patterns: readonly string[],
): { readonly rows: readonly Row[]; readonly list: readonly string[] } {
  const paths = patterns
    .flatMap((pattern) => globSync(pattern, { cwd: ROOT }))
    .filter((path) => statSync(join(ROOT, path)).isFile());
  const texts = paths.map((path) => fileText(path, readFileSync(join(ROOT, path))));
  const started = process.cpuUsage();
  const found = texts.flatMap((each) => findingsIn(each, []));
  const ms = (cpuMsSince(started) / texts.length) * 1000;
  const blocking = found.filter(({ severity }) => severity === "block").length;
  const note = `${found.length} in ${texts.length} files, ${blocking} of them hold back`;
  return {
    rows: [
      row(`${name}: findings in 1,000 files`, (found.length / texts.length) * 1000, "", note),
      row(`${name}: time for 1,000 files`, ms, "ms CPU", ""),
    ],
    list: found.map(
      ({ rule, severity, path, line }) => `\`${rule}\` (${severity}) in ${path}:${line}`,
    ),
  };
}

function hash(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
