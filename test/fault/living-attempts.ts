import { setTimeout as sleep } from "node:timers/promises";
import { attemptMark } from "../../src/engine/steps/work.ts";
import type { JournalLine } from "./journal.ts";
import { isAlive, type MarkedProcess, processesMarked } from "./processes.ts";
import type { Stage } from "./stage.ts";

/** A living process of an attempt. */
export interface LivingProcess extends MarkedProcess {
  readonly taskId: number;
  readonly attempt: number;
}

const LOOK_EVERY_MS = 15;

/** The living processes of all attempts that were ever made on the stage. */
export async function livingAttempts({ store }: Stage): Promise<readonly LivingProcess[]> {
  const page = { before: null, limit: 1000 };
  const tasks = await store.tasks.list({}, page);
  const attempts = (await Promise.all(tasks.map((task) => store.attempts.ofTask(task.id)))).flat();
  const marks = new Map(attempts.map((each) => [attemptMark(each), each]));
  return processesMarked(new Set(marks.keys())).flatMap((found) => {
    const attempt = marks.get(found.mark);
    return attempt === undefined
      ? []
      : [{ ...found, taskId: attempt.taskId, attempt: attempt.number }];
  });
}

/** Looks until stopped for two attempts of one task that have living processes at one moment. */
export function watchDoubles(stage: Stage): {
  readonly stop: () => Promise<readonly JournalLine[]>;
} {
  const stopping = new AbortController();
  const found = new Map<string, JournalLine>();
  const look = async (): Promise<void> => {
    const living = await livingAttempts(stage);
    for (const old of living) {
      const next = living.find((each) => each.taskId === old.taskId && each.attempt > old.attempt);
      // Processes are read one after the other: the old one must still be there now.
      if (next === undefined || !isAlive(old)) continue;
      found.set(`${old.mark} ${next.mark}`, doubled(old));
    }
  };
  const run = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      await look();
      await sleep(LOOK_EVERY_MS);
    }
  };
  const ended = run();
  return {
    stop: async () => {
      stopping.abort();
      await ended;
      return [...found.values()];
    },
  };
}

function doubled({ taskId, attempt, pid }: LivingProcess): JournalLine {
  return { type: "doubled", taskId, attempt, pid, sessionId: "", resume: false, known: false };
}
