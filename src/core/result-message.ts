import { printable, printableLine } from "./terminal.ts";
import type { Verdict } from "./verdict.ts";

/** How commits of results are worded where nothing else is said. */
export const MESSAGE_TEMPLATE = "{title}\n\n{summary}";

const TITLE_LENGTH_MAX = 72;
const SUMMARY_LENGTH_MAX = 4000;
const LINES_MAX = 60;

/** What the message of a result's commit is made of. */
export interface MessageFacts {
  /** The words of the task. */
  readonly text: string;
  /** The agent's last words; they are told as its own and prove nothing. */
  readonly summary: string;
  readonly project: string | null;
  readonly taskId: number;
  readonly attempt: number;
  readonly verdict: Verdict;
  /** Hash of the receipt; null when there is none. */
  readonly receipt: string | null;
}

/** The message of a result's commit. Its last paragraph is ours alone: no other words can be read as it. */
export function resultMessage(template: string, facts: MessageFacts): string {
  const values = {
    title: taskTitle(facts.text),
    text: plain(facts.text),
    summary: plain(facts.summary),
    project: facts.project ?? "",
    id: String(facts.taskId),
    verdict: facts.verdict,
  };
  const names = /\{(title|text|summary|project|id|verdict)\}/gu;
  const body = template.replaceAll(names, (_all, name: keyof typeof values) => values[name]);
  const lines = body.split("\n").map(withoutTrailer);
  const said = lines
    .join("\n")
    .replaceAll(/\n{3,}/gu, "\n\n")
    .trim();
  return `${said === "" ? taskTitle(facts.text) : said}\n\n${trailers(facts).join("\n")}\n`;
}

/** The first line of a task as a title of at most 72 characters. */
export function taskTitle(text: string): string {
  const first = text.split("\n").find((line) => line.trim() !== "") ?? "";
  return printableLine(first, TITLE_LENGTH_MAX) || "A task without words";
}

function trailers({ taskId, attempt, verdict, receipt }: MessageFacts): readonly string[] {
  return [
    `Task-Id: ${taskId}`,
    `Attempt: ${attempt}`,
    `Verdict: ${verdict}`,
    ...(receipt === null ? [] : [`Receipt: sha256:${receipt}`]),
  ];
}

function plain(text: string): string {
  const cut = printable(text.slice(0, SUMMARY_LENGTH_MAX)).toWellFormed();
  return cut.split("\n").slice(0, LINES_MAX).join("\n").trim();
}

/** Words such as `Verdict: verified` at the start of a line are set in, so that they are no trailer. */
function withoutTrailer(line: string): string {
  return /^(?:---|[\w-]+\s*:\s)/u.test(line) ? ` ${line}` : line;
}
