import type { Attempt } from "../core/attempt.ts";
import type { Change } from "../core/change.ts";
import type { AdmissionRules } from "../core/hold.ts";
import { windowOfLimit } from "../core/limit-hit.ts";
import type { RetryRules } from "../core/retry.ts";
import type { Instant, Task } from "../core/task.ts";
import type { Artifacts } from "../ports/artifacts.ts";
import type { Chance } from "../ports/chance.ts";
import type { Clock } from "../ports/clock.ts";
import type { StopReason as RunStop } from "../ports/executor.ts";
import type { Log } from "../ports/log.ts";
import type { Proving } from "../ports/proof.ts";
import type { Publishing } from "../ports/publishing.ts";
import type { Store } from "../ports/store.ts";
import type { Workspaces } from "../ports/workspaces.ts";
import type { ExecutorDesk } from "./executors.ts";
import { keepLease } from "./lease-keeper.ts";
import type { AttemptMemory, MemoryWatch } from "./memory-watch.ts";
import { type Ended, runPipeline } from "./pipeline.ts";
import { recordStep } from "./steps/record.ts";

/** Why an attempt as a whole is told to end; a spent budget ends the agent's run alone. */
export type StopReason = Exclude<RunStop, "budget">;

/** What every attempt of a daemon shares. */
export interface AttemptParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly chance: Chance;
  readonly log: Log;
  readonly workspaces: Workspaces;
  readonly proving: Proving;
  readonly publishing: Publishing;
  readonly artifacts: Artifacts;
  readonly desk: ExecutorDesk;
  readonly limits: AttemptLimits;
  /** Learns how much memory agents take. */
  readonly memory: Pick<MemoryWatch, "begin">;
  /** The budgets among them are what a run is stopped for. */
  readonly rules: AdmissionRules;
  /** Folders that every agent may read. */
  readonly readable: readonly string[];
}

/** The configured limits of attempts. */
export interface AttemptLimits {
  readonly timeoutMs: number;
  /** Null: as for all. */
  readonly projectTimeoutMs: (project: string | null) => number | null;
  readonly stallMs: number;
  readonly retryRules: RetryRules;
}

/** A claimed task on its way through the steps. */
export interface RunningAttempt {
  readonly task: Task;
  readonly attempt: Attempt;
  /** Asks the agent to end; the first reason wins, except that a lost lease overrides. */
  readonly stop: (reason: StopReason) => void;
  /** Something was said or decided about the task: look now. */
  readonly poke: () => void;
  /** Resolves when the attempt is over, whatever came of it; never rejects. */
  readonly ended: Promise<void>;
}

/** What the steps of one attempt know and share. */
export interface AttemptContext extends Omit<AttemptParts, "memory"> {
  readonly memory: AttemptMemory;
  readonly task: Task;
  readonly attempt: Attempt;
  readonly leaseId: string;
  readonly control: StopControl;
}

/** The one place that says whether, and why, an attempt must end. */
export interface StopControl {
  readonly reason: () => StopReason | null;
  /** Aborted with the first reason to stop. */
  readonly signal: AbortSignal;
  /** Asks the attempt to end; the first reason wins, except that a lost lease overrides. */
  readonly stop: (reason: StopReason) => void;
  /** Told of every reason, of messages; set by the work step while an agent runs. */
  onStop: (reason: StopReason) => void;
  onMessages: () => void;
}

/** Longest time the conclusion of an attempt is tried for when the database cannot be used. */
const CONCLUDE_TRIES_MAX = 40;
const CONCLUDE_AGAIN_MS = 1000;

/** Runs one attempt: open workspace, work, keep results, conclude; its lease is kept all the while. */
export function startAttempt(
  parts: AttemptParts,
  claimed: {
    readonly task: Task;
    readonly attempt: Attempt;
    readonly takenAtMonotonicMs: number;
  },
): RunningAttempt {
  const { task, attempt } = claimed;
  const log = parts.log.with({ taskId: task.id, attempt: attempt.number });
  const control = makeStopControl();
  const { stop } = control;
  const memory = parts.memory.begin(attempt.executor);
  const context: AttemptContext = {
    ...parts,
    memory,
    log,
    task,
    attempt,
    leaseId: attempt.leaseId,
    control,
  };
  const keeper = keepLease(
    { ...parts, log },
    { taskId: task.id, leaseId: attempt.leaseId, takenAtMonotonicMs: claimed.takenAtMonotonicMs },
    {
      onLost: () => stop("lease-lost"),
      onCancelRequested: () => stop("cancel"),
      onMessages: () => control.onMessages(),
    },
  );
  const run = async (): Promise<void> => {
    try {
      await runSteps(context);
    } catch (error) {
      log.error("An attempt broke off", { error });
    } finally {
      memory.end();
      await keeper.stop();
    }
  };
  const ended = run();
  return { task, attempt, stop, poke: () => keeper.poke(), ended };
}

function makeStopControl(): StopControl {
  const aborter = new AbortController();
  let reason: StopReason | null = null;
  const control: StopControl = {
    reason: () => reason,
    signal: aborter.signal,
    stop: (next) => {
      if (reason === next || (reason !== null && next !== "lease-lost")) return;
      reason = next;
      aborter.abort();
      control.onStop(next);
    },
    onStop: () => {},
    onMessages: () => {},
  };
  return control;
}

async function runSteps(context: AttemptContext): Promise<void> {
  const { outcome, sessionId, verdict } = await runPipeline(context);
  if (context.control.reason() === "lease-lost") {
    context.log.warn("The result of an attempt was dropped because its lease was lost");
    return;
  }
  if (outcome.type === "failed" && outcome.failure === "auth") {
    context.desk.reportUnready(context.attempt.executor, outcome.message);
  }
  if (outcome.type === "failed" && outcome.failure === "quota") {
    await keepLimit(context, outcome.retryAt);
  }
  await conclude(context, { outcome, sessionId, verdict });
}

/** Before the task is back in the queue, so that nothing starts against a limit that is known. */
async function keepLimit(
  { store, clock, log, desk, attempt }: AttemptContext,
  retryAt: Instant | null,
): Promise<void> {
  const said = desk.readiness()[attempt.executor];
  const provider = said?.ready === true ? said.provider : null;
  if (provider === null) return;
  try {
    const hit = { provider, retryAt, at: clock.now() };
    const window = windowOfLimit(await store.usage.windows(), hit);
    if (window !== null) await store.usage.observe([window]);
  } catch (error) {
    log.warn("A limit that was met could not be recorded", { error });
  }
}

/** Concludes in one transaction; a database that cannot be used is asked again while the lease stands. */
async function conclude(
  context: AttemptContext,
  { outcome, sessionId, verdict }: Ended,
): Promise<void> {
  const { store, clock, log, task } = context;
  await recordStep(context, "conclude", () => Promise.resolve({ detail: outcome.type }));
  const change: Change = {
    type: "conclude",
    at: clock.now(),
    leaseId: context.leaseId,
    outcome,
    verdict,
    sessionId,
    retryRules: context.limits.retryRules,
    chance: context.chance.fraction(),
  };
  for (let tries = 1; context.control.reason() !== "lease-lost"; tries += 1) {
    try {
      const changed = await store.tasks.change(task.id, change);
      if (changed.ok) log.info("An attempt was concluded", { outcome: outcome.type });
      else log.warn("The conclusion of an attempt was refused", { refusal: changed.refusal });
      return;
    } catch (error) {
      log.error("An attempt could not be concluded yet", { error, tries });
      if (tries >= CONCLUDE_TRIES_MAX) return;
      await clock.sleep(CONCLUDE_AGAIN_MS);
    }
  }
}
