import { expect, it } from "vitest";
import { withMarker } from "../../src/core/forge-text.ts";
import type { Task } from "../../src/core/task.ts";
import { taskOf } from "../unit/core/samples.ts";
import { checkOutside } from "./check-outside.ts";
import type { FiledPull } from "./folder-forge.ts";
import type { History } from "./history.ts";
import type { EffectRow, Outside, OutsideBranch } from "./outside.ts";
import { askedOf, attemptOf, eventsOf, lineOf, soundHistory } from "./sound-history.ts";

const SOUND = { lost: [], doubled: [], wrong: [] };
const STEP = { startedAt: 1, endedAt: 2, ok: true } as const;

const BRANCH: OutsideBranch = {
  name: "feature/app-7-words",
  commit: "commit-7",
  tree: "tree-7",
  parents: "commit-0",
  trailers: { "Task-Id": "7", Attempt: "2", Verdict: "verified", Receipt: "sha256:seal-7" },
};
const PULL: FiledPull = {
  number: 1,
  title: "Words",
  head: BRANCH.name,
  base: "main",
  draft: false,
  body: withMarker("The receipt is sealed with seal-7.", "home/7"),
};

function rowOf(kind: string, result: object): EffectRow {
  return { taskId: 7, attempt: 2, kind, isDone: true, result: JSON.stringify(result) };
}

/** Task 7 of the project was done in its first attempt and left in its second. */
function sound(): History {
  const history = soundHistory();
  const done = [
    { ...STEP, name: "work" as const, detail: "done" },
    { ...STEP, name: "keep-results" as const, detail: "1 file" },
  ];
  return {
    ...history,
    asked: [...history.asked, askedOf(7, { project: "app" })],
    tasks: [
      ...history.tasks,
      taskOf({ id: 7, state: "succeeded", attempt: 2, verdict: "verified" }),
    ],
    attempts: [
      ...history.attempts,
      attemptOf(7, 1, { steps: done, outcome: { type: "interrupted", reason: "daemon-died" } }),
      attemptOf(7, 2, { outcome: { type: "succeeded", summary: "done" } }),
    ],
    events: eventsOf([
      ["task.admitted", 7, 1],
      ["task.interrupted", 7, 1],
      ["task.admitted", 7, 2],
      ["task.succeeded", 7, 2],
    ]),
    journal: [lineOf("start", 7, 1)],
    kept: { ...history.kept, "refs/sleepless/keep/7/2": "tree-7" },
    outside: {
      ...history.outside,
      branches: [BRANCH],
      pulls: [PULL],
      receipts: { 7: { sha256: "seal-7", tree: "tree-7", problem: null } },
      effectRows: [
        ...history.outside.effectRows,
        rowOf("commit", {}),
        rowOf("push", { commit: "commit-7" }),
        rowOf("pull-request", { number: 1 }),
      ],
    },
  };
}

function outside(patch: (outside: Outside) => Partial<Outside>): History {
  const history = sound();
  return { ...history, outside: { ...history.outside, ...patch(history.outside) } };
}

function branch(patch: Partial<OutsideBranch>): History {
  return outside(() => ({ branches: [{ ...BRANCH, ...patch }] }));
}

function trailer(patch: Readonly<Record<string, string>>): History {
  return branch({ trailers: { ...BRANCH.trailers, ...patch } });
}

function pull(patch: Partial<FiledPull>): History {
  return outside(() => ({ pulls: [{ ...PULL, ...patch }] }));
}

function task(patch: Partial<Task>): History {
  const history = sound();
  const tasks = history.tasks.map((each) => (each.id === 7 ? { ...each, ...patch } : each));
  return { ...history, tasks };
}

it("finds nothing in what has left as it should", () => {
  expect(checkOutside(sound())).toEqual(SOUND);
});

it.each<[string, History, readonly string[]]>([
  ["a branch", outside(() => ({ branches: [] })), ["task 7 succeeded and has no branch"]],
  ["a pull request", outside(() => ({ pulls: [] })), ["task 7 succeeded and has no pull request"]],
  [
    "a thought",
    outside(() => ({ thoughts: ["1-words"] })),
    ["task 2 succeeded and is not on the branch of thoughts"],
  ],
  [
    "the end of an effect",
    outside(({ effectRows }) => ({
      effectRows: effectRows.map((row) => (row.kind === "push" ? { ...row, isDone: false } : row)),
    })),
    ["task 7 succeeded and its effect push was never noted as done"],
  ],
])("sees that %s was lost", (_name, history, lost) => {
  expect(checkOutside(history).lost).toEqual(lost);
});

it.each<[string, History, readonly string[]]>([
  [
    "branches",
    outside(() => ({ branches: [BRANCH, { ...BRANCH, name: "feature/app-7-other-words" }] })),
    ["task 7 has 2 branches"],
  ],
  [
    "pull requests",
    outside(() => ({ pulls: [PULL, { ...PULL, number: 2 }] })),
    ["task 7 has 2 pull requests"],
  ],
  [
    "thoughts",
    outside(() => ({ thoughts: ["1-words", "2-words", "2-others"] })),
    ["task 2 is 2 times among the thoughts"],
  ],
  [
    "agents for the same work",
    { ...sound(), journal: [lineOf("start", 7, 1), lineOf("start", 7, 2)] },
    ["task 7: attempt 2 paid an agent for what attempt 1 had"],
  ],
])("sees doubled %s", (_name, history, doubled) => {
  expect(checkOutside(history).doubled).toEqual(doubled);
});

it("sees no doubled agent where a person had said something", () => {
  const events = eventsOf([
    ["task.admitted", 7, 1],
    ["task.said", 7, 1],
    ["task.interrupted", 7, 1],
    ["task.admitted", 7, 2],
  ]);
  const journal = [lineOf("start", 7, 1), lineOf("start", 7, 2)];
  expect(checkOutside({ ...sound(), events, journal }).doubled).toEqual([]);
});

it.each<[string, History, readonly string[]]>([
  ["the verdict", task({ verdict: "unverified" }), ["is unverified and should be verified"]],
  ["the task", trailer({ "Task-Id": "8" }), ["its branch is of task 8, not 7"]],
  ["the attempt", trailer({ Attempt: "1" }), ["its branch is of attempt 1, not 2"]],
  [
    "the verdict of the branch",
    trailer({ Verdict: "refuted" }),
    ["its branch has the verdict refuted, not verified"],
  ],
  [
    "the receipt that is named",
    trailer({ Receipt: "sha256:other" }),
    ["its branch names the receipt sha256:other, not sha256:seal-7"],
  ],
  ["the base", branch({ parents: "other" }), ["its branch stands on other, not commit-0"]],
  [
    "the tree",
    branch({ tree: "other" }),
    ["its branch has the tree other, not tree-7", "its receipt has the tree tree-7, not other"],
  ],
  ["the commit", branch({ commit: "other" }), ["its row of the push says commit-7, not other"]],
  [
    "the chain of receipts",
    outside(() => ({ receipts: { 7: { sha256: "seal-7", tree: "tree-7", problem: "Broken." } } })),
    ["its receipt has the problem Broken., not null"],
  ],
  [
    "the branch of the pull request",
    pull({ head: "other" }),
    ["its pull request asks for other, not feature/app-7-words"],
  ],
  ["where it goes", pull({ base: "dev" }), ["its pull request goes to dev, not main"]],
  ["a draft", pull({ draft: true }), ["its pull request is a draft true, not false"]],
  [
    "the text of the pull request",
    pull({ body: withMarker("An old receipt.", "home/7") }),
    ["its pull request tells the receipt false, not true"],
  ],
  [
    "the number of the pull request",
    pull({ number: 2 }),
    ["its row of the pull request says 1, not 2"],
  ],
])("sees that %s is wrong", (_name, history, wrong) => {
  const told = wrong.map((line) => (line.startsWith("is ") ? `task 7 ${line}` : `task 7: ${line}`));
  expect(checkOutside(history).wrong).toEqual(told);
});

it.each<[string, History, readonly string[]]>([
  ["main moved", outside(() => ({ main: "other" })), ["main was moved to other"]],
  [
    "a branch that nobody asked for",
    outside(({ branches }) => ({ branches: [...branches, { ...BRANCH, name: "stray" }] })),
    ["the branch stray is of no task"],
  ],
  [
    "a pull request that nobody asked for",
    outside(({ pulls }) => ({
      pulls: [...pulls, { ...PULL, number: 2, body: withMarker("", "home/9") }],
    })),
    ["the pull request 2 is of no task"],
  ],
  [
    "two names of one home",
    outside(({ pulls }) => ({
      pulls: [...pulls, { ...PULL, number: 2, body: withMarker("", "other/7") }],
    })),
    ["the pull requests name 2 homes"],
  ],
])("sees %s", (_name, history, wrong) => {
  expect(checkOutside(history).wrong).toEqual(wrong);
});
