import { formatDuration } from "../../../core/duration.ts";
import type { TemplateDefaults, TemplateParameter } from "../../../core/template.ts";
import { printable, printableLine } from "../../../core/terminal.ts";
import type { RunCommand } from "../command.ts";
import type { KnownTemplate, TemplateEntry } from "../context.ts";
import { type Cell, table } from "../render/table.ts";
import { type View, viewOf } from "../render/view.ts";

/** Lists the templates, a person's own among those that came along. */
export const listTemplates: RunCommand = async (call) => {
  const door = await call.context.templates();
  const entries = await door.list();
  return call.output.answer(entries, () => {
    const hint = `Your own are files in ${door.folder}; \`sle template show NAME\` shows one.`;
    return `${renderList(viewOf(call), entries)}\n${call.output.paint("dim", hint)}`;
  });
};

/** Shows one template, or prints its file. */
export const showTemplate: RunCommand = async (call) => {
  const { context, output, options, words } = call;
  const door = await context.templates();
  const known = await door.read(words[0] ?? "");
  if (!known.ok) return output.refuse(known.problem);
  const { template, origin, source } = known.value;
  const shown = { ...template, origin };
  return output.answer(options.has("source") ? { source } : shown, () =>
    options.has("source") ? printable(source) : renderTemplate(viewOf(call), known.value),
  );
};

function renderList(view: View, entries: readonly TemplateEntry[]): string {
  const rows = entries.map(({ name, origin, description, problem }): readonly Cell[] => [
    printableLine(name),
    origin === "shipped" ? "came along" : "yours",
    problem === null
      ? printableLine(description ?? "")
      : { text: printableLine(problem), dress: (text) => view.paint("red", text) },
  ]);
  return table(["NAME", "FROM", "WHAT FOR"], rows, view.columns);
}

function renderTemplate(view: View, { template, origin }: KnownTemplate): string {
  const { name, description, parameters, defaults, text } = template;
  const asked = defaultWords(defaults);
  return [
    `${view.paint("bold", name)}: ${printableLine(description)}`,
    `From        ${origin === "shipped" ? "came along" : printableLine(origin)}`,
    ...(asked === "" ? [] : [`Asks for    ${asked}`]),
    ...(parameters.length === 0 ? [] : ["", ...parameters.map(parameterLine)]),
    "",
    printable(text),
  ].join("\n");
}

function parameterLine({ name, description, default: value }: TemplateParameter): string {
  const otherwise = value === null ? "to be given" : `else: ${printableLine(value)}`;
  return `--set ${name}=…  ${printableLine(description)} (${otherwise})`;
}

function defaultWords(defaults: TemplateDefaults): string {
  const { kind, project, priority, executor, model, isolation } = defaults;
  const { timeoutMs, attemptsMax, nightOnly } = defaults;
  const words = [
    kind === "serious" && project === undefined ? "a project" : kind,
    project === undefined ? undefined : `project ${project}`,
    priority === undefined ? undefined : `${priority} priority`,
    executor === undefined ? undefined : `executor ${executor}`,
    model === undefined ? undefined : `model ${model}`,
    isolation === undefined ? undefined : `isolation ${isolation}`,
    timeoutMs === undefined ? undefined : `${formatDuration(timeoutMs)} at most`,
    attemptsMax === undefined ? undefined : `${attemptsMax} attempts`,
    nightOnly === true ? "the night" : undefined,
  ];
  return printableLine(words.filter((word) => word !== undefined).join(", "));
}
