import { noForecast } from "../src/core/forecast/forecast.ts";
import { hoursOf, nightOf, openRules, quotaOf } from "../src/testing/admission-rules.ts";
import type { AdmissionRules, LocalFacts } from "../src/core/hold.ts";
import { RETRY_RULES_DEFAULT } from "../src/core/retry.ts";
import type { NewTask, Store } from "../src/ports/store.ts";
import { FILLED_PROJECTS } from "./queue-fill.ts";

/** Rules that hold nothing, so that each claim is judged in full and admitted. */
export const OPEN_RULES: AdmissionRules = openRules({
  parallelMax: 1000,
  executorDefault: "claude",
  hours: hoursOf({ nights: [nightOf(22 * 60, 6 * 60)] }),
  quota: quotaOf(0.9, 0.9),
});

export const OPEN_LOCAL: LocalFacts = {
  executors: { claude: { ready: true, provider: "anthropic" } },
  memoryFreeBytes: null,
  diskFreeBytes: null,
};

/** Heads that are read at once, as a dispatcher's turn does, and then claimed one by one. */
const HEADS_PER_LANE = 4;

/** A submission to one of the lanes of the filled queue. */
export function submission(number: number, at: number): NewTask {
  return {
    at,
    kind: "serious",
    priority: "normal",
    source: "cli",
    text: `Do the thing number ${number} as the issue describes it.`,
    project: `project-${number % FILLED_PROJECTS}`,
    executor: null,
    model: null,
    timeoutMs: null,
    isolation: null,
    budget: null,
    attemptsMax: 3,
    notBefore: null,
    nightOnly: false,
    deadlineAt: null,
    touches: [],
    dependsOn: [],
    by: "ann",
  };
}

/** Each call submits a task, claims a lane's head and concludes it: three durable commits. */
export function cycleWith(
  store: Store,
  index: number,
  processes: number,
  startsAt: number,
): () => Promise<void> {
  let number = index;
  let at = startsAt;
  let heads: number[] = [];
  return async () => {
    number += processes;
    at += 1;
    await store.tasks.insert(submission(number, at));
    for (;;) {
      if (heads.length === 0) heads = await nextHeads(store, at, index, processes);
      const taskId = heads.pop() ?? 0;
      const lease = { id: `lease-${index}-${at}`, owner: `host/${index}`, expiresAt: at + 60_000 };
      const admitted = await store.tasks.admit({
        taskId,
        at,
        lease,
        executor: "claude",
        rules: OPEN_RULES,
        local: OPEN_LOCAL,
        forecast: noForecast("UTC"),
      });
      if (!admitted.ok) continue; // Another process was faster.
      await conclude(store, taskId, lease.id, at);
      return;
    }
  };
}

async function nextHeads(
  store: Store,
  at: number,
  index: number,
  processes: number,
): Promise<number[]> {
  const heads = await store.tasks.heads(at, HEADS_PER_LANE);
  const mine = heads.filter(({ id }) => id % processes === index);
  return (mine.length > 0 ? mine : heads).map(({ id }) => id);
}

async function conclude(store: Store, id: number, leaseId: string, at: number): Promise<void> {
  const changed = await store.tasks.change(id, {
    type: "conclude",
    at,
    leaseId,
    outcome: { type: "succeeded", summary: "The thing is done and its tests pass." },
    verdict: "verified",
    sessionId: "0f1d5a0e-9c4e-4a51-9d8f-0c2f6c1f4f11",
    retryRules: RETRY_RULES_DEFAULT,
    chance: 0.5,
  });
  if (!changed.ok) throw new Error(`not concluded: ${changed.refusal.reason}`);
}
