import type { AdmissionRules } from "../core/hold.ts";
import type { QueueLimits } from "../core/queue.ts";
import type { Artifacts } from "../ports/artifacts.ts";
import type { Chance } from "../ports/chance.ts";
import type { Clock } from "../ports/clock.ts";
import type { Cron } from "../ports/cron.ts";
import type { Executor } from "../ports/executor.ts";
import type { Launcher } from "../ports/launcher.ts";
import type { Log } from "../ports/log.ts";
import type { Machine } from "../ports/machine.ts";
import type { Notifier } from "../ports/notifier.ts";
import type { Proving } from "../ports/proof.ts";
import type { Publishing } from "../ports/publishing.ts";
import type { Store } from "../ports/store.ts";
import type { Workspaces } from "../ports/workspaces.ts";
import type { AttemptLimits } from "./attempt.ts";
import { type Dispatcher, makeDispatcher } from "./dispatcher.ts";
import { openExecutorDesk } from "./executors.ts";
import { makeForecaster } from "./forecaster.ts";
import { makeFollowUps } from "./follow-ups.ts";
import { makeDeadlines, makeJanitor } from "./janitor.ts";
import { localFacts } from "./local-facts.ts";
import type { Loop } from "./loop.ts";
import { makeMemoryWatch } from "./memory-watch.ts";
import { makeOutbox } from "./outbox.ts";
import { makePresence } from "./presence.ts";
import { makeRescuer } from "./rescuer.ts";
import { makeScheduler } from "./scheduler.ts";
import { type Service, startAll, stopAll } from "./service.ts";
import { makeSteering } from "./steering.ts";
import { makeUsageWatcher } from "./usage-watcher.ts";

/** Everything the engine needs of the outside, and its settings. */
export interface EngineParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly chance: Chance;
  readonly cron: Cron;
  readonly log: Log;
  readonly machine: Machine;
  readonly launcher: Launcher;
  readonly workspaces: Workspaces;
  readonly proving: Proving;
  readonly publishing: Publishing;
  readonly artifacts: Artifacts;
  readonly executors: readonly Executor[];
  readonly notifiers: readonly Notifier[];
  readonly version: string;
  readonly rules: AdmissionRules;
  readonly limits: AttemptLimits;
  /** After so many tasks in a row that get nowhere a schedule is paused; null: never. */
  readonly schedulePauseAfter: number | null;
  /** How many tasks may be queued; absent: any number. */
  readonly queueLimits?: QueueLimits | undefined;
  /** Folders that every agent may read. */
  readonly readable: readonly string[];
  readonly workspaceKeepMs: number;
  readonly trashKeepMs: number;
  readonly sweep: (signal: AbortSignal) => Promise<void>;
}

/** One daemon's engine. */
export interface Engine {
  readonly owner: string;
  /** Rescues what a dead daemon left, then starts every duty. */
  readonly start: () => Promise<void>;
  /**
   * Claims nothing more, lets agents finish for up to `graceMs`, then interrupts them so that they
   * resume later. Resolves when everything has ended.
   */
  readonly stop: (graceMs: number) => Promise<void>;
  /** Cuts the grace of a stop short: agents are interrupted at once. */
  readonly hurry: () => void;
  /** How many attempts run here. */
  readonly runningCount: () => number;
}

/** Builds the engine of one daemon over its parts. */
export function openEngine(parts: EngineParts): Engine {
  const { store, clock, chance, machine } = parts;
  const owner = `${machine.host}:${machine.self.pid}:${chance.uuid().slice(0, 8)}`;
  const log = parts.log.with({ owner });
  const wakes: Loop["wake"][] = [];
  const wakeAll = (): void => {
    for (const wake of wakes) wake();
  };
  const desk = openExecutorDesk({ ...parts, log, onChange: wakeAll });
  const memory = makeMemoryWatch({ ...parts, log });
  const local = localFacts({ ...parts, desk, memory });
  const dispatcher = makeDispatcher({
    ...parts,
    log,
    owner,
    rules: () => parts.rules,
    local,
    forecast: makeForecaster({ store, clock, rules: () => parts.rules }),
    attempt: { ...parts, log, desk, memory },
  });
  const steering = makeSteering({ store, clock, log, running: dispatcher.running });
  const rescuer = makeRescuer({
    ...parts,
    log,
    running: dispatcher.running,
    onRescued: () => dispatcher.loop.wake(),
  });
  const outboxes = parts.notifiers.map((notifier) => makeOutbox({ ...parts, log, notifier }));
  const presence = makePresence({ ...parts, log, owner, rules: () => parts.rules, local });
  const usageWatcher = makeUsageWatcher({
    ...parts,
    log,
    readiness: desk.readiness,
    alerts: () => parts.rules.quota.alerts,
  });
  const scheduler = makeScheduler({ ...parts, log });
  wakes.push(dispatcher.loop.wake, steering.wake, presence.wake, usageWatcher.wake);
  const hints = hintService(store, [dispatcher.loop, steering, scheduler, ...outboxes]);
  const duties: readonly Service[] = [
    presence,
    desk.prober,
    usageWatcher,
    rescuer,
    steering,
    ...outboxes,
    makeFollowUps({ ...parts, log }),
    makeDeadlines({ store, clock, log }),
    makeJanitor({ ...parts, log }),
    scheduler,
    dispatcher.loop,
    hints,
  ];
  const hurried = new AbortController();
  return {
    owner,
    start: async () => {
      await rescuer.rescueAll(hurried.signal);
      await startAll(duties);
    },
    stop: async (graceMs) => {
      await dispatcher.stopClaiming();
      await endAttempts({ clock, dispatcher, graceMs, hurried: hurried.signal });
      await stopAll(duties);
    },
    hurry: () => hurried.abort(),
    runningCount: () => dispatcher.running.size,
  };
}

/** Waits for agents up to the grace, then interrupts those that still work and waits for their end. */
async function endAttempts(parts: {
  readonly clock: Clock;
  readonly dispatcher: Dispatcher;
  readonly graceMs: number;
  readonly hurried: AbortSignal;
}): Promise<void> {
  const { clock, dispatcher, graceMs, hurried } = parts;
  const allEnded = Promise.all([...dispatcher.running.values()].map((each) => each.ended));
  const waiting = new AbortController();
  const signal = AbortSignal.any([hurried, waiting.signal]);
  await Promise.race([allEnded, clock.sleep(graceMs, signal)]);
  waiting.abort();
  for (const attempt of dispatcher.running.values()) attempt.stop("shutdown");
  await Promise.all([...dispatcher.running.values()].map((each) => each.ended));
}

/** Passes every hint of the store on to the loops that live from it. */
function hintService(store: Store, loops: readonly Loop[]): Service {
  let watch: Disposable | null = null;
  return {
    name: "hints",
    start: () => {
      watch = store.watch(() => {
        for (const loop of loops) loop.wake();
      });
      return Promise.resolve();
    },
    stop: () => {
      watch?.[Symbol.dispose]();
      watch = null;
      return Promise.resolve();
    },
  };
}
