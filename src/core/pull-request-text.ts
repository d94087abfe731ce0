import { formatDuration } from "./duration.ts";
import { defused, quotedBlock, quotedName } from "./forge-text.ts";
import type { CheckRun } from "./proof.ts";
import type { ChangedPath } from "./protected-paths.ts";
import type { Receipt } from "./receipt.ts";
import { printableLine } from "./terminal.ts";
import type { Verdict } from "./verdict.ts";

/** What a pull request says beside its receipt. */
export interface PullRequestExtras {
  /** What was asked for, in the words of the person who asked. */
  readonly taskText: string;
  /** Hash by which the receipt is sealed. */
  readonly receiptSha256: string;
}

/** Longest body of a pull request, in UTF-16 units; GitHub takes 65,536. */
export const PULL_REQUEST_BODY_MAX = 60_000;
const TITLE_MAX = 90;
const TASK_TEXT_MAX = 8000;
const REASONS_MAX = 20;
const REASON_LENGTH_MAX = 400;
const CHECKS_MAX = 50;
const PATHS_MAX = 300;
const PATH_LENGTH_MAX = 200;

/** The title: the first line of what was asked, on one line; calls nobody. */
export function pullRequestTitle(
  receipt: Pick<Receipt, "taskId">,
  extras: Pick<PullRequestExtras, "taskText">,
): string {
  const first = extras.taskText
    .split("\n")
    .map((line) => printableLine(line, TITLE_MAX))
    .find((line) => line !== "");
  return defused(first ?? `Task ${receipt.taskId}`);
}

/**
 * The body in Markdown: the verdict first, then what it rests on, what was asked and what was
 * changed. Words of agents and people are quoted so that they call nobody and forge no marker.
 */
export function pullRequestBody(receipt: Receipt, extras: PullRequestExtras): string {
  const before = [
    verdictLine(receipt.verdict),
    listOf(receipt.reasons),
    checksTable(receipt.checks),
    `### What was asked\n\n${quotedBlock(extras.taskText, TASK_TEXT_MAX)}`,
  ].filter((part) => part !== "");
  const after = evidence(receipt, extras);
  const left = PULL_REQUEST_BODY_MAX - [...before, after].join("\n\n").length;
  return [...before, changedFiles(receipt.changed, left), after].join("\n\n");
}

function verdictLine(verdict: Verdict): string {
  switch (verdict) {
    case "verified":
      return "**Verified:** every check passed on this very state.";
    case "refuted":
      return "**Refuted:** do not merge this as it is.";
    case "unverified":
      return "**Unverified:** nothing proves this result, look at it yourself.";
  }
}

function listOf(reasons: readonly string[]): string {
  const shown = reasons
    .slice(0, REASONS_MAX)
    .map((reason) => `- ${quotedName(reason, REASON_LENGTH_MAX)}`);
  const more = reasons.length - shown.length;
  return (more > 0 ? [...shown, `- and ${more} more`] : shown).join("\n");
}

function checksTable(checks: Receipt["checks"]): string {
  if (checks.length === 0) return "";
  const rows = checks.slice(0, CHECKS_MAX).map(({ name, outcome, onResult, again, onBase }) => {
    const runs = [onResult, again, onBase].map((run) => (run === null ? "–" : exitOf(run)));
    return `| ${quotedName(name, 60)} | ${outcome} | ${runs.join(" | ")} | ${formatDuration(onResult.durationMs)} |`;
  });
  const head = "| check | outcome | exit code | run again | before the work | took |";
  return ["### Checks\n", head, "| --- | --- | --- | --- | --- | --- |", ...rows].join("\n");
}

function exitOf({ exitCode, problem }: CheckRun): string {
  return exitCode === null || problem !== null ? "none" : String(exitCode);
}

function changedFiles(changed: readonly ChangedPath[], room: number): string {
  const title = `### Changed files (${changed.length})\n`;
  const lines: string[] = [];
  // Room for the title and for the line that says how many there are more.
  let left = room - title.length - 60;
  for (const { status, path } of changed.slice(0, PATHS_MAX)) {
    const line = `- ${STATUS_WORDS[status]} ${quotedName(path, PATH_LENGTH_MAX)}`;
    left -= line.length + 1;
    if (left < 0) break;
    lines.push(line);
  }
  const more = changed.length - lines.length;
  return [title, ...lines, ...(more > 0 ? [`- and ${more} more`] : [])].join("\n");
}

const STATUS_WORDS: Readonly<Record<ChangedPath["status"], string>> = {
  A: "added",
  M: "changed",
  D: "removed",
};

function evidence({ taskId, attempt, commit, tree }: Receipt, extras: PullRequestExtras): string {
  const [sha, of, receipt] = [commit, tree, extras.receiptSha256].map((hash) =>
    quotedName(hash, 70),
  );
  return [
    "### Evidence\n",
    `Task ${taskId}, attempt ${attempt}. Judged were commit ${sha} and tree ${of}.`,
    `The receipt is sealed with SHA-256 ${receipt}; \`sle receipt verify ${taskId}\` compares it.`,
  ].join("\n");
}
