import { printable, printableLine } from "./terminal.ts";

const MARKER_LINE = /^<!-- sleepless-agent \S+ -->$/u;

/** A body in Markdown with the marker hidden on a line of its own, by which it is found again. */
export function withMarker(body: string, marker: string): string {
  return `${body.trimEnd()}\n\n${markerLine(marker)}\n`;
}

/** True when a body carries this marker. */
export function hasMarker(body: string | null, marker: string): boolean {
  const line = markerLine(marker);
  return linesOf(body).some((each) => each === line);
}

/** True when a body carries any marker of ours. */
export function isMarked(body: string | null): boolean {
  return linesOf(body).some((each) => MARKER_LINE.test(each));
}

/** True when two bodies say the same; forges change the ends of lines and of the text. */
export function isSameBody(a: string | null, b: string | null): boolean {
  return linesOf(a).join("\n").trim() === linesOf(b).join("\n").trim();
}

function linesOf(body: string | null): readonly string[] {
  return (body ?? "").split("\n").map((line) => line.trimEnd());
}

function markerLine(marker: string): string {
  // Two hyphens would end the comment.
  const name = encodeURIComponent(marker.toWellFormed()).replaceAll("-", "%2D");
  return `<!-- sleepless-agent ${name} -->`;
}

/** A character without width: it parts what a forge would read as one. */
const PARTED = "\u200b";

/**
 * Text of agents and strangers that calls nobody on a forge: mentions, references, links, hidden
 * comments, commands to the forge and fences mean nothing in it. It still looks the same.
 */
export function defused(text: string): string {
  return printable(text)
    .replaceAll("<!--", `<${PARTED}!--`)
    .replaceAll("-->", `--${PARTED}>`)
    .replace(/@(?=[\p{L}\p{N}_])/gu, `@${PARTED}`)
    .replace(/[#!$%&~](?=[\p{L}\p{N}_"])/gu, `$&${PARTED}`)
    .replace(/\bGH-(?=\d)/giu, `$&${PARTED}`)
    .replace(/\b[a-z][a-z0-9+.-]{0,30}:(?=\/\/)/giu, `$&${PARTED}`)
    .replace(/\bmailto:|\bwww\.(?=\S)/giu, `$&${PARTED}`)
    .replace(/^[ \t]*\/(?=[a-z_])/gimu, `$&${PARTED}`)
    .replace(/`{3,}|~{3,}/gu, (fence) => fence.split("").join(PARTED));
}

/** Text of agents and strangers as a block of code in Markdown, at most about `max` characters of it. */
export function quotedBlock(text: string, max: number): string {
  const isLong = text.length > max;
  const shown = defused(text.slice(0, max).replace(/\p{Cs}$/u, "")).trimEnd();
  return `\`\`\`\`text\n${shown}${isLong ? "…" : ""}\n\`\`\`\``;
}

/** A name of agents and strangers as code within a line or a cell of a table in Markdown. */
export function quotedName(text: string, max: number): string {
  const name = defused(printableLine(text, max)).replaceAll("`", "'").replaceAll("|", "¦");
  return `\`${name === "" ? " " : name}\``;
}

const DRAFT_WORDS =
  /^(?:\s*(?:\[(?:draft|wip)\]|\((?:draft|wip)\)|(?:draft|wip)\s*(?::|-(?=\s))))+/iu;

/** A title without the words that make a draft of a pull request on GitLab and Gitea. */
export function withoutDraftWords(title: string): string {
  return title.replace(DRAFT_WORDS, "").trim();
}

/**
 * Makes what there may be only once: looks for it first, and looks again when making it failed,
 * because an answer that was lost says nothing about what was done.
 */
export async function onlyOnce<T>(
  find: () => Promise<T | null>,
  make: () => Promise<T>,
): Promise<{ readonly value: T; readonly isNew: boolean }> {
  const found = await find();
  if (found !== null) return { value: found, isNew: false };
  try {
    return { value: await make(), isNew: true };
  } catch (error) {
    const made = await find().catch(() => null);
    if (made === null) throw error;
    return { value: made, isNew: false };
  }
}

/** True when a name matches a pattern where `*` stands for any characters, as forges name branches. */
export function isBranchMatch(pattern: string, branch: string): boolean {
  const parts = pattern.split("*");
  const first = parts[0] as string;
  const last = parts.at(-1) as string;
  if (parts.length === 1) return branch === pattern;
  if (!branch.startsWith(first)) return false;
  let at = first.length;
  for (const part of parts.slice(1, -1)) {
    const found = branch.indexOf(part, at);
    if (found === -1) return false;
    at = found + part.length;
  }
  return branch.length - last.length >= at && branch.endsWith(last);
}
