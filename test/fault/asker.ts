import { setTimeout as sleep } from "node:timers/promises";
import type { EventType } from "../../src/core/event.ts";
import { openTasks } from "../../src/engine/tasks.ts";
import type { Chance } from "../../src/ports/chance.ts";
import type { Store } from "../../src/ports/store.ts";
import type { AgentScript } from "./agent.ts";
import type { Asked } from "./history.ts";

/** Plays the person: queues tasks of every sort and cancels some of them while they run. */
export interface Asker {
  /** Queues one task whose agents behave like this. */
  readonly ask: (script: AgentScript) => Promise<void>;
  /** Queues one task in these words, which is to succeed; answers its id. */
  readonly askFor: (text: string) => Promise<number>;
  /** Queues tasks until enough are there to keep daemons busy. */
  readonly topUp: () => Promise<void>;
  /** Watches the log and cancels what is to be cancelled, until disposed. */
  readonly follow: () => AsyncDisposable;
  readonly asked: () => readonly Asked[];
}

/** So many unended tasks are there at least while daemons are killed. */
const OPEN_MIN = 7;
/** Attempts of a task that is to succeed; agents that are killed use some up. */
const ATTEMPTS_MANY = 30;
const FAILS_FOR_EVER = 1000;
const LOOK_EVERY_MS = 10;

const LONG_SHARE = 0.3;
const PROJECT_SHARE = 0.5;
/** The project to which about half of the tasks belong. */
export const PROJECT = "app";

/** When a task is cancelled or spoken to: at the first such event of it. */
const MEDDLE_AT: readonly EventType[] = ["task.admitted", "step.started", "step.ended"];

/** Makes the person of a night. */
export function makeAsker(store: Store, chance: Chance): Asker {
  const clock = { now: Date.now, monotonicMs: () => performance.now(), sleep: () => sleep(0) };
  const tasks = openTasks({ store, clock, attemptsMaxDefault: ATTEMPTS_MANY });
  const asked = new Map<number, Asked>();
  const cancelAt = new Map<number, EventType>();
  const sayAt = new Map<number, EventType>();
  let words = 0;
  /** Tasks that will succeed, so that others may wait for them. */
  const reliable: number[] = [];

  const submit = async (text: string, more: Omit<Asked, "id">): Promise<number> => {
    const submitted = await tasks.submit({ text, ...more }, { by: "ada", source: "cli" });
    if (!submitted.ok) throw new Error(submitted.problem.message);
    const { id } = submitted.value.task;
    asked.set(id, { id, ...more });
    return id;
  };
  const ask = async (wish: Wish): Promise<void> => {
    const { script, attemptsMax, dependsOn, project } = wish;
    const more = { fails: script.fails, attemptsMax, dependsOn, project, ...UNTOUCHED };
    const id = await submit(`Play this: <<${JSON.stringify(script)}>>`, more);
    if (wish.sayAt !== null) sayAt.set(id, wish.sayAt);
    if (wish.cancelAt !== null) cancelAt.set(id, wish.cancelAt);
    else if (script.fails < attemptsMax) reliable.push(id);
  };
  const sayTo = async (id: number): Promise<void> => {
    sayAt.delete(id);
    words += 1;
    const word = `word-${words}`;
    const spoken = await tasks.say(id, "ada", word);
    const known = asked.get(id);
    if (spoken.ok && known !== undefined) asked.set(id, { ...known, said: [...known.said, word] });
  };
  const cancel = async (id: number): Promise<void> => {
    cancelAt.delete(id);
    const cancelled = await tasks.cancel(id, "ada");
    const known = asked.get(id);
    if (cancelled.ok && known !== undefined) asked.set(id, { ...known, cancelled: true });
  };
  const look = async (seen: number): Promise<number> => {
    const events = await store.events.after(seen, 100, { types: MEDDLE_AT });
    for (const { type, taskId } of events) {
      if (taskId === null) continue;
      if (sayAt.get(taskId) === type) await sayTo(taskId);
      if (cancelAt.get(taskId) === type) await cancel(taskId);
    }
    return events.at(-1)?.seq ?? seen;
  };
  return {
    ask: (script) => ask({ ...WISH, script }),
    askFor: (text) =>
      submit(text, {
        fails: 0,
        attemptsMax: ATTEMPTS_MANY,
        dependsOn: [],
        project: null,
        ...UNTOUCHED,
      }),
    asked: () => [...asked.values()],
    topUp: async () => {
      const counts = await store.tasks.counts();
      const open = counts.queued + counts.running;
      for (let count = open; count < OPEN_MIN; count += 1) {
        await ask(wishOf(chance, reliable));
      }
    },
    follow: () => {
      const stopping = new AbortController();
      const run = async (): Promise<void> => {
        let seen = 0;
        while (!stopping.signal.aborted) {
          seen = await look(seen);
          await sleep(LOOK_EVERY_MS);
        }
      };
      const ended = run();
      return {
        [Symbol.asyncDispose]: async () => {
          stopping.abort();
          await ended;
        },
      };
    },
  };
}

interface Wish {
  readonly script: AgentScript;
  readonly attemptsMax: number;
  readonly dependsOn: readonly number[];
  readonly project: string | null;
  readonly cancelAt: EventType | null;
  readonly sayAt: EventType | null;
}

const WISH = {
  attemptsMax: ATTEMPTS_MANY,
  dependsOn: [],
  project: null,
  cancelAt: null,
  sayAt: null,
} as const;
const UNTOUCHED = { cancelled: false, said: [] } as const;

/** What the person wants next. */
function wishOf(chance: Chance, reliable: readonly number[]): Wish {
  const below = (max: number): number => Math.floor(chance.fraction() * max);
  const kind = chance.fraction();
  const hopeless = kind < 0.1;
  const cancelAt = kind > 0.85 ? (MEDDLE_AT[below(MEDDLE_AT.length)] ?? null) : null;
  const other = reliable[below(reliable.length)];
  return {
    script: {
      // Long ones outlive their daemon where nothing ends them with it.
      beats: chance.fraction() < LONG_SHARE ? 25 + below(25) : 1 + below(6),
      beatMs: 10 + below(40),
      fails: hopeless ? FAILS_FOR_EVER : kind < 0.25 ? 1 : 0,
      forks: chance.fraction() < 0.3,
      stubborn: chance.fraction() < 0.1,
      holds: false,
    },
    attemptsMax: hopeless ? 2 : ATTEMPTS_MANY,
    dependsOn: kind > 0.6 && kind < 0.8 && other !== undefined ? [other] : [],
    project: chance.fraction() < PROJECT_SHARE ? PROJECT : null,
    cancelAt,
    sayAt: chance.fraction() < 0.4 ? (MEDDLE_AT[below(MEDDLE_AT.length)] ?? null) : null,
  };
}
