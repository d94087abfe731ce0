import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { balance } from "../../src/core/audit/audit.ts";
import type { Attempt } from "../../src/core/attempt.ts";
import type { Event } from "../../src/core/event.ts";
import type { Task } from "../../src/core/task.ts";
import { attemptMark } from "../../src/engine/steps/work.ts";
import type { Store } from "../../src/ports/store.ts";
import type { Memory } from "./agent.ts";
import { type JournalLine, readJournal, readLines } from "./journal.ts";
import { collectOutside, gitIn, type Outside, type OutsidePlaces } from "./outside.ts";
import { processesMarked } from "./processes.ts";

/** What the harness asked for, so that the end can be judged. */
export interface Asked {
  readonly id: number;
  /** How many attempts of it fail by themselves. */
  readonly fails: number;
  readonly attemptsMax: number;
  readonly dependsOn: readonly number[];
  /** Null for a thought. */
  readonly project: string | null;
  /** A cancel was asked for while it ran. */
  readonly cancelled: boolean;
  /** What was said to it, oldest first; each is told by its own event. */
  readonly said: readonly string[];
}

/** Everything that is left when a night is over: facts only, judged by `checkHistory`. */
export interface History {
  readonly asked: readonly Asked[];
  readonly tasks: readonly Task[];
  readonly attempts: readonly Attempt[];
  /** The whole log, by number. */
  readonly events: readonly Event[];
  readonly journal: readonly JournalLine[];
  /** Effects that agents made outside. */
  readonly effects: readonly { readonly taskId: number; readonly sessionId: string }[];
  readonly sessions: Readonly<Record<string, Memory>>;
  /** Refs of the workspaces that were kept, in whatever repository, each with its tree. */
  readonly kept: Readonly<Record<string, string>>;
  readonly outside: Outside;
  /** SIGKILLs that were sent to agents, by task. */
  readonly agentKills: Readonly<Record<number, number>>;
  /** Numbers of the events that the notifier was told of, in order. */
  readonly notified: readonly number[];
  readonly parallelMax: number;
  /** A daemon was stopped for longer than its lease, so another took its tasks although it lived. */
  readonly frozen: boolean;
  /** What the database says of its own soundness, and what does not balance in it; empty is sound. */
  readonly integrity: readonly string[];
  /** Processes of agents that still live. */
  readonly leftovers: readonly string[];
  /** What is left in the temporary folder. */
  readonly litter: readonly string[];
  /** Errors that daemons logged. */
  readonly errors: readonly string[];
}

/** Where a night keeps its things. */
export interface NightPlaces extends OutsidePlaces {
  readonly den: string;
  readonly temporary: string;
}

/** Most events read at once. */
const PAGE = 1000;

/** Reads what a night has left; no daemon runs any more. */
export async function collectHistory(
  store: Store,
  places: NightPlaces,
  known: Pick<History, "asked" | "agentKills" | "parallelMax" | "frozen">,
): Promise<History> {
  const tasks = await allTasks(store);
  const attempts = (await Promise.all(tasks.map((task) => store.attempts.ofTask(task.id)))).flat();
  const marks = new Set(attempts.map(attemptMark));
  const { den, temporary, home } = places;
  return {
    ...known,
    tasks,
    attempts,
    events: await allEvents(store),
    journal: readJournal(join(den, "journal")),
    effects: readdirSync(join(den, "effects")).map(effectOf),
    sessions: readSessions(join(den, "sessions")),
    notified: readLines(join(den, "notified")).map(Number),
    integrity: [...(await store.care.check()), ...(await imbalancesOf(store))],
    leftovers: processesMarked(marks).map(({ pid, mark }) => `process ${pid} of ${mark}`),
    kept: Object.fromEntries(
      readdirSync(home.repositories).flatMap((name) => keptIn(join(home.repositories, name))),
    ),
    outside: await collectOutside(store, places, tasks),
    litter: readdirSync(temporary),
    errors: readLines(join(den, "log")).filter((line) => line.includes('"level":"error"')),
  };
}

/** What is promised and has no outcome, as if a day had passed: nothing is under way any more. */
async function imbalancesOf(store: Store): Promise<readonly string[]> {
  const frame = { at: Date.now() + 86_400_000, daemonLives: true };
  return balance(await store.audit.books(), frame).imbalances.map(({ message }) => message);
}

/** The whole log of events. */
export async function allEvents(store: Store): Promise<readonly Event[]> {
  const events: Event[] = [];
  for (;;) {
    const page = await store.events.after(events.at(-1)?.seq ?? 0, PAGE);
    events.push(...page);
    if (page.length === 0) return events;
  }
}

async function allTasks(store: Store): Promise<readonly Task[]> {
  const page = { before: null, limit: 100_000 };
  const [kept, trashed] = await Promise.all([
    store.tasks.list({ trashed: false }, page),
    store.tasks.list({ trashed: true }, page),
  ]);
  return [...kept, ...trashed].toSorted((a, b) => a.id - b.id);
}

function keptIn(repository: string): readonly (readonly [string, string])[] {
  const format = "--format=%(refname) %(tree)";
  const lines = gitIn(repository, "for-each-ref", format, "refs/sleepless/keep/");
  return lines.map((line) => line.split(" ") as [string, string]);
}

function effectOf(name: string): History["effects"][number] {
  const dot = name.indexOf(".");
  return { taskId: Number(name.slice(0, dot)), sessionId: name.slice(dot + 1) };
}

function readSessions(folder: string): Readonly<Record<string, Memory>> {
  const names = readdirSync(folder).filter((name) => !name.endsWith(".partial"));
  return Object.fromEntries(
    names.map((name) => [name, JSON.parse(readFileSync(join(folder, name), "utf8")) as Memory]),
  );
}
