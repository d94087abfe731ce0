import assert from "node:assert/strict";
import * as fc from "fast-check";
import type { Change } from "../../../src/core/change.ts";
import { type Condition, CONDITIONS, type Dependency } from "../../../src/core/dependency.ts";
import { FAILURE_CLASSES } from "../../../src/core/failure.ts";
import type { Outcome } from "../../../src/core/outcome.ts";
import { VERDICTS, type Verdict } from "../../../src/core/verdict.ts";
import { PRIORITIES, TASK_KINDS, TASK_STATES } from "../../../src/core/task.ts";
import type { NewTask, Store, TaskFilter } from "../../../src/ports/store.ts";
import {
  aProject,
  asked,
  conclusion,
  everything,
  NOW,
  type OpenStore,
  recovery,
  request,
  rulesWith,
} from "./contract.ts";
import { checkInvariants } from "./random-invariants.ts";

/** One call to a store, as data, so that a failing script can be read and made smaller. */
type Step =
  | { readonly do: "insert"; readonly task: Partial<NewTask>; readonly at: number }
  | { readonly do: "admit"; readonly id: number; readonly at: number }
  | {
      readonly do: "conclude";
      readonly id: number;
      readonly stale: boolean;
      readonly outcome: Outcome;
      readonly verdict: Verdict | null;
      readonly at: number;
    }
  | {
      readonly do: "chain";
      readonly task: Partial<NewTask>;
      readonly length: number;
      readonly condition: Condition;
      readonly at: number;
    }
  | {
      readonly do: "replace";
      readonly id: number;
      readonly dependsOn: readonly Dependency[];
      readonly at: number;
    }
  | { readonly do: "cancel-along"; readonly id: number; readonly at: number }
  | { readonly do: "recover"; readonly id: number; readonly at: number }
  | { readonly do: "change"; readonly id: number; readonly change: Change }
  | { readonly do: "renew"; readonly id: number; readonly stale: boolean; readonly at: number }
  | { readonly do: "say"; readonly id: number; readonly at: number }
  | { readonly do: "take"; readonly id: number; readonly stale: boolean }
  | { readonly do: "heads"; readonly at: number; readonly perLane: number }
  | { readonly do: "due"; readonly at: number }
  | { readonly do: "list"; readonly filter: TaskFilter; readonly before: number | null }
  | { readonly do: "purge"; readonly at: number }
  | { readonly do: "remove-project"; readonly name: string };

const PROJECTS = ["one", "two"] as const;
const RULES = rulesWith({ parallelMax: 3 });

const id = fc.integer({ min: 1, max: 9 });
const at = fc.integer({ min: 0, max: 40 }).map((minutes) => NOW + minutes * 60_000);
const project = fc.constantFrom(null, ...PROJECTS);

const condition = fc.constantFrom(...CONDITIONS);
const dependencyOn = (max: number): fc.Arbitrary<Dependency[]> =>
  fc.array(fc.record({ taskId: fc.integer({ min: 1, max }), condition }), { maxLength: 2 });

const outcome: fc.Arbitrary<Outcome> = fc.oneof(
  { weight: 3, arbitrary: fc.constant<Outcome>({ type: "succeeded", summary: "Done." }) },
  fc.record({
    type: fc.constant("failed" as const),
    failure: fc.constantFrom(...FAILURE_CLASSES),
    message: fc.constant("It failed."),
    retryAt: fc.option(at),
  }),
  fc.constant<Outcome>({ type: "interrupted", reason: "shutdown" }),
  fc.record({
    type: fc.constant("snoozed" as const),
    until: at,
    failure: fc.constantFrom("quota" as const, "disk" as const),
    message: fc.constant("Later."),
  }),
  fc.constant<Outcome>({
    type: "asked",
    question: { text: "Which?", defaultAnswer: null, deadlineAt: NOW },
  }),
);

const change: fc.Arbitrary<Change> = fc.oneof(
  fc.record({
    type: fc.constant("cancel" as const),
    at,
    by: fc.constant("ann"),
    reason: fc.constant(null),
  }),
  fc.record({
    type: fc.constant("retry" as const),
    at,
    by: fc.constant("ann"),
    note: fc.option(fc.string()),
  }),
  fc.record({
    type: fc.constant("answer" as const),
    at,
    by: fc.constant("ann"),
    text: fc.string(),
  }),
  fc.record(
    {
      type: fc.constant("edit" as const),
      at,
      by: fc.constant("ann"),
      priority: fc.constantFrom(...PRIORITIES),
      notBefore: fc.option(at),
    },
    { requiredKeys: ["type", "at", "by"] },
  ),
  fc.record({
    type: fc.constant("settle" as const),
    at,
    by: fc.constant("ann"),
    decision: fc.constantFrom("landed" as const, "rejected" as const),
    commit: fc.constant(null),
    note: fc.constant(null),
  }),
  fc.record({ type: fc.constant("trash" as const), at, by: fc.constant("ann") }),
  fc.record({ type: fc.constant("restore" as const), at, by: fc.constant("ann") }),
);

const task = fc.record(
  {
    kind: fc.constantFrom(...TASK_KINDS),
    priority: fc.constantFrom(...PRIORITIES),
    project,
    model: fc.constantFrom(null, "opus"),
    attemptsMax: fc.integer({ min: 1, max: 2 }),
    notBefore: fc.option(at),
    dependsOn: dependencyOn(4),
    text: fc.string(),
  },
  { requiredKeys: [] },
);

const filter: fc.Arbitrary<TaskFilter> = fc.record(
  {
    states: fc.array(fc.constantFrom(...TASK_STATES)),
    project: fc.constantFrom(...PROJECTS),
    trashed: fc.boolean(),
    finishedSince: at,
  },
  { requiredKeys: [] },
);

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant("insert" as const), task, at }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant("admit" as const), id, at }) },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant("conclude" as const),
      id,
      stale: fc.integer({ min: 0, max: 4 }).map((chance) => chance === 0),
      outcome,
      verdict: fc.constantFrom(null, ...VERDICTS),
      at,
    }),
  },
  fc.record({
    do: fc.constant("chain" as const),
    task,
    length: fc.integer({ min: 1, max: 3 }),
    condition,
    at,
  }),
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant("replace" as const),
      id,
      dependsOn: dependencyOn(9),
      at,
    }),
  },
  fc.record({ do: fc.constant("cancel-along" as const), id, at }),
  fc.record({ do: fc.constant("recover" as const), id, at }),
  { weight: 5, arbitrary: fc.record({ do: fc.constant("change" as const), id, change }) },
  fc.record({ do: fc.constant("renew" as const), id, stale: fc.boolean(), at }),
  fc.record({ do: fc.constant("say" as const), id, at }),
  fc.record({ do: fc.constant("take" as const), id, stale: fc.boolean() }),
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant("heads" as const),
      at,
      perLane: fc.integer({ min: 1, max: 3 }),
    }),
  },
  fc.record({ do: fc.constant("due" as const), at }),
  fc.record({ do: fc.constant("list" as const), filter, before: fc.option(id) }),
  fc.record({ do: fc.constant("purge" as const), at }),
  fc.record({
    do: fc.constant("remove-project" as const),
    name: fc.constantFrom(...PROJECTS, "none"),
  }),
);

/** Calls of every kind. */
export const ANYTHING: fc.Arbitrary<readonly Step[]> = fc.array(step, {
  minLength: 5,
  maxLength: 60,
});

const few = fc.integer({ min: 1, max: 6 });
const waiting = fc.record({ project: fc.constant("one" as const), dependsOn: dependencyOn(5) });

/** Few tasks that start, end and are told again and again to wait for each other. */
export const WAITING: fc.Arbitrary<readonly Step[]> = fc
  .array(
    fc.oneof(
      {
        weight: 6,
        arbitrary: fc.record({
          do: fc.constant("replace" as const),
          id: few,
          dependsOn: dependencyOn(6),
          at,
        }),
      },
      { weight: 3, arbitrary: fc.record({ do: fc.constant("admit" as const), id: few, at }) },
      {
        weight: 3,
        arbitrary: fc.record({
          do: fc.constant("conclude" as const),
          id: few,
          stale: fc.constant(false),
          outcome,
          verdict: fc.constantFrom(...VERDICTS),
          at,
        }),
      },
      {
        weight: 3,
        arbitrary: fc.record({ do: fc.constant("change" as const), id: few, change }),
      },
      fc.record({ do: fc.constant("insert" as const), task: waiting, at }),
      fc.record({ do: fc.constant("cancel-along" as const), id: few, at }),
      fc.record({ do: fc.constant("purge" as const), at }),
    ),
    { minLength: 10, maxLength: 60 },
  )
  .map((steps) => SIX.concat(steps));

const SIX = [1, 2, 3, 4, 5, 6].map((): Step => {
  const attemptsMax = 1;
  return { do: "insert", task: { project: "one", attemptsMax }, at: NOW };
});

/** Throws when two stores answer any of `runs` random scripts differently, or an invariant breaks. */
export async function agree(
  open: OpenStore,
  model: OpenStore,
  scripts: fc.Arbitrary<readonly Step[]>,
  runs: number,
): Promise<void> {
  await fc.assert(
    fc.asyncProperty(scripts, async (generated) => {
      // Some generated records have no prototype; nothing that calls a store makes such objects.
      const script = structuredClone(generated);
      await using opened = await open();
      await using expected = await model();
      const wanted = await play(expected.store, script);
      assert.deepEqual(await play(opened.store, script), wanted);
      await checkInvariants(opened.store, RULES.parallelMax);
    }),
    { numRuns: runs },
  );
}

/** Every answer of a script, and at last everything that is stored. */
async function play(store: Store, script: readonly Step[]): Promise<readonly unknown[]> {
  for (const name of PROJECTS) await store.projects.add(aProject({ name, parallelMax: 2 }));
  const answers: unknown[] = [];
  for (const each of script) {
    answers.push(
      await playStep(store, each).catch((error: unknown) => ({ thrown: error instanceof Error })),
    );
  }
  return [...answers, await everything(store)];
}

async function playStep(store: Store, each: Step): Promise<unknown> {
  switch (each.do) {
    case "insert":
      return store.tasks.insert(asked({ ...each.task, at: each.at }));
    case "admit": {
      const number = ((await store.tasks.get(each.id))?.attempt ?? 0) + 1;
      const lease = { id: `${each.id}/${number}`, owner: "host/1", expiresAt: each.at + 1 };
      return store.tasks.admit(request(each.id, { at: each.at, lease, rules: RULES }));
    }
    case "conclude": {
      const leaseId = await leaseOf(store, each.id, each.stale);
      const end = conclusion(leaseId, each.outcome, each.at);
      return store.tasks.change(each.id, { ...end, verdict: each.verdict });
    }
    case "chain": {
      const { text: _, ...shared } = asked({ ...each.task, at: each.at });
      const texts = Array.from({ length: each.length }, (_each, index) => `Part ${index + 1}.`);
      return store.tasks.insertChain({ asked: shared, texts, condition: each.condition });
    }
    case "replace": {
      const { at: when, dependsOn } = each;
      return store.dependencies.replace(each.id, { at: when, by: "ann", dependsOn });
    }
    case "cancel-along":
      return store.dependencies.cancelAlong(each.id, { at: each.at, by: "ann", reason: null });
    case "recover":
      return store.tasks.change(each.id, recovery(await leaseOf(store, each.id, false), each.at));
    case "change":
      return store.tasks.change(each.id, each.change);
    case "renew":
      return store.attempts.renew(
        each.id,
        await leaseOf(store, each.id, each.stale),
        each.at + 60_000,
      );
    case "say":
      return store.attempts.say(each.id, each.at, "ann", "Hello?");
    case "take":
      return store.attempts.takeMessages(each.id, await leaseOf(store, each.id, each.stale));
    case "heads":
      return store.tasks.heads(each.at, each.perLane);
    case "due":
      return store.tasks.nextDueAt(each.at);
    case "list":
      return store.tasks.list(each.filter, { before: each.before, limit: 4 });
    case "purge":
      return store.tasks.purge(each.at);
    case "remove-project":
      return store.projects.remove(each.name, NOW);
  }
}

/** The lease of the newest attempt, or of the one before it. */
async function leaseOf(store: Store, taskId: number, stale: boolean): Promise<string> {
  const number = (await store.tasks.get(taskId))?.attempt ?? 0;
  return `${taskId}/${stale ? number - 1 : number}`;
}
