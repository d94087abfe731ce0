import { cleanText } from "./submission.ts";
import type { Parsed } from "./parsed.ts";
import type { TaskKind, TaskTemplate } from "./task.ts";
import { printableLine } from "./terminal.ts";

/** A text for tasks with places to fill, and how its tasks are to be done. */
export interface Template {
  readonly name: string;
  /** What it is for, in one line. */
  readonly description: string;
  readonly parameters: readonly TemplateParameter[];
  readonly defaults: TemplateDefaults;
  /** With `{{parameter}}` where a value goes. */
  readonly text: string;
}

/** A place of a template that a value goes into. */
export interface TemplateParameter {
  readonly name: string;
  readonly description: string;
  /** Null: a value has to be given. */
  readonly default: string | null;
}

/** How tasks of a template are done where nothing else is asked for. */
export interface TemplateDefaults {
  readonly kind?: TaskKind | undefined;
  readonly project?: string | undefined;
  readonly priority?: string | undefined;
  readonly executor?: string | undefined;
  readonly model?: string | undefined;
  readonly isolation?: string | undefined;
  readonly timeoutMs?: number | undefined;
  readonly attemptsMax?: number | undefined;
  readonly nightOnly?: boolean | undefined;
}

/** A value for a parameter, as a person gave it. */
export type GivenValue = readonly [name: string, value: string];

/** Names of templates and their parameters. */
export const TEMPLATE_NAME: RegExp = /^[a-z][a-z0-9-]{0,39}$/u;

/** The text of a filled template with the values in it. */
export interface FilledTemplate {
  readonly text: string;
  readonly template: TaskTemplate;
}

const SHOWN_MAX = 60;

/**
 * Fills a template. Every value is put in as it is, in one pass: one that looks like a place is not
 * filled again. What is missing, unknown or given twice is refused.
 */
export function fillTemplate(
  template: Template,
  given: readonly GivenValue[],
): Parsed<FilledTemplate> {
  const { name, parameters, text } = template;
  const values = new Map<string, string>();
  for (const [key, value] of given) {
    const shown = printableLine(key, SHOWN_MAX);
    if (values.has(key)) return refused(`${shown} is set twice; set it once.`);
    if (!parameters.some((each) => each.name === key)) {
      return refused(`The template ${name} has no parameter "${shown}"; ${knownWords(template)}.`);
    }
    values.set(key, cleanText(value).text);
  }
  const missing: TemplateParameter[] = [];
  const all: Record<string, string> = {};
  for (const each of parameters) {
    const value = values.get(each.name) ?? each.default;
    if (value === null) missing.push(each);
    else all[each.name] = value;
  }
  if (missing.length > 0) {
    const example = missing.map((each) => `--set ${each.name}=…`).join(" ");
    const what = missing.map((each) => `${each.name} (${each.description})`).join(", ");
    return refused(`The template ${name} needs ${what}: add \`${example}\`.`);
  }
  const filled = text.replace(PLACE, (place, key: string) =>
    Object.hasOwn(all, key) ? (all[key] as string) : place,
  );
  return { ok: true, value: { text: filled, template: { name, values: all } } };
}

/** What is wrong between the text of a template and its parameters; null when all fits. */
export function templateProblem(
  text: string,
  parameters: readonly Pick<TemplateParameter, "name">[],
): string | null {
  if (text.trim() === "")
    return "has no text: write below the second line of --- what is to be done";
  const used = new Set(placesIn(text));
  const known = new Set(parameters.map(({ name }) => name));
  const unknown = [...used].find((name) => !known.has(name));
  if (unknown !== undefined) return `uses {{${unknown}}}, which is not among its parameters`;
  const unused = [...known].find((name) => !used.has(name));
  return unused === undefined ? null : `has the parameter ${unused}, which its text does not use`;
}

/** `{{name}}`, with or without blanks within. */
const PLACE = /\{\{[ \t]*([a-z][a-z0-9-]{0,39})[ \t]*\}\}/gu;

function placesIn(text: string): readonly string[] {
  return [...text.matchAll(PLACE)].map(([, name]) => name as string);
}

function knownWords({ name, parameters }: Template): string {
  if (parameters.length === 0) return "it has none";
  const names = parameters.map((each) => each.name).join(", ");
  return `it has ${names} (\`sle template show ${name}\`)`;
}

function refused(message: string): Parsed<never> {
  return { ok: false, message };
}
