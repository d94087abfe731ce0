import { expect, it } from "vitest";
import type { QuotaWindow } from "../../src/core/quota.ts";
import { openRules, quotaOf } from "../../src/testing/admission-rules.ts";
import { createFakeExecutor, type FakeExecutor } from "../../src/testing/fake-executor.ts";
import { type Night, setup } from "./setup.ts";

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
/** A machine full of other work may be slow. */
const PATIENCE_MS = 60_000;
/** So many may run at once when nothing holds them. */
const PARALLEL_MAX = 4;

/** A night whose executor meets a limit as a test says. */
interface LimitedNight extends Night {
  /** When agents were started, oldest first. */
  readonly starts: readonly { readonly at: number; readonly taskId: number }[];
  /** Until then every run ends with the limit, after it told these windows. */
  readonly limit: (limit: Limit | null) => void;
}

interface Limit {
  readonly until: number;
  readonly retryAt: number | null;
  readonly tells: () => readonly QuotaWindow[];
}

function limitedNight(): LimitedNight {
  const starts: { at: number; taskId: number }[] = [];
  let limit: Limit | null = null;
  const executor: FakeExecutor = createFakeExecutor({ provider: "claude" });
  const rules = openRules({
    parallelMax: PARALLEL_MAX,
    executorDefault: "fake",
    quota: quotaOf(0.9, 0.9),
  });
  const night = setup({ executors: [executor], rules });
  executor.set(async ({ spec, emit }) => {
    starts.push({ at: night.clock.now(), taskId: spec.taskId });
    if (limit === null || night.clock.now() >= limit.until) return { type: "done", text: "" };
    emit({ type: "quota", windows: limit.tells() });
    const { retryAt } = limit;
    return { type: "failed", failure: "quota", message: "You've hit your limit.", retryAt };
  });
  const set = (next: Limit | null): void => {
    limit = next;
  };
  return { ...night, executor, starts, limit: set };
}

function windowOf(night: Night, patch: Partial<QuotaWindow> = {}): QuotaWindow {
  return {
    provider: "claude",
    window: "five_hour",
    used: 1,
    resetsAt: night.clock.now() + HOUR_MS,
    status: "closed",
    source: "observed",
    observedAt: night.clock.now(),
    ...patch,
  };
}

/** Queues so many tasks that share nothing but the provider. */
async function queueMany(night: Night, count: number): Promise<readonly number[]> {
  const ids: number[] = [];
  for (let left = count; left > 0; left -= 1) ids.push(await night.think(`Task ${left}`));
  return ids;
}

it.each([1, 2])(
  "burns no run of 400 against an exhausted window, with %d daemons",
  async (daemons) => {
    const night = limitedNight();
    const resetsAt = night.clock.now() + 5 * MINUTE_MS;
    const tells = (): readonly QuotaWindow[] => [windowOf(night, { resetsAt })];
    night.limit({ until: resetsAt, retryAt: resetsAt, tells });
    await queueMany(night, 400);
    const engines = [night.engine, night.another({ executors: [night.executor] })].slice(
      0,
      daemons,
    );
    for (const engine of engines) await engine.start();
    await night.clock.advance(MINUTE_MS);
    // Those that ran when the limit was met; nobody knew before.
    const met = night.starts.length;
    expect(met).toBeLessThanOrEqual(PARALLEL_MAX);
    await night.clock.advance(resetsAt - night.clock.now() - SECOND_MS);
    expect(night.starts).toHaveLength(met);
    await night.clock.advance(6 * SECOND_MS);
    expect(night.starts[met]?.at).toBeGreaterThanOrEqual(resetsAt);
    expect(night.starts[met]?.at).toBeLessThanOrEqual(resetsAt + 5 * SECOND_MS);
    await night.until(async () => (await night.store.tasks.counts()).succeeded === 400, SECOND_MS);
    expect(night.starts).toHaveLength(400 + met);
    for (const engine of engines) await engine.stop(0);
  },
  PATIENCE_MS,
);

it("goes on within 5 s of a reset that is 63 s away, in the same session and at no cost", async () => {
  const night = limitedNight();
  const resetsAt = night.clock.now() + 63 * SECOND_MS;
  const tells = (): readonly QuotaWindow[] => [windowOf(night, { resetsAt })];
  night.limit({ until: resetsAt, retryAt: resetsAt, tells });
  const id = await night.think("Be quick");
  await night.engine.start();
  await night.until(async () => (await night.eventTypes(id)).includes("task.parked"), 100);
  expect(await night.get(id)).toMatchObject({
    state: "queued",
    attemptsUsed: 0,
    notBefore: resetsAt,
    sessionId: night.executor.started[0]?.sessionId,
  });
  const done = await night.reaches(id, "succeeded", SECOND_MS);
  expect(done).toMatchObject({ attempt: 2, attemptsUsed: 1 });
  const [first, second] = night.executor.started;
  expect(second).toMatchObject({ sessionId: first?.sessionId, resume: true });
  expect((night.starts[1]?.at ?? 0) - resetsAt).toBeGreaterThanOrEqual(0);
  expect((night.starts[1]?.at ?? 0) - resetsAt).toBeLessThanOrEqual(5 * SECOND_MS);
  await night.engine.stop(0);
});

it("holds all for a week that is used up, and one model for its own window, at once", async () => {
  const night = limitedNight();
  const now = night.clock.now();
  const week = windowOf(night, {
    window: "seven_day",
    used: 0.5,
    status: "open",
    resetsAt: now + 9 * MINUTE_MS,
  });
  const opus = windowOf(night, { window: "seven_day_opus", resetsAt: now + 5 * MINUTE_MS });
  await night.store.usage.observe([week, opus]);
  const one = await night.think("Think hard", { model: "opus" });
  const other = await night.think("Think", { model: "sonnet" });
  await night.engine.start();
  await night.reaches(other, "succeeded", SECOND_MS);
  expect((await night.queries.why(one))?.sentence).toContain("seven_day_opus");
  // Now the week closes, too: what holds longest is what is told.
  await night.store.usage.observe([
    { ...week, used: 1, status: "closed", observedAt: night.clock.now() },
  ]);
  const third = await night.think("Think again", { model: "sonnet" });
  await night.clock.advance(6 * MINUTE_MS);
  expect(night.starts.map(({ taskId }) => taskId)).toEqual([other]);
  expect(await night.queries.why(one)).toMatchObject({ nextCheckAt: now + 9 * MINUTE_MS });
  await night.clock.advance(now + 9 * MINUTE_MS + 5 * SECOND_MS - night.clock.now());
  expect(night.starts.map(({ taskId }) => taskId)).toEqual([other, one, third]);
  await night.engine.stop(0);
});

it("believes no number that goes back, comes late or contradicts what is closed", async () => {
  const night = limitedNight();
  const now = night.clock.now();
  const resetsAt = now + 10 * MINUTE_MS;
  const closed = windowOf(night, { resetsAt });
  await night.engine.start();
  await night.store.usage.observe([closed]);
  const id = await night.think("Wait");
  const lies: readonly Partial<QuotaWindow>[] = [
    // Told before the limit was met, and heard after it.
    { status: "open", used: 0.3, observedAt: now - MINUTE_MS },
    // Told after it, by a provider that contradicts itself.
    { status: "open", used: 0.1, observedAt: now + SECOND_MS },
    { status: "open", used: null, resetsAt: null, observedAt: now + 2 * SECOND_MS },
  ];
  for (const lie of lies) {
    await night.store.usage.observe([{ ...closed, ...lie }]);
    await night.clock.advance(MINUTE_MS);
  }
  expect(night.starts).toEqual([]);
  await night.clock.advance(resetsAt - night.clock.now() + 5 * SECOND_MS);
  expect(night.starts.map(({ taskId }) => taskId)).toEqual([id]);
  await night.engine.stop(0);
});

it.each([
  { named: true, what: "that names the reset" },
  { named: false, what: "that names nothing" },
])(
  "burns no further run against a provider that never reports, with a limit $what",
  async ({ named }) => {
    const night = limitedNight();
    const until = night.clock.now() + 14 * MINUTE_MS;
    night.limit({ until, retryAt: named ? until : null, tells: () => [] });
    await queueMany(night, 40);
    await night.engine.start();
    await night.clock.advance(13 * MINUTE_MS);
    // Those that ran when the limit was met; nobody knew before.
    expect(night.starts.length).toBeLessThanOrEqual(PARALLEL_MAX);
    await night.until(async () => (await night.store.tasks.counts()).succeeded === 40, SECOND_MS);
    expect(night.starts.length).toBeLessThanOrEqual(40 + PARALLEL_MAX);
    await night.engine.stop(0);
  },
);
