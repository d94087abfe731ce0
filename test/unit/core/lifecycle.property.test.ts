import * as fc from "fast-check";
import { expect, it } from "vitest";
import type { Change, Changed } from "../../../src/core/change.ts";
import { FAILURE_CLASSES } from "../../../src/core/failure.ts";
import { applyChange } from "../../../src/core/lifecycle.ts";
import type { Outcome } from "../../../src/core/outcome.ts";
import { isFinal, PRIORITIES, type Task } from "../../../src/core/task.ts";
import { VERDICTS } from "../../../src/core/verdict.ts";
import { NOW, taskOf } from "./samples.ts";

/** A change whose lease is yet to be filled in: the task's own, or one that it had before. */
type Draft = { readonly stale: boolean; readonly change: Change };

const at = fc.integer({ min: NOW - 1e9, max: NOW + 1e9 });
const word = fc.constantFrom(null, "word");

const outcome: fc.Arbitrary<Outcome> = fc.oneof(
  fc.record({ type: fc.constant("succeeded" as const), summary: fc.constant("done") }),
  fc.record({
    type: fc.constant("failed" as const),
    failure: fc.constantFrom(...FAILURE_CLASSES),
    message: fc.constant("reason"),
    retryAt: fc.option(fc.oneof(at, fc.double())),
  }),
  fc.record({
    type: fc.constant("interrupted" as const),
    reason: fc.constantFrom("shutdown" as const, "lease-lost" as const, "daemon-died" as const),
  }),
  fc.record({
    type: fc.constant("snoozed" as const),
    until: at,
    failure: fc.constantFrom(...FAILURE_CLASSES),
    message: fc.constant("reason"),
  }),
  fc.record({
    type: fc.constant("asked" as const),
    question: fc.constant({ text: "which?", defaultAnswer: null, deadlineAt: null }),
  }),
);

const change: fc.Arbitrary<Change> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      type: fc.constant("admit" as const),
      at,
      lease: fc.record({ id: fc.uuid(), owner: fc.constant("daemon"), expiresAt: at }),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      type: fc.constant("conclude" as const),
      at,
      leaseId: fc.constant(""),
      outcome,
      verdict: fc.option(fc.constantFrom(...VERDICTS)),
      sessionId: word,
      retryRules: fc.record({ backoffBaseMs: fc.nat(1e6), backoffMaxMs: fc.nat(1e8) }),
      chance: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
    }),
  },
  fc.record({ type: fc.constant("recover" as const), at, leaseId: fc.constant("") }),
  fc.record({ type: fc.constant("cancel" as const), at, by: fc.constant("ada"), reason: word }),
  fc.record({ type: fc.constant("retry" as const), at, by: fc.constant("ada"), note: word }),
  fc.record({
    type: fc.constant("answer" as const),
    at,
    by: fc.constant("ada"),
    text: fc.constant("this"),
  }),
  fc.record(
    {
      type: fc.constant("edit" as const),
      at,
      by: fc.constant("ada"),
      priority: fc.constantFrom(...PRIORITIES),
      notBefore: fc.option(at),
    },
    { requiredKeys: ["type", "at", "by"] },
  ),
  fc.record({ type: fc.constant("trash" as const), at, by: fc.constant("ada") }),
  fc.record({ type: fc.constant("restore" as const), at, by: fc.constant("ada") }),
);

const draft: fc.Arbitrary<Draft> = fc.record({
  stale: fc.integer({ min: 0, max: 4 }).map((roll) => roll === 0),
  change,
});

/** Lives through `drafts` and hands every step to `check`. */
function live(
  first: Task,
  drafts: readonly Draft[],
  check: (before: Task, change: Change, changed: Changed, stale: boolean) => void,
): void {
  let task = first;
  let lastLeaseId = "never";
  for (const { stale, change: drafted } of drafts) {
    const leaseId = stale ? lastLeaseId : (task.lease?.id ?? lastLeaseId);
    const filled = "leaseId" in drafted ? { ...drafted, leaseId } : drafted;
    const before = structuredClone(task);
    const changed = applyChange(task, filled);
    expect(task).toEqual(before);
    check(task, filled, changed, "leaseId" in filled && leaseId !== task.lease?.id);
    if (!changed.ok) continue;
    if (task.lease !== null && changed.task.lease === null) lastLeaseId = task.lease.id;
    task = changed.task;
  }
}

function eachStep(
  check: (before: Task, change: Change, changed: Changed, stale: boolean) => void,
): void {
  const first = fc.record({
    attemptsMax: fc.integer({ min: 1, max: 4 }),
    unmetDependencies: fc.constantFrom(0, 0, 0, 1),
  });
  const drafts = fc.array(draft, { maxLength: 60, size: "max" });
  fc.assert(
    fc.property(first, drafts, (patch, changes) => live(taskOf(patch), changes, check)),
    { numRuns: 300 },
  );
}

it("keeps a task whole through any life", () => {
  eachStep((_before, _change, changed) => {
    if (!changed.ok) return;
    const { task } = changed;
    expect(task.lease !== null).toBe(task.state === "running");
    expect(task.attemptsUsed).toBeGreaterThanOrEqual(0);
    expect(task.attemptsUsed).toBeLessThanOrEqual(task.attemptsMax);
    expect(task.finishedAt !== null).toBe(isFinal(task.state));
    if (task.question !== null) expect(task.state).toBe("waiting");
    if (task.state === "waiting") expect(task.question).not.toBeNull();
    if (task.trashedAt !== null) expect(isFinal(task.state)).toBe(true);
    if (task.cancelRequestedAt !== null) expect(task.state).toBe("running");
    if (task.state === "queued") expect(task.attemptsUsed).toBeLessThan(task.attemptsMax);
    if (task.notBefore !== null) expect(Number.isFinite(task.notBefore)).toBe(true);
    expect(Number.isFinite(task.orderKey)).toBe(true);
  });
});

it("takes every accepted change for one step forward", () => {
  eachStep((before, { at: changedAt, type }, changed) => {
    if (!changed.ok) return;
    expect(changed.task.version).toBe(before.version + 1);
    expect(changed.task.updatedAt).toBe(changedAt);
    expect(changed.task.attempt).toBe(before.attempt + (type === "admit" ? 1 : 0));
    expect(changed.task.id).toBe(before.id);
  });
});

it("answers a refusal with nothing but the refusal", () => {
  eachStep((_before, _change, changed) => {
    if (changed.ok) return;
    expect(Object.keys(changed)).toEqual(["ok", "refusal"]);
  });
});

it("lets an old lease change nothing", () => {
  eachStep((_before, _change, changed, stale) => {
    if (stale) expect(changed).toEqual({ ok: false, refusal: { reason: "lease-lost" } });
  });
});

it("tells of every change of state in an event", () => {
  eachStep((before, _change, changed) => {
    if (changed.ok && changed.task.state !== before.state) {
      expect(changed.events.length).toBeGreaterThan(0);
    }
  });
});

it("never starts a parked task at once, so that no attempt is given back in a loop", () => {
  eachStep((_before, { at: changedAt }, changed) => {
    if (!changed.ok || changed.events[0]?.type !== "task.parked") return;
    expect(changed.task.notBefore).toBeGreaterThanOrEqual(changedAt + 1000);
    expect(changed.task.notBefore).toBeLessThanOrEqual(changedAt + 32 * 86_400_000);
  });
});

it("reaches every state, so that what it keeps is no empty promise", () => {
  const seen = new Set<string>();
  eachStep((before, _change, changed) => {
    if (changed.ok) seen.add(`${before.state} -> ${changed.task.state}`);
  });
  for (const transition of [
    "queued -> running",
    "running -> queued",
    "running -> waiting",
    "running -> succeeded",
    "running -> failed",
    "running -> cancelled",
    "waiting -> queued",
    "queued -> cancelled",
    "failed -> queued",
  ]) {
    expect(seen).toContain(transition);
  }
});
