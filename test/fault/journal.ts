import { appendFileSync, readFileSync } from "node:fs";

/** One line that an agent wrote of itself, in the order in which things happened. */
export interface JournalLine {
  /**
   * `start` after the lock was taken, `beat` for each piece of work, `effect` when the one outside
   * effect of the session was made, `found` when an earlier self had made it, `end` when all work
   * was done, `doubled` when another agent of the task was alive.
   */
  readonly type: "start" | "beat" | "effect" | "found" | "end" | "doubled";
  readonly taskId: number;
  readonly attempt: number;
  readonly sessionId: string;
  readonly resume: boolean;
  /** True when what this session did earlier was found. */
  readonly known: boolean;
  readonly pid: number;
  /** Words of a person that stood in the prompt; only with `start`. */
  readonly heard?: readonly string[];
}

/** Appends one line in one write, so that lines of several agents never mix. */
export function writeJournal(path: string, line: JournalLine): void {
  appendFileSync(path, `${JSON.stringify(line)}\n`);
}

/** All lines, oldest first; none when nothing was written yet. */
export function readJournal(path: string): readonly JournalLine[] {
  return readLines(path).map((line) => JSON.parse(line) as JournalLine);
}

/** The whole lines of a file; what was cut off in the middle by a kill is left out. */
export function readLines(path: string): readonly string[] {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch {
    return [];
  }
  return text.split("\n").slice(0, -1);
}
