import { spawn } from "node:child_process";
import { closeSync, existsSync, openSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";
import { type JournalLine, writeJournal } from "./journal.ts";

/** What the daemon under test tells its agent by its environment. */
export interface AgentOrder {
  /** Folder with journal, locks, sessions and effects; outside of every workspace. */
  readonly den: string;
  readonly taskId: number;
  readonly attempt: number;
  readonly sessionId: string;
  readonly resume: boolean;
}

/** What an agent says on standard output, one JSON line each. */
export type AgentWord =
  | { readonly type: "started" }
  | { readonly type: "beat"; readonly beat: number; readonly of: number }
  | { readonly type: "done"; readonly text: string };

/** Written in a task's text as JSON: how its agents behave. */
export interface AgentScript {
  readonly beats: number;
  readonly beatMs: number;
  /** How many attempts of a session fail by themselves before one goes through. */
  readonly fails: number;
  /** Leaves a child behind that left the group and outlives it. */
  readonly forks: boolean;
  /** Does not end on SIGTERM. */
  readonly stubborn: boolean;
  /** Works on until there is a file `released` in the den. */
  readonly holds: boolean;
}

/** What a session remembers over its agents' deaths; `sessions/<session id>` in the den. */
export interface Memory {
  readonly beats: number;
  /** How many of its agents failed by themselves. */
  readonly failed: number;
  readonly effect: boolean;
  readonly ended: boolean;
}

const ORDER = JSON.parse(process.env["AGENT_ORDER"] ?? "{}") as AgentOrder;
const EXIT_DOUBLED = 9;
/** What a person says to a running task. */
const SAID = /word-\d+/gu;

async function main(): Promise<void> {
  // Whoever reads may die at any moment; like a real agent this one works on.
  process.stdout.on("error", () => {});
  const prompt = await readPrompt();
  const script = scriptIn(prompt);
  if (script.stubborn) process.on("SIGTERM", () => {});
  const found = readMemory();
  using lock = takeLock();
  if (lock === null) {
    note("doubled", found !== null);
    process.exit(EXIT_DOUBLED);
  }
  note("start", found !== null, { heard: [...prompt.matchAll(SAID)].map(([word]) => word) });
  say({ type: "started" });
  if (script.forks) leaveChild();
  await work(script, found ?? { beats: 0, failed: 0, effect: false, ended: false });
}

async function work(script: AgentScript, found: Memory): Promise<void> {
  let memory = found;
  const remember = (patch: Partial<Memory>): void => {
    memory = { ...memory, ...patch };
    writeMemory(memory);
  };
  if (!memory.effect) {
    note(makeEffect() ? "effect" : "found", true);
    remember({ effect: true });
  }
  if (memory.failed < script.fails) {
    remember({ failed: memory.failed + 1 });
    process.exitCode = 1;
    return;
  }
  while (memory.beats < script.beats || (script.holds && !isReleased())) {
    await sleep(script.beatMs);
    note("beat", true);
    remember({ beats: memory.beats + 1 });
    say({ type: "beat", beat: memory.beats, of: script.beats });
  }
  remember({ ended: true });
  writeFileSync("result.txt", `task ${ORDER.taskId} done\n`);
  note("end", true);
  say({ type: "done", text: `did task ${ORDER.taskId}` });
}

function isReleased(): boolean {
  return existsSync(join(ORDER.den, "released"));
}

/** The lock is the system's: it is free at the very moment its holder is dead. Null: someone has it. */
function takeLock(): Disposable | null {
  const database = new DatabaseSync(join(ORDER.den, "locks", String(ORDER.taskId)), { timeout: 0 });
  try {
    database.exec("BEGIN EXCLUSIVE");
  } catch {
    return null;
  }
  return { [Symbol.dispose]: () => database.close() };
}

/** Something done outside that must not be done twice: made under the session's name, or found. */
function makeEffect(): boolean {
  try {
    closeSync(openSync(join(ORDER.den, "effects", `${ORDER.taskId}.${ORDER.sessionId}`), "wx"));
    return true;
  } catch {
    return false;
  }
}

function memoryPath(): string {
  return join(ORDER.den, "sessions", ORDER.sessionId);
}

function readMemory(): Memory | null {
  try {
    return JSON.parse(readFileSync(memoryPath(), "utf8")) as Memory;
  } catch {
    return null;
  }
}

function writeMemory(memory: Memory): void {
  const partial = `${memoryPath()}.partial`;
  writeFileSync(partial, JSON.stringify(memory));
  renameSync(partial, memoryPath());
}

/** Ends only when somebody ends it: what is left of it at the end was not looked for. */
function leaveChild(): void {
  spawn("sleep", ["1000"], { detached: true, stdio: "ignore" }).unref();
}

function note(
  type: JournalLine["type"],
  known: boolean,
  more: Pick<JournalLine, "heard"> = {},
): void {
  const { den, taskId, attempt, sessionId, resume } = ORDER;
  const line = { type, taskId, attempt, sessionId, resume, known, pid: process.pid, ...more };
  writeJournal(join(den, "journal"), line);
}

function say(word: AgentWord): void {
  process.stdout.write(`${JSON.stringify(word)}\n`);
}

async function readPrompt(): Promise<string> {
  let prompt = "";
  for await (const chunk of process.stdin) prompt += String(chunk);
  return prompt;
}

/** The script stands in the prompt, between the marks. */
function scriptIn(prompt: string): AgentScript {
  const json = /<<(.*)>>/u.exec(prompt)?.[1] ?? "{}";
  return JSON.parse(json) as AgentScript;
}

await main();
