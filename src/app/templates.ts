import { type HomeLayout, homeLayout } from "../adapters/files/home-layout.ts";
import { readTemplateFile, templateNames } from "../adapters/files/template-files.ts";
import { closest } from "../config/closest.ts";
import { SHIPPED_TEMPLATES } from "../config/shipped-templates.ts";
import { parseTemplate } from "../config/template-file.ts";
import { type Result, ok, problem } from "../core/problem.ts";
import { TEMPLATE_NAME } from "../core/template.ts";
import { printableLine } from "../core/terminal.ts";
import type { KnownTemplate, TemplateEntry, TemplatesDoor } from "../surfaces/cli/context.ts";

/** The templates of the home at `path`. */
export function templatesOf(path: string): TemplatesDoor {
  return openTemplatesDoor(homeLayout(path));
}

/** The templates of a home: a person's own come before those that came along. */
export function openTemplatesDoor(home: Pick<HomeLayout, "templates">): TemplatesDoor {
  const folder = home.templates;
  return {
    folder,
    list: () => Promise.resolve(namesIn(folder).map((name) => entryOf(folder, name))),
    read: (name) => Promise.resolve(read(folder, name)),
  };
}

function namesIn(folder: string): readonly string[] {
  return [...new Set([...Object.keys(SHIPPED_TEMPLATES), ...templateNames(folder)])].toSorted();
}

function entryOf(folder: string, name: string): TemplateEntry {
  const known = read(folder, name);
  if (!known.ok) return { name, origin: null, description: null, problem: known.problem.message };
  const { origin, template } = known.value;
  return { name, origin, description: template.description, problem: null };
}

const SHOWN_MAX = 60;

function read(folder: string, name: string): Result<KnownTemplate> {
  const shown = printableLine(name, SHOWN_MAX);
  if (!TEMPLATE_NAME.test(name)) {
    const rule = "lower-case letters, digits and -, a letter first, at most 40";
    return problem("invalid", `"${shown}" cannot be the name of a template; it may have ${rule}.`);
  }
  const file = readTemplateFile(folder, name);
  if (file !== null && "problem" in file) return problem("invalid", file.problem);
  const source = file?.text ?? shippedOf(name);
  if (source === null) return unknown(folder, name);
  const origin = file?.path ?? "shipped";
  const parsed = parseTemplate(name, source);
  if (parsed.ok) return ok({ template: parsed.value, origin, source });
  return problem("invalid", `${origin}: ${parsed.message}; mend it.`);
}

function shippedOf(name: string): string | null {
  return Object.hasOwn(SHIPPED_TEMPLATES, name) ? (SHIPPED_TEMPLATES[name] ?? null) : null;
}

function unknown(folder: string, name: string): Result<never> {
  const near = closest(name, namesIn(folder));
  const advice = near === null ? "`sle template ls` lists them" : `did you mean ${near}?`;
  return problem(
    "not-found",
    `There is no template "${name}"; ${advice}`.replace(/(?<!\?)$/u, "."),
  );
}
