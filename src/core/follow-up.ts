import type { Remark } from "./remark.ts";
import { printable, printableLine } from "./terminal.ts";

/** More work that remarks ask for. */
export interface FollowUp {
  /** One for each remark, oldest first, in the words that the agent gets (see Task.notes). */
  readonly notes: readonly string[];
  /** Ids of these remarks: to be told once. */
  readonly ids: readonly string[];
}

/** How many remarks one follow-up carries; the rest is left for the next. */
export const FOLLOW_UP_REMARKS_MAX = 50;
const TEXT_LENGTH_MAX = 4000;
const NAME_LENGTH_MAX = 200;

/**
 * Makes work of what was said about a pull request: the words of people who may write to the
 * repository, and checks that failed. Nothing of ours, nothing of strangers and nothing twice; `told`
 * are the ids of remarks that were passed on before.
 */
export function followUpFrom(remarks: readonly Remark[], told: ReadonlySet<string>): FollowUp {
  const byId = new Map(remarks.map((remark) => [remark.id, remark]));
  const open = [...byId.values()]
    .filter((remark) => !told.has(remark.id) && isForAgent(remark))
    .toSorted((a, b) => a.at - b.at)
    .slice(0, FOLLOW_UP_REMARKS_MAX);
  return { notes: open.map(wordsOf), ids: open.map(({ id }) => id) };
}

function isForAgent({ kind, isOurs, isFromMember, isFailure }: Remark): boolean {
  if (isOurs) return false;
  return kind === "check" ? isFailure : isFromMember;
}

function wordsOf({ kind, author, text, place, url }: Remark): string {
  const who = printableLine(author, NAME_LENGTH_MAX);
  const about = place === null ? "" : `, about ${printableLine(place, NAME_LENGTH_MAX)}`;
  const where = url === null ? "" : ` (${printableLine(url, NAME_LENGTH_MAX)})`;
  const said = {
    comment: `${who} commented on the pull request${about}`,
    review: `${who} reviewed the pull request${about}`,
    check: `A check of the pull request failed, told by ${who}`,
  }[kind];
  return `${said}${where}:\n\n${cut(printable(text).trim())}`;
}

function cut(text: string): string {
  if (text.length <= TEXT_LENGTH_MAX) return text;
  return `${text.slice(0, TEXT_LENGTH_MAX).replace(/\p{Cs}$/u, "")}…`;
}
