import type { Attempt } from "../../src/core/attempt.ts";
import type { EventType } from "../../src/core/event.ts";
import type { Task } from "../../src/core/task.ts";
import type { Findings } from "./check-history.ts";
import type { FiledPull } from "./folder-forge.ts";
import type { Asked, History } from "./history.ts";
import type { OutsideBranch } from "./outside.ts";

type Outcome = Pick<Findings, "lost" | "doubled" | "wrong">;

/**
 * Judges what has left the house: by the repository, the forge, the branch of thoughts and the
 * receipts themselves; our rows are only compared with them.
 */
export function checkOutside(history: History): Outcome {
  const stories = history.asked.map((asked) => storyOf(history, asked));
  return {
    lost: stories.flatMap((story) => lostOf(story)),
    doubled: stories.flatMap((story) => doubledOf(history, story)),
    wrong: [...stories.flatMap((story) => wrongOf(history, story)), ...strangersOf(history)],
  };
}

/** All that has left of one task. */
interface Story {
  readonly asked: Asked;
  readonly name: string;
  readonly task: Task | null;
  /** True when all of it must be there. */
  readonly isDue: boolean;
  readonly branches: readonly OutsideBranch[];
  readonly pulls: readonly FiledPull[];
  readonly thoughts: readonly string[];
  readonly attempts: readonly Attempt[];
  /** Kinds of the effects of the last attempt that were done. */
  readonly done: readonly string[];
}

function storyOf(history: History, asked: Asked): Story {
  const { branches, pulls, thoughts, effectRows } = history.outside;
  const { id, project } = asked;
  const task = history.tasks.find((each) => each.id === id) ?? null;
  const isSucceeded = task?.state === "succeeded";
  return {
    asked,
    name: `task ${id}`,
    task,
    isDue: isSucceeded && (project === null || task.verdict === "verified"),
    branches: branches.filter((each) => taskOfBranch(each) === id),
    pulls: pulls.filter((each) => taskOfPull(each) === id),
    thoughts: thoughts.filter((each) => each.startsWith(`${id}-`)),
    attempts: history.attempts
      .filter(({ taskId }) => taskId === id)
      .toSorted((a, b) => a.number - b.number),
    done: effectRows
      .filter((row) => row.taskId === id && row.attempt === task?.attempt && row.isDone)
      .map(({ kind }) => kind),
  };
}

/** By its name and by nothing that a row says. */
function taskOfBranch({ name }: OutsideBranch): number {
  return Number(/^feature\/[^/]+?-(?<id>\d+)-/u.exec(name)?.groups?.["id"] ?? 0);
}

function taskOfPull({ body }: FiledPull): number {
  return Number(/^<!-- sleepless-agent \S+%2F(?<id>\d+) -->$/mu.exec(body)?.groups?.["id"] ?? 0);
}

function lostOf({ asked, name, isDue, branches, pulls, thoughts, done }: Story): readonly string[] {
  if (!isDue) return [];
  const missing = (kinds: readonly string[]): readonly string[] =>
    kinds
      .filter((kind) => !done.includes(kind))
      .map((kind) => `${name} succeeded and its effect ${kind} was never noted as done`);
  if (asked.project === null) {
    const found = missing(["commit"]);
    if (thoughts.length > 0) return found;
    return [...found, `${name} succeeded and is not on the branch of thoughts`];
  }
  const found = [...missing(["commit", "push", "pull-request"])];
  if (branches.length === 0) found.push(`${name} succeeded and has no branch`);
  if (pulls.length === 0) found.push(`${name} succeeded and has no pull request`);
  return found;
}

function doubledOf(history: History, story: Story): readonly string[] {
  const { name, branches, pulls, thoughts } = story;
  const found: string[] = [];
  if (branches.length > 1) found.push(`${name} has ${branches.length} branches`);
  if (pulls.length > 1) found.push(`${name} has ${pulls.length} pull requests`);
  if (thoughts.length > 1) found.push(`${name} is ${thoughts.length} times among the thoughts`);
  return [...found, ...paidTwice(history, story)];
}

const WORDS: ReadonlySet<EventType> = new Set<EventType>([
  "task.said",
  "task.answered",
  "task.retried",
]);

/** Agents that were started although the work was done and kept, and nobody had said anything since. */
function paidTwice({ events, journal }: History, story: Story): readonly string[] {
  const { asked, attempts, name } = story;
  const ofTask = events.filter(({ taskId }) => taskId === asked.id);
  return attempts.filter(isDoneAndKept).flatMap((done) => {
    const claimed = ofTask.find(
      ({ type, attempt }) => type === "task.admitted" && attempt === done.number,
    );
    const isSpokenTo = ofTask.some(({ type, seq }) => WORDS.has(type) && seq > (claimed?.seq ?? 0));
    const next = journal.find(
      ({ type, taskId, attempt }) =>
        type === "start" && taskId === asked.id && attempt > done.number,
    );
    if (isSpokenTo || next === undefined) return [];
    return [`${name}: attempt ${next.attempt} paid an agent for what attempt ${done.number} had`];
  });
}

function isDoneAndKept({ steps, outcome }: Attempt): boolean {
  const ended = (name: string): string | null =>
    steps.find((step) => step.name === name && step.ok === true)?.detail ?? null;
  const isBroken = outcome?.type === "interrupted" || outcome?.type === "snoozed";
  return isBroken && ended("work") === "done" && ended("keep-results") !== null;
}

/** What stands there for a task, compared with its last attempt. */
function wrongOf({ kept, outside }: History, story: Story): readonly string[] {
  const { asked, name, task, isDue, branches, pulls } = story;
  if (task === null || asked.project === null) return [];
  if (task.state === "succeeded" && task.verdict !== "verified") {
    return [`${name} is ${task.verdict} and should be verified`];
  }
  const [branch] = branches;
  const [pull] = pulls;
  if (!isDue || branch === undefined || pull === undefined) return [];
  const { trailers } = branch;
  const receipt = outside.receipts[asked.id];
  const sealed = receipt?.sha256 ?? "none";
  const rows = outside.effectRows.filter((row) => row.taskId === asked.id && row.isDone);
  const told = (kind: string): Readonly<Record<string, unknown>> =>
    JSON.parse(rows.findLast((row) => row.kind === kind)?.result ?? "{}");
  const facts: readonly (readonly [what: string, is: unknown, should: unknown])[] = [
    ["its branch is of task", trailers["Task-Id"], String(asked.id)],
    ["its branch is of attempt", trailers["Attempt"], String(task.attempt)],
    ["its branch has the verdict", trailers["Verdict"], "verified"],
    ["its branch names the receipt", trailers["Receipt"], `sha256:${sealed}`],
    ["its branch stands on", branch.parents, outside.begin],
    [
      "its branch has the tree",
      branch.tree,
      kept[`refs/sleepless/keep/${asked.id}/${task.attempt}`],
    ],
    ["its receipt has the tree", receipt?.tree, branch.tree],
    ["its receipt has the problem", receipt?.problem, null],
    ["its pull request asks for", pull.head, branch.name],
    ["its pull request goes to", pull.base, "main"],
    ["its pull request is a draft", pull.draft, false],
    ["its pull request tells the receipt", pull.body.includes(sealed), true],
    ["its row of the push says", told("push")["commit"], branch.commit],
    ["its row of the pull request says", told("pull-request")["number"], pull.number],
  ];
  return facts
    .filter(([, is, should]) => is !== should)
    .map(([what, is, should]) => `${name}: ${what} ${String(is)}, not ${String(should)}`);
}

/** What nobody asked for. */
function strangersOf({ asked, outside }: History): readonly string[] {
  const known = new Set(asked.filter(({ project }) => project !== null).map(({ id }) => id));
  const { begin, main, branches, pulls } = outside;
  const homes = new Set(
    pulls.map(({ body }) => /sleepless-agent (\S+)%2F\d+ -->/u.exec(body)?.[1]),
  );
  return [
    ...(main === begin ? [] : [`main was moved to ${main}`]),
    ...branches
      .filter((each) => !known.has(taskOfBranch(each)))
      .map(({ name }) => `the branch ${name} is of no task`),
    ...pulls
      .filter((each) => !known.has(taskOfPull(each)))
      .map(({ number }) => `the pull request ${number} is of no task`),
    ...(homes.size > 1 ? [`the pull requests name ${homes.size} homes`] : []),
  ];
}
