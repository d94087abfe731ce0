import { NO_TOKENS, type Attempt } from "./attempt.ts";
import type { Instant, Lease, Task } from "./task.ts";

/** The attempt that begins when `task`, just admitted, takes `lease`; nothing of it has happened yet. */
export function newAttempt(
  task: Task,
  admitted: { readonly at: Instant; readonly lease: Lease; readonly executor: string },
): Attempt {
  return {
    taskId: task.id,
    number: task.attempt,
    leaseId: admitted.lease.id,
    owner: admitted.lease.owner,
    executor: admitted.executor,
    model: task.model,
    sessionId: null,
    resumed: false,
    workspace: null,
    process: null,
    admittedAt: admitted.at,
    startedAt: null,
    endedAt: null,
    outcome: null,
    verdict: null,
    tokens: NO_TOKENS,
    usd: 0,
    progress: null,
    results: null,
    steps: [],
  };
}
