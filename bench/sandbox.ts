// What the sandbox costs: starts, memory, and work with many files, in one run against no sandbox.
// node bench/sandbox.ts [--quick] [--write]
import { copyFileSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { cpus, homedir, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { createLauncher } from "../src/adapters/process/launcher.ts";
import { childEnd } from "../src/adapters/process/ending.ts";
import { openSandbox } from "../src/adapters/sandbox/open-sandbox.ts";
import { registryFinder } from "../src/adapters/sandbox/registries/find.ts";
import { openRegistries } from "../src/adapters/sandbox/registries/registries.ts";
import type { Confinement, Launcher, LaunchSpec } from "../src/ports/launcher.ts";
import { type Row, tableOf } from "./table.ts";

const { values } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    write: { type: "boolean", default: false },
  },
});

/** Reachable in name only: it makes the way out be there. */
const SOME_HOST = { host: "allowed.example.org", port: 443 };
const FILES_SCRIPT = `
i=0; while [ $i -lt 60 ]; do mkdir d$i; j=0
  while [ $j -lt 50 ]; do echo "$i $j" > d$i/f$j; j=$((j+1)); done; i=$((i+1)); done
git init -q . && git add -A && git -c user.name=B -c user.email=b@example.org commit -qm all
git status --short; cat d*/* | sort | tail -1; rm -rf d*`;

const QUIET = "--no-audit --no-fund --ignore-scripts --loglevel error";
const PACKAGE = JSON.stringify({
  name: "bench",
  version: "1.0.0",
  dependencies: { express: "5", eslint: "9", "@babel/core": "7" },
});

const WHY = `A start is missed by what the kernel and the programs in front take: bubblewrap alone with these namespaces
17 to 20 ms on this machine (the network namespace 8, that of IPC 4), joining a memory group of the first
version 10, what is staged before the fence 8, and with a way out the bridge to it 15. \`npm ci\` is measured
against npm's own warm cache on the disk; in the fence it begins with an empty one and asks ours.`;

interface Bench {
  readonly plain: Launcher;
  readonly fenced: Launcher;
  readonly folder: string;
}

const sandbox = await openSandbox({ searchPath: process.env["PATH"] ?? "", temporary: tmpdir() });
if (!sandbox.ok) throw new Error(`${sandbox.reason} ${sandbox.advice}`);
const folder = await mkdtemp(join(tmpdir(), "sle-bench-sandbox-"));
try {
  const bench = {
    plain: await createLauncher({ bwrap: "off", setpriv: "off" }),
    fenced: await createLauncher({ fences: { sandbox: sandbox.fence } }),
    folder,
  };
  const before = loadavg()[0] ?? 0;
  const rows = [
    ...(await starts(bench, values.quick ? 10 : 40)),
    await helpers(bench),
    await manyFiles(bench, values.quick ? 3 : 9),
    ...(await packages(bench, values.quick ? 3 : 7)),
  ];
  const machine = `${cpus().length} x ${cpus()[0]?.model.trim() ?? "?"}, node ${process.version}`;
  const text = `${machine}; load ${before.toFixed(1)} before, ${(loadavg()[0] ?? 0).toFixed(1)} after\n\n${tableOf(rows)}`;
  process.stdout.write(`${text}\n`);
  if (values.write) {
    const date = new Date().toISOString().slice(0, 10);
    const page = `# The sandbox\n\n\`npm run bench:sandbox\`, ${date}\n\n\`\`\`text\n${text}\n\`\`\`\n\n${WHY}\n`;
    writeFileSync(join(import.meta.dirname, "RESULTS-sandbox.md"), page);
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}

/** From the call to the end of `true`, without a fence and with one, by turns. */
async function starts(bench: Bench, rounds: number): Promise<readonly Row[]> {
  const workspace = await fresh(bench, "starts");
  const run = async (launcher: Launcher, confinement?: Confinement): Promise<number> =>
    timed(launcher, workspace, "true", confinement);
  const times: Record<"bare" | "closed" | "open", number[]> = { bare: [], closed: [], open: [] };
  for (let round = 0; round < rounds; round += 1) {
    times.bare.push(await run(bench.plain));
    times.closed.push(await run(bench.fenced, confine(workspace)));
    times.open.push(await run(bench.fenced, confine(workspace, true)));
  }
  const [bare, closed, open] = [times.bare, times.closed, times.open].map(median) as [
    number,
    number,
    number,
  ];
  const note = `medians of ${rounds}, by turns; a bare start takes ${bare.toFixed(1)} ms`;
  return [
    {
      name: "start without network",
      value: closed - bare,
      unit: "ms over bare",
      goal: "<= 30",
      note,
    },
    { name: "start with network", value: open - bare, unit: "ms over bare", goal: "<= 45", note },
  ];
}

/** Memory of everything in a fence around a program that does nothing. */
async function helpers(bench: Bench): Promise<Row> {
  const workspace = await fresh(bench, "memory");
  const launched = bench.fenced.spawn({
    ...specOf(workspace, "echo up; exec sleep 60"),
    confinement: confine(workspace, true),
  });
  await new Promise((resolve) => launched.child.stdout?.once("data", resolve));
  const kib = treeOf(launched.child.pid ?? 0).reduce((sum, pid) => sum + pssKib(pid), 0);
  await launched.kill(0);
  const note = "proportional share of all processes of the fence and one `sleep`";
  return { name: "memory of the fence", value: (kib * 1024) / 1e6, unit: "MB", goal: "", note };
}

/** 3,000 files made, committed, read and removed: pairs by turns, the median of their ratios. */
async function manyFiles(bench: Bench, pairs: number): Promise<Row> {
  const ratios: number[] = [];
  for (let pair = 0; pair < pairs; pair += 1) {
    const [a, b] = [await fresh(bench, `plain-${pair}`), await fresh(bench, `fenced-${pair}`)];
    const plain = await timed(bench.plain, a, FILES_SCRIPT);
    const fenced = await timed(bench.fenced, b, FILES_SCRIPT, confine(b));
    ratios.push(fenced / plain);
  }
  return ratioRow("work with 3,000 files", ratios);
}

function ratioRow(name: string, ratios: readonly number[]): Row {
  const sorted = ratios.toSorted((x, y) => x - y);
  const spread = `${sorted[0]?.toFixed(2)} to ${sorted.at(-1)?.toFixed(2)}`;
  const note = `median of ${ratios.length} pairs by turns, ${spread}`;
  return { name, value: median(ratios), unit: "of bare", goal: "<= 1.10", note };
}

/**
 * `npm ci` of some hundred packages that are already near: from npm's own cache without a fence, from
 * ours in it, pairs by turns. Nothing where no registry can be reached.
 */
async function packages(bench: Bench, pairs: number): Promise<readonly Row[]> {
  const env = { PATH: process.env["PATH"] ?? "/usr/bin:/bin", HOME: homedir() };
  const url = await registryFinder("npm", "auto", { launcher: bench.plain, env })?.();
  const lock = await fresh(bench, "lock");
  writeFileSync(join(lock, "package.json"), PACKAGE);
  if (url == null) return [];
  const from = `--registry ${url.href} --replace-registry-host always`;
  const isMade = await timed(bench.plain, lock, `npm i --package-lock-only ${QUIET} ${from}`).then(
    () => true,
    () => false,
  );
  if (!isMade) return [];
  const kept = await fresh(bench, "registry-cache");
  const find = { npm: async () => await Promise.resolve(url) };
  const { inside } = openRegistries({ find, folder: kept, bytesMax: 1024 ** 3 });
  const cache = await fresh(bench, "npm-cache");
  const pair = async (name: string): Promise<number> => {
    const [a, b] = [
      await fresh(bench, `npm-plain-${name}`),
      await fresh(bench, `npm-fenced-${name}`),
    ];
    for (const place of [a, b]) {
      for (const file of ["package.json", "package-lock.json"]) {
        copyFileSync(join(lock, file), join(place, file));
      }
    }
    const plain = await timed(bench.plain, a, `npm ci ${QUIET} ${from} --cache ${cache}`);
    const fenced = await timed(bench.fenced, b, `npm ci ${QUIET}`, { ...confine(b), ...inside() });
    return fenced / plain;
  };
  await pair("first");
  const ratios: number[] = [];
  for (let index = 0; index < pairs; index += 1) ratios.push(await pair(String(index)));
  return [ratioRow("npm ci", ratios)];
}

async function timed(
  launcher: Launcher,
  cwd: string,
  script: string,
  confinement?: Confinement,
): Promise<number> {
  const startedMs = performance.now();
  const spec = specOf(cwd, script);
  const { child } = launcher.spawn(confinement === undefined ? spec : { ...spec, confinement });
  child.stdout?.resume();
  child.stderr?.resume();
  const end = await childEnd(child);
  if (end.code !== 0) throw new Error(`the script ended with ${end.code ?? end.signal}`);
  return performance.now() - startedMs;
}

function specOf(cwd: string, script: string): LaunchSpec {
  // A network of one's own may have certificates of its own.
  const authorities = process.env["NODE_EXTRA_CA_CERTS"];
  const env = {
    PATH: process.env["PATH"] ?? "/usr/bin:/bin",
    HOME: cwd,
    ...(authorities === undefined ? {} : { NODE_EXTRA_CA_CERTS: authorities }),
  };
  return { command: "/bin/sh", args: ["-c", script], cwd, env, mark: `bench/${Math.random()}` };
}

function confine(workspace: string, isOpen = false): Confinement {
  return {
    level: "sandbox",
    own: [workspace],
    writable: [],
    readable: [],
    hosts: isOpen ? [SOME_HOST] : [],
    virtualHosts: [],
    limits: {
      memoryBytes: 4 * 1024 ** 3,
      cpus: null,
      processes: 1024,
      fileBytes: 4 * 1024 ** 3,
      diskBytes: null,
      files: null,
    },
  };
}

async function fresh({ folder: root }: Bench, name: string): Promise<string> {
  const path = join(root, name);
  await mkdir(path);
  return path;
}

function treeOf(leader: number): readonly number[] {
  const pids = readdirSync("/proc").filter((name) => /^\d+$/u.test(name));
  const parents = new Map(pids.map((pid) => [Number(pid), parentOf(pid)]));
  const isBelow = (pid: number): boolean =>
    pid === leader || (pid > 1 && isBelow(parents.get(pid) ?? 0));
  return [...parents.keys()].filter(isBelow);
}

function parentOf(pid: string): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
  } catch {
    return 0;
  }
}

function pssKib(pid: number): number {
  const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, "utf8");
  return Number(/^Pss:\s+(\d+)/mu.exec(rollup)?.[1] ?? 0);
}

function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
