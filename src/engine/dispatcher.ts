import { spendingSince } from "../core/budget.ts";
import type { Forecast } from "../core/forecast/forecast.ts";
import type { AdmissionRules, LocalFacts, Snapshot } from "../core/hold.ts";
import { contendersIn, type Decision, nextCheckAt, plan } from "../core/plan.ts";
import { yielding } from "../core/policies/held-back.ts";
import { afterTurn, type Turns, turnsOf } from "../core/turns.ts";
import type { Chance } from "../ports/chance.ts";
import type { Clock } from "../ports/clock.ts";
import type { Log } from "../ports/log.ts";
import type { AdmitRequest, Store } from "../ports/store.ts";
import { type AttemptParts, type RunningAttempt, startAttempt } from "./attempt.ts";
import { LEASE_MS } from "./lease-keeper.ts";
import { type Loop, makeLoop } from "./loop.ts";

/** How many tasks behind each lane's head are looked at, when the head alone has a hold of its own. */
const PER_LANE = 3;
/** Shortest sleep when something was due and still could not start: the fallback poll. */
const SLEEP_MIN_MS = 250;
/** Longest sleep with something due ahead: bounds what a jumping clock can delay. */
const SLEEP_DUE_MAX_MS = 1000;
/** Longest sleep with nothing ahead; new work wakes at once, this only bounds a lost hint. */
const SLEEP_IDLE_MAX_MS = 5000;

/** Finds what may start, claims it, and runs it. */
export interface Dispatcher {
  readonly loop: Loop;
  /** The attempts of this daemon, by task id. */
  readonly running: ReadonlyMap<number, RunningAttempt>;
  /** Claims nothing any more; what runs goes on. Resolves when a claim that was under way has ended. */
  readonly stopClaiming: () => Promise<void>;
}

/** What the dispatcher works with. */
export interface DispatcherParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly chance: Chance;
  readonly log: Log;
  readonly owner: string;
  readonly rules: () => AdmissionRules;
  readonly local: () => Promise<LocalFacts>;
  readonly forecast: (executors: LocalFacts["executors"]) => Promise<Forecast>;
  readonly attempt: AttemptParts;
}

/** What a turn works on besides. */
interface Turn {
  readonly memory: Memory;
  readonly running: ReadonlyMap<number, RunningAttempt>;
  /** Aborted when nothing is to be claimed any more. */
  readonly stopping: AbortSignal;
  readonly start: (claimed: Parameters<typeof startAttempt>[1]) => void;
}

/**
 * Who has had how many turns; null before the first look. Each daemon counts its own: where each is
 * fair, all together are, and one that starts anew begins with all alike but for what runs.
 */
interface Memory {
  turns: Turns | null;
}

/** Makes the dispatcher; its loop takes a turn when woken, at the next due time, or every few seconds. */
export function makeDispatcher(parts: DispatcherParts): Dispatcher {
  const running = new Map<number, RunningAttempt>();
  const memory: Memory = { turns: null };
  const claiming = new AbortController();
  const loop: Loop = makeLoop({
    name: "dispatcher",
    clock: parts.clock,
    log: parts.log,
    turn: () => takeTurn(parts, { memory, running, stopping: claiming.signal, start }),
  });
  const start = (claimed: Parameters<typeof startAttempt>[1]): void => {
    const attempt = startAttempt(parts.attempt, claimed);
    running.set(claimed.task.id, attempt);
    void attempt.ended.then(() => {
      if (running.get(claimed.task.id) === attempt) running.delete(claimed.task.id);
      return loop.wake();
    });
  };
  const stopClaiming = async (): Promise<void> => {
    claiming.abort();
    await loop.stop();
  };
  return { loop, running, stopClaiming };
}

async function takeTurn(
  parts: DispatcherParts,
  { memory, running, stopping, start }: Turn,
): Promise<number> {
  const { store, clock } = parts;
  const now = clock.now();
  const heads = await store.tasks.heads(now, PER_LANE);
  if (heads.length === 0 && running.size === 0) {
    return sleepUntil(parts, await store.tasks.nextDueAt(now));
  }
  const rules = parts.rules();
  const local = await parts.local();
  const forecast = await parts.forecast(local.executors);
  const facts = await store.shared.facts(spendingSince(rules.hours, now));
  const snapshot = { ...facts, ...local, now, rules, forecast };
  giveWay(parts, running, snapshot);
  memory.turns ??= turnsOf(facts.running, rules.order);
  const decisions = plan(heads, snapshot, memory.turns);
  const fairness = { order: rules.order, contenders: contendersIn(decisions) };
  const judged = { rules, local, forecast };
  let admitted = 0;
  for (const decision of decisions) {
    if (stopping.aborted) break;
    if (decision.holds.length === 0 && (await claim(parts, decision, judged, start))) {
      admitted += 1;
      memory.turns = afterTurn(memory.turns, decision.task, fairness);
    }
  }
  // What was started may have uncovered the next in its lane.
  if (admitted > 0) return 0;
  return sleepUntil(parts, earliest(nextCheckAt(decisions), await store.tasks.nextDueAt(now)));
}

/** Stops the agent that is to leave the person what they need; its task goes on when there is room. */
function giveWay(
  { log }: DispatcherParts,
  running: ReadonlyMap<number, RunningAttempt>,
  snapshot: Snapshot,
): void {
  const found = yielding(snapshot);
  const attempt = found === null ? undefined : running.get(found.taskId);
  if (found === null || attempt === undefined) return;
  log.info("An attempt gives way to the person", found);
  attempt.stop("gave-way");
}

/** Takes the lease in one transaction that judges admission again; a lost race is not an error. */
async function claim(
  parts: DispatcherParts,
  decision: Decision,
  judged: Pick<AdmitRequest, "rules" | "local" | "forecast">,
  start: (claimed: Parameters<typeof startAttempt>[1]) => void,
): Promise<boolean> {
  const { store, clock, chance, log, owner } = parts;
  const takenAtMonotonicMs = clock.monotonicMs();
  const at = clock.now();
  const admitted = await store.tasks.admit({
    ...judged,
    at,
    taskId: decision.task.id,
    executor: decision.task.executor ?? judged.rules.executorDefault,
    lease: { id: chance.uuid(), owner, expiresAt: at + LEASE_MS },
  });
  if (!admitted.ok) {
    log.debug("A claim was refused", { taskId: decision.task.id, refusal: admitted.refusal });
    return false;
  }
  const { task, attempt } = admitted;
  log.info("A task was claimed", { taskId: task.id, attempt: attempt.number });
  start({ task, attempt, takenAtMonotonicMs });
  return true;
}

function sleepUntil(parts: DispatcherParts, at: number | null): number {
  if (at === null) return SLEEP_IDLE_MAX_MS;
  const aheadMs = at - parts.clock.now();
  return aheadMs > 0 ? Math.min(SLEEP_DUE_MAX_MS, aheadMs) : SLEEP_MIN_MS;
}

function earliest(one: number | null, other: number | null): number | null {
  if (one === null || other === null) return one ?? other;
  return Math.min(one, other);
}
