import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Queries } from "../src/engine/queries.ts";
import type { Attempt } from "../src/core/attempt.ts";
import type { Shown } from "./screen.ts";
import type { Stage } from "./stage.ts";
import type { LimitWatch, TaskName } from "./story.ts";

/** One thing the night had to show, and whether the stored facts say that it did. */
export interface Proof {
  readonly claim: string;
  readonly holds: boolean;
}

/** What came of the person's commands in the morning. */
export interface Morning {
  readonly landed: boolean;
  readonly receiptHolds: boolean;
  readonly lieLanded: boolean;
}

/** Checks the night from the database and the files, never from what an agent said. */
export async function proofs(
  night: {
    readonly queries: Queries;
    readonly stage: Stage;
    readonly limit: LimitWatch;
    readonly morning: Morning;
  },
  shown: readonly Shown[],
): Promise<readonly Proof[]> {
  const attemptsOf = (name: TaskName): readonly Attempt[] => detailOf(shown, name).attempts;
  const stateOf = (name: TaskName): string => detailOf(shown, name).task.state;
  const verdictOf = (name: TaskName): string | null => detailOf(shown, name).task.verdict;
  const limited = attemptsOf("limited");
  const { hitAt, resetsAt } = night.limit;
  const starts = shown.flatMap(({ detail }) => detail.attempts.map((each) => each.admittedAt));
  // The daemon learns of the limit from the agent, a moment after the model said it.
  const parkedAt = limited[0]?.endedAt ?? hitAt ?? 0;
  const early = starts.filter((at) => at > parkedAt && at < (resetsAt ?? 0)).length;
  const flaky = attemptsOf("flaky");
  const serious = attemptsOf("serious").at(-1);
  const dependent = attemptsOf("dependent")[0];
  return [
    {
      claim: "a serious task edited code in a git repository, and its tests pass",
      holds: stateOf("serious") === "succeeded" && (await changesKept(night.stage, serious)),
    },
    {
      claim: "an agent that took a failing test away and said that all pass was refuted",
      holds: verdictOf("lying") === "refuted" && !(await hasLeft(night.stage, night.morning)),
    },
    {
      claim: "honest work was verified and landed on main, with a receipt that holds",
      holds: verdictOf("serious") === "verified" && (await hasLanded(night.stage, night.morning)),
    },
    { claim: "a thought was written down", holds: stateOf("thought") === "succeeded" },
    {
      claim: `a passing failure was retried after ${pauseWords(flaky)}`,
      holds: stateOf("flaky") === "succeeded" && flaky.length === 2,
    },
    {
      claim: `the usage limit held ${night.limit.held.size} tasks until its reset, ${early} were launched in between`,
      holds: hitAt !== null && night.limit.held.size > 1 && early === 0,
    },
    {
      claim: "the same session went on after the reset",
      holds:
        stateOf("limited") === "succeeded" &&
        limited.length === 2 &&
        limited[1]?.resumed === true &&
        limited[0]?.sessionId === limited[1].sessionId,
    },
    { claim: "a running task was cancelled", holds: stateOf("endless") === "cancelled" },
    {
      claim: "a task waited for the one it depends on",
      holds:
        stateOf("dependent") === "succeeded" &&
        (dependent?.admittedAt ?? 0) >= (serious?.endedAt ?? Number.POSITIVE_INFINITY),
    },
    { claim: "a generated task came last", holds: stateOf("generated") === "succeeded" },
  ];
}

function detailOf(shown: readonly Shown[], name: TaskName): Shown["detail"] {
  const found = shown.find((each) => each.name === name);
  if (found === undefined) throw new Error(`The task ${name} is not shown`);
  return found.detail;
}

/** The kept diff mends the greeting, and the tests' own output in the transcript says they pass. */
async function changesKept(stage: Stage, attempt: Attempt | undefined): Promise<boolean> {
  if (attempt === undefined || attempt.results === null) return false;
  const folder = join(stage.home, attempt.results);
  const diff = await readFile(join(folder, "changes.diff"), "utf8").catch(() => "");
  const transcript = await readFile(join(folder, "transcript.jsonl"), "utf8").catch(() => "");
  return diff.includes("stranger") && /pass 2\b/u.test(transcript) && /fail 0\b/u.test(transcript);
}

/** Nothing of the lie is in the person's repository, on no branch, and it could not be landed. */
async function hasLeft({ git }: Stage, { lieLanded }: Morning): Promise<boolean> {
  const tests = await git("log", "--all", "--format=%H", "--", "greet.test.mjs");
  return lieLanded || tests.split("\n").length !== 1;
}

/** The tip of main is the bot's commit with the mended greeting; its trailers name the receipt. */
async function hasLanded({ git }: Stage, morning: Morning): Promise<boolean> {
  const format = "--format=%(trailers:key=Verdict,valueonly,separator=) %(trailers:key=Receipt)";
  const trailers = await git("log", "-1", format, "main");
  const greeting = await git("show", "main:greet.mjs");
  const isOurs = /^verified Receipt: sha256:[0-9a-f]{64}/u.test(trailers);
  return morning.landed && morning.receiptHolds && isOurs && greeting.includes("stranger");
}

function pauseWords(attempts: readonly Attempt[]): string {
  const [first, second] = attempts;
  if (first?.endedAt == null || second === undefined) return "no pause";
  return `a pause of ${((second.admittedAt - first.endedAt) / 1000).toFixed(1)} s`;
}
