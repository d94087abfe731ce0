import type { Kept } from "../../ports/workspaces.ts";
import { splitRecords } from "./records.ts";
import type { Repository, Shelf } from "./repository.ts";

/** What changed between two commits. */
export interface Changes extends Pick<Kept, "changed" | "insertions" | "deletions"> {
  /** New and changed symbolic links. */
  readonly links: readonly string[];
  /** Submodules that are none any more. */
  readonly submodules: readonly string[];
}

const LINK = "120000";
const SUBMODULE = "160000";

const LIST_BYTES_MAX = 256 * 1024 * 1024;
const DIFF_TIMEOUT_MS = 600_000;
/** Neither a program of a configuration nor one of an attribute is asked how to compare. */
const COMPARE: readonly string[] = ["--no-ext-diff", "--no-textconv", "--ignore-submodules=none"];

/** Changed files with counts of lines; lines of binary files are not counted. */
export async function changesBetween(
  shelf: Shelf,
  { gitDir }: Repository,
  from: string,
  to: string,
  signal: AbortSignal,
): Promise<Changes> {
  const args = [
    "diff-tree",
    "-r",
    "-z",
    "--raw",
    "--numstat",
    "--no-renames",
    ...COMPARE,
    from,
    to,
  ];
  const call = { args, gitDir, cwd: gitDir, maxBytes: LIST_BYTES_MAX, timeoutMs: DIFF_TIMEOUT_MS };
  return parseChanges(await shelf.git.must(call, signal));
}

/** The difference as text, at most `maxBytes` long. */
export async function diffText(
  shelf: Shelf,
  { gitDir }: Repository,
  from: string,
  to: string,
  maxBytes: number,
  signal: AbortSignal,
): Promise<string> {
  const args = ["diff-tree", "-r", "-p", "--no-color", "--find-renames", ...COMPARE, from, to];
  const call = { args, gitDir, cwd: gitDir, maxBytes, timeoutMs: DIFF_TIMEOUT_MS };
  const answer = await shelf.git.run(call, signal);
  if (answer.code !== 0) throw new Error(`git diff-tree failed: ${answer.stderr.trim()}`);
  // The last character may be cut in two; what is left of it is not shown.
  return new TextDecoder().decode(answer.stdout, { stream: answer.isCut });
}

/** Reads raw records (`:… M`, path) and count records (`1 TAB 2 TAB path`), in whatever order. */
export function parseChanges(output: Buffer): Changes {
  const changed: Kept["changed"][number][] = [];
  const [links, submodules]: [string[], string[]] = [[], []];
  let insertions = 0;
  let deletions = 0;
  const records = splitRecords(output);
  for (let at = 0; at < records.length; at += 1) {
    const text = records[at]?.toString() ?? "";
    if (text.startsWith(":")) {
      at += 1;
      const path = records[at]?.toString() ?? "";
      const [before, after] = text.slice(1).split(" ");
      changed.push({ status: statusOf(text.at(-1)), path });
      if (after === LINK) links.push(path);
      if (before === SUBMODULE && after !== SUBMODULE) submodules.push(path);
    } else {
      const [added = "", deleted = ""] = text.split("\t", 2);
      insertions += Number.parseInt(added, 10) || 0;
      deletions += Number.parseInt(deleted, 10) || 0;
    }
  }
  return { changed, insertions, deletions, links, submodules };
}

/** A file that became a link (`T`) is a changed file. */
function statusOf(letter: string | undefined): "A" | "M" | "D" {
  return letter === "A" || letter === "D" ? letter : "M";
}
