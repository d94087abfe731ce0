import { type Result, ok } from "../../core/problem.ts";
import type { SubmissionInput } from "../../core/submission.ts";
import { fillTemplate, type GivenValue, type TemplateDefaults } from "../../core/template.ts";
import type { Call } from "./command.ts";
import { usage } from "./read-words.ts";

/** The submission that the named template makes: what was asked for comes before its defaults. */
export async function fillFrom(
  { context, options }: Call,
  shared: Omit<SubmissionInput, "text">,
  more: readonly string[],
): Promise<Result<SubmissionInput>> {
  const given = givenValues(options.list("set"));
  if (!given.ok) return given;
  const door = await context.templates();
  const known = await door.read(options.text("template") ?? "");
  if (!known.ok) return known;
  const filled = fillTemplate(known.value.template, given.value);
  if (!filled.ok) return usage(filled.message);
  const { text, template } = filled.value;
  const whole = [text, ...more].join("\n\n");
  return ok({ ...withDefaults(shared, known.value.template.defaults), text: whole, template });
}

function givenValues(words: readonly string[]): Result<readonly GivenValue[]> {
  const given: GivenValue[] = [];
  for (const word of words) {
    const at = word.indexOf("=");
    if (at < 1) return usage(`--set takes name=value, not "${word}".`);
    given.push([word.slice(0, at).trim(), word.slice(at + 1)]);
  }
  return ok(given);
}

function withDefaults(
  shared: Omit<SubmissionInput, "text">,
  defaults: TemplateDefaults,
): Omit<SubmissionInput, "text"> {
  return {
    ...shared,
    kind: shared.kind ?? defaults.kind,
    project: shared.project ?? defaults.project,
    priority: shared.priority ?? defaults.priority,
    executor: shared.executor ?? defaults.executor,
    model: shared.model ?? defaults.model,
    isolation: shared.isolation ?? defaults.isolation,
    timeoutMs: shared.timeoutMs ?? defaults.timeoutMs,
    attemptsMax: shared.attemptsMax ?? defaults.attemptsMax,
    nightOnly: shared.nightOnly === true || defaults.nightOnly === true,
  };
}
