import type { Event } from "../../core/event.ts";
import {
  FORGET_WITHIN_MS,
  HISTORY_MS,
  type HourOfUse,
  type PastRun,
  RUNS_MAX,
  useBetween,
} from "../../core/forecast/history.ts";
import type { QuotaWindow } from "../../core/quota.ts";
import { observe } from "../../core/observation.ts";
import {
  admissionChangedEvent,
  DAEMON_KEPT_MS,
  daemonEvents,
  projectAddedEvent,
  projectChangedEvent,
  projectRemovedEvent,
} from "../../core/store-events.ts";
import { isFinal, type Instant } from "../../core/task.ts";
import type { EffectStore, EventStore, ProjectStore, SharedStore } from "../../ports/store.ts";
import type { UsageEntry, UsageStore, UsageTotal } from "../../ports/usage-store.ts";
import { factsOf, windowsOf } from "./admit.ts";
import { patchAttempt } from "./attempts.ts";
import { spentBy, sumOf } from "./spending.ts";
import type { Sync } from "./sync.ts";
import { appendEvents, type CountedEntry, sortedBy, type State } from "./state.ts";

/** The log and its cursors. */
export function eventMethods(state: State): Sync<EventStore> {
  return {
    append: (event) => appendEvents(state, [event])[0] as Event,
    after: (seq, limit, { taskId, types } = {}) =>
      state.events
        .slice(Math.max(0, seq))
        .filter((event) => taskId === undefined || event.taskId === taskId)
        .filter((event) => types === undefined || types.includes(event.type))
        .slice(0, limit),
    lastSeq: () => state.events.length,
    cursor: (name) => state.cursors.get(name) ?? 0,
    moveCursor: (name, seq) => {
      if ((state.cursors.get(name) ?? -Infinity) >= seq) return;
      state.cursors.set(name, seq);
      state.changes += 1;
    },
  };
}

/** Places of work. */
export function projectMethods(state: State): Sync<ProjectStore> {
  return {
    add: (project) => {
      if (state.projects.has(project.name)) return false;
      state.projects.set(project.name, project);
      appendEvents(state, [projectAddedEvent(project)]);
      return true;
    },
    get: (name) => state.projects.get(name) ?? null,
    list: () => sortedBy(state.projects.values(), ({ name }) => name),
    change: (name, patch, at) => {
      const project = state.projects.get(name);
      if (project === undefined) return false;
      state.projects.set(name, { ...project, ...patch });
      appendEvents(state, [projectChangedEvent(name, patch, at)]);
      return true;
    },
    remove: (name, at) => {
      const ofProject = state.tasks.values().filter((task) => task.project === name);
      if (ofProject.some((task) => !isFinal(task.state))) return "in-use";
      if (!state.projects.delete(name)) return "unknown";
      appendEvents(state, [projectRemovedEvent(name, at)]);
      return "removed";
    },
  };
}

/** What was used and what is left. */
export function usageMethods(state: State): Sync<UsageStore> {
  return {
    windows: () => windowsOf(state),
    observe: (windows, alertLevels) => {
      for (const seen of windows) {
        const key = JSON.stringify([seen.provider, seen.window]);
        const known = state.windows.get(key) ?? null;
        const observed = observe(known, seen, alertLevels);
        if (observed === null) continue;
        if (known !== null) {
          addHours(state, useBetween(known.window, observed.known.window));
          if (seen.observedAt - known.window.observedAt < FORGET_WITHIN_MS)
            forgetHours(state, seen);
        }
        state.windows.set(key, observed.known);
        state.changes += 1;
        appendEvents(state, observed.events);
      }
    },
    add: (entry) => addUsage(state, entry),
    totals: (since) => totals(state, since),
    history: (since) => ({ hours: hoursSince(state, since), runs: runsSince(state, since) }),
  };
}

function addHours(state: State, hours: readonly HourOfUse[]): void {
  for (const hour of hours) {
    const key = JSON.stringify([hour.provider, hour.window, hour.hourAt]);
    const { seenMs, used } = state.hours.get(key) ?? { seenMs: 0, used: 0 };
    state.hours.set(key, { ...hour, seenMs: seenMs + hour.seenMs, used: used + hour.used });
  }
}

function forgetHours(state: State, seen: QuotaWindow): void {
  for (const [key, { provider, window, hourAt }] of state.hours) {
    const isOld = hourAt < seen.observedAt - HISTORY_MS;
    if (isOld && provider === seen.provider && window === seen.window) state.hours.delete(key);
  }
}

function hoursSince(state: State, since: Instant): readonly HourOfUse[] {
  return sortedBy(
    [...state.hours.values()].filter(({ hourAt }) => hourAt >= since),
    ({ provider }) => provider,
    ({ window }) => window,
    ({ hourAt }) => hourAt,
  );
}

function runsSince(state: State, since: Instant): readonly PastRun[] {
  const newest = [...state.tasks.values()].filter(({ id }) => id > state.lastTaskId - RUNS_MAX);
  const runs = newest.flatMap(({ id, kind, project, model }) =>
    (state.attempts.get(id) ?? []).flatMap(({ executor, startedAt, endedAt, usd }) =>
      startedAt === null || endedAt === null || startedAt < since
        ? []
        : [{ executor, kind, project, model, startedAt, endedAt, usd }],
    ),
  );
  return sortedBy(runs, ({ startedAt }) => startedAt);
}

function addUsage(state: State, entry: UsageEntry): void {
  const task = state.tasks.get(entry.taskId);
  state.ledger.push({ ...entry, project: task?.project ?? null });
  state.changes += 1;
  const attempts = state.attempts.get(entry.taskId) ?? [];
  const attempt = attempts.find(({ number }) => number === entry.attempt);
  if (attempt === undefined) return;
  const tokens = sumOf(attempt.tokens, entry.tokens);
  patchAttempt(state, entry.taskId, entry.attempt, { tokens, usd: attempt.usd + entry.usd });
  if (task === undefined) return;
  state.tasks.set(task.id, { ...task, spent: spentBy(state.attempts.get(task.id) ?? []) });
}

function totals(state: State, since: Instant): readonly UsageTotal[] {
  const found = Map.groupBy(
    state.ledger.filter(({ at }) => at >= since),
    ({ provider, model }) => JSON.stringify([provider, model]),
  );
  const sums = [...found.values()].map((entries): UsageTotal => {
    const [first, ...more] = entries as [CountedEntry, ...CountedEntry[]];
    return {
      provider: first.provider,
      model: first.model,
      attempts: new Set(entries.map(({ taskId, attempt }) => `${taskId}/${attempt}`)).size,
      tokens: more.reduce((sum, { tokens }) => sumOf(sum, tokens), first.tokens),
      usd: more.reduce((sum, { usd }) => sum + usd, first.usd),
    };
  });
  return sortedBy(
    sums,
    ({ provider }) => provider,
    ({ model }) => model,
  );
}

/** What is done outside: the intent before, the result after. */
export function effectMethods(state: State): Sync<EffectStore> {
  return {
    intend: ({ key, taskId, attempt, kind, at }) => {
      const earlier = state.effects.get(key);
      if (earlier !== undefined) return earlier;
      if (!state.tasks.has(taskId)) throw new Error(`There is no task ${taskId} for an effect.`);
      const effect = {
        key,
        taskId,
        attempt,
        kind,
        intendedAt: at,
        doneAt: null,
        result: null,
      };
      state.effects.set(key, effect);
      state.changes += 1;
      return effect;
    },
    done: (key, at, result) => {
      const effect = state.effects.get(key);
      if (effect === undefined) throw new Error(`No effect was intended under the key ${key}.`);
      if (effect.doneAt !== null) return;
      state.effects.set(key, { ...effect, doneAt: at, result });
      state.changes += 1;
    },
    ofTask: (taskId) =>
      sortedBy(
        [...state.effects.values()].filter((effect) => effect.taskId === taskId),
        ({ intendedAt }) => intendedAt,
        ({ key }) => key,
      ),
  };
}

/** Small shared facts: the admission switch, who is alive, settings. */
export function sharedMethods(state: State): Sync<SharedStore> {
  return {
    admission: () => state.admission,
    setAdmission: ({ mode, until, by }, at) => {
      state.admission = { mode, until, by };
      appendEvents(state, [admissionChangedEvent(state.admission, at)]);
    },
    daemons: () =>
      sortedBy(
        state.daemons.values(),
        ({ startedAt }) => startedAt,
        ({ owner }) => owner,
      ),
    putDaemon: (daemon) => {
      const before = state.daemons.get(daemon.owner) ?? null;
      const events = daemonEvents(before, daemon);
      if (before === null) forgetDaemons(state, daemon.seenAt - DAEMON_KEPT_MS);
      state.daemons.set(daemon.owner, daemon);
      state.changes += 1;
      appendEvents(state, events);
    },
    facts: (since) => factsOf(state, since),
    setting: (key) => state.settings.get(key) ?? null,
    initSetting: (key, value) => {
      const known = state.settings.get(key);
      if (known !== undefined) return known;
      state.settings.set(key, value);
      state.changes += 1;
      return value;
    },
    setSetting: (key, value) => {
      state.settings.set(key, value);
      state.changes += 1;
    },
  };
}

function forgetDaemons(state: State, before: Instant): void {
  for (const { owner, seenAt } of state.daemons.values()) {
    if (seenAt < before) state.daemons.delete(owner);
  }
}
