import type { Parsed } from "./parsed.ts";
import { printableLine } from "./terminal.ts";

/** How branches with results are named where nothing else is said. */
export const BRANCH_TEMPLATE = "feature/{project}-{id}-{slug}";
/** The branch with the results of thoughts. */
export const THOUGHTS_BRANCH = "thought-ideas";

const SLUG_LENGTH_MAX = 40;
const NAME_LENGTH_MAX = 200;
const SHOWN_MAX = 60;

/** What a branch is named after. */
export interface BranchFacts {
  readonly project: string;
  readonly id: number;
  /** The words of the task. */
  readonly text: string;
}

/** The branch of a task's result: the same task has the same one for good. */
export function branchName(template: string, { project, id, text }: BranchFacts): string {
  const values = { project, id: String(id), slug: slugOf(text) };
  const names = /\{(project|id|slug)\}/gu;
  return template.replaceAll(names, (_all, name: keyof typeof values) => values[name]);
}

/** A few words as part of a name: lower-case letters, digits and dashes; never empty. */
export function slugOf(text: string): string {
  const slug = text
    .slice(0, 10 * SLUG_LENGTH_MAX)
    .normalize("NFKD")
    .toLowerCase()
    .replaceAll(/\p{M}/gu, "")
    .replaceAll(/[^a-z0-9]+/gu, "-")
    .replaceAll(/^-|-$/gu, "");
  const cut = slug.length <= SLUG_LENGTH_MAX ? slug : slug.slice(0, SLUG_LENGTH_MAX + 1);
  // At the end of a word, when it is not all one word.
  const whole = cut.length > SLUG_LENGTH_MAX ? cut.replace(/-[^-]*$/u, "") : cut;
  return whole.slice(0, SLUG_LENGTH_MAX) || "task";
}

/** Reads the name of a branch, by git's own rules and without anything that a shell would take up. */
export function parseBranchName(name: string): Parsed<string> {
  const shown = printableLine(name, SHOWN_MAX);
  if (isBranchName(name)) return { ok: true, value: name };
  const rule = "letters, digits, `-`, `_`, `.` and `/`, and begin and end with a letter or digit";
  return { ok: false, message: `"${shown}" cannot be a branch; its name may have ${rule}.` };
}

/** Reads the template of branch names; it must tell tasks apart. */
export function parseBranchTemplate(template: string): Parsed<string> {
  const shown = printableLine(template, SHOWN_MAX);
  if (!template.includes("{id}")) {
    return { ok: false, message: `The branch "${shown}" needs {id}, or tasks would share it.` };
  }
  const example = branchName(template, { project: "p", id: 1, text: "t" });
  return isBranchName(example) ? { ok: true, value: template } : parseBranchName(example);
}

function isBranchName(name: string): boolean {
  if (name.length > NAME_LENGTH_MAX || !/^[a-z0-9][\w./-]*$/iu.test(name)) return false;
  if (/\.\.|\/\/|\/\.|\.\/|\/-|[./-]$/u.test(name)) return false;
  return name !== "HEAD" && name.split("/").every((part) => !part.endsWith(".lock"));
}
