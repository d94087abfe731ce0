import { spawn } from "node:child_process";
import { once } from "node:events";
import { chownSync, existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { LEVELS, type Level } from "./levels.ts";
import { PAGE, pageOf, type Results } from "./page.ts";
import { type Played, playAll, summaryOf } from "./play-all.ts";
import { SUITE } from "./suite.ts";

/** What was asked for: `[level] [number...] [--write] [--once]`. */
interface Asked {
  readonly level: Level;
  readonly numbers: readonly number[];
  /** Plays every level and writes the page. */
  readonly write: boolean;
  /** As the present user only. */
  readonly once: boolean;
}

/**
 * The escape suite: plays every act at a level, as the present user and, for root, once more as an
 * ordinary one. The last line says what came of all of them.
 */
async function main(): Promise<void> {
  const asked = readAsked(process.argv.slice(2));
  const all = asked.write ? await writePage(asked) : await playAsEveryone(asked);
  tell(summaryOf(all));
  const isDefault = asked.level === "sandbox" && !asked.write;
  if (isDefault && all.some(({ verdict }) => verdict.outcome === "broken")) {
    process.exitCode = 1;
  }
}

function readAsked(args: readonly string[]): Asked {
  return {
    level: LEVELS.find((level) => args.includes(level)) ?? "sandbox",
    numbers: args.map(Number).filter((one) => !Number.isNaN(one)),
    write: args.includes("--write"),
    once: args.includes("--once"),
  };
}

const isRoot = process.getuid?.() === 0;

async function playAsEveryone(asked: Asked): Promise<readonly Played[]> {
  const own = await playHere(asked);
  if (!isRoot || asked.once) return own;
  tell(`as root: ${summaryOf(own)}`);
  const others = await playAsOrdinary(asked);
  tell(`as an ordinary user: ${summaryOf(others)}`);
  return [...own, ...others];
}

/** The page tells of an ordinary user; what root finds otherwise is told in a column of its own. */
async function writePage(asked: Asked): Promise<readonly Played[]> {
  const results: Results = new Map();
  const all: Played[] = [];
  for (const level of LEVELS) {
    const played = isRoot
      ? await playAsOrdinary({ ...asked, level })
      : await playHere({ ...asked, level });
    results.set(level, played);
    all.push(...played);
  }
  if (isRoot) {
    const played = await playHere({ ...asked, level: "sandbox" });
    results.set("root", played);
    all.push(...played);
  }
  writeFileSync(PAGE, pageOf(results));
  return all;
}

async function playHere({ level, numbers }: Asked): Promise<readonly Played[]> {
  const acts = SUITE.filter(({ number }) => numbers.length === 0 || numbers.includes(number));
  return await playAll(acts, level, (played) => tell(lineOf(played)));
}

/** A user that nobody else is. */
const ORDINARY_ID = 2001;
const HOMES = ["/home", "/srv", "/opt", "/var/tmp"] as const;

async function playAsOrdinary({ level, numbers }: Asked): Promise<readonly Played[]> {
  const home = mkdtempSync(join(HOMES.find((path) => existsSync(path)) ?? "/tmp", "escape-"));
  chownSync(home, ORDINARY_ID, ORDINARY_ID);
  const words = ["--reuid", String(ORDINARY_ID), "--regid", String(ORDINARY_ID), "--clear-groups"];
  const again = [process.execPath, import.meta.filename, level, "--once", ...numbers.map(String)];
  try {
    const env = { PATH: process.env["PATH"], HOME: home, LANG: "C.UTF-8" };
    const child = spawn("setpriv", [...words, "--", ...again], {
      env,
      stdio: ["ignore", "pipe", "inherit"],
    });
    const ended = once(child, "close");
    const all: Played[] = [];
    for await (const line of createInterface({ input: child.stdout })) {
      const played = playedOf(line);
      if (played === null) continue;
      all.push(played);
      tell(line);
    }
    await ended;
    return all;
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

function lineOf({ act, verdict }: Played): string {
  return `${act.number} ${verdict.outcome} ${act.name}: ${verdict.how.slice(0, LINE_MAX)}`;
}

const LINE_MAX = 300;

function playedOf(line: string): Played | null {
  const [number, outcome] = line.split(" ", 2);
  const act = SUITE.find((one) => String(one.number) === number);
  if (act === undefined) return null;
  if (outcome !== "held" && outcome !== "broken" && outcome !== "skipped") return null;
  return { act, verdict: { outcome, how: line.slice(line.indexOf(": ") + 2) } };
}

function tell(line: string): void {
  process.stdout.write(`${line}\n`);
}

await main();
