import { parse, YAMLParseError } from "yaml";
import { z } from "zod";
import { ISOLATION_LEVELS } from "../core/isolation.ts";
import type { Parsed } from "../core/parsed.ts";
import { PRIORITIES } from "../core/task.ts";
import { type Template, TEMPLATE_NAME, templateProblem } from "../core/template.ts";
import { printableLine } from "../core/terminal.ts";
import { count, duration, line, oneOf, projectName } from "./kinds.ts";

const MESSAGE_LENGTH_MAX = 200;
const PARAMETERS_MAX = 50;

const parameter = z.strictObject(
  {
    description: line("what it is"),
    default: z
      .union([z.string(), z.number(), z.boolean()], { error: "must be a text" })
      .transform(String)
      .optional(),
  },
  { error: "must have a `description`, and a `default` unless it has to be given" },
);

const parameterName = z.string().regex(TEMPLATE_NAME, {
  error: "must be named with lower-case letters, digits and -",
});

const head = z.strictObject(
  {
    description: line("what the template is for"),
    parameters: z
      .record(parameterName, parameter, { error: "must be a map of names to parameters" })
      .refine((all) => Object.keys(all).length <= PARAMETERS_MAX, {
        error: `may be ${PARAMETERS_MAX} at most`,
      })
      .default({}),
    kind: oneOf(["serious", "thought"]).optional(),
    project: projectName().optional(),
    priority: oneOf(PRIORITIES).optional(),
    executor: line("the name of an executor").optional(),
    model: line("the name of a model").optional(),
    isolation: oneOf(ISOLATION_LEVELS).optional(),
    timeout: duration("1s", "7d").optional(),
    retries: count(0, 99).optional(),
    night: z.boolean({ error: "must be true or false" }).optional(),
  },
  { error: "must be settings of a template, such as `description: Look at a branch`" },
);

/** The head between two lines of three dashes, then the text. */
const WHOLE = /^---[ \t]*\n(?<head>[\s\S]*?)\n---[ \t]*\n(?<text>[\s\S]*)$/u;

/** Reads the file of a template; what is wrong with it is told in one sentence, behind its name. */
export function parseTemplate(name: string, source: string): Parsed<Template> {
  const parts = WHOLE.exec(source.replace(/^\uFEFF/u, "").replace(/\r\n?/gu, "\n"))?.groups;
  if (parts === undefined) {
    return bad("must begin with a line of ---, its settings, and another line of ---");
  }
  const read = readHead(parts["head"] ?? "");
  if (!read.ok) return read;
  const { description, parameters, timeout, retries, night, ...plain } = read.value;
  const text = (parts["text"] ?? "").trim();
  const all = Object.entries(parameters).map(([each, { description: what, default: value }]) => ({
    name: each,
    description: what,
    default: value ?? null,
  }));
  const problem = templateProblem(text, all);
  if (problem !== null) return bad(problem);
  const defaults = {
    ...plain,
    timeoutMs: timeout,
    attemptsMax: retries === undefined ? undefined : retries + 1,
    nightOnly: night,
  };
  return { ok: true, value: { name, description, parameters: all, defaults, text } };
}

function readHead(text: string): Parsed<z.output<typeof head>> {
  let written: unknown;
  try {
    written = parse(text, { maxAliasCount: 0 }) as unknown;
  } catch (error) {
    return bad(error instanceof YAMLParseError ? error.message : "is not YAML");
  }
  const parsed = head.safeParse(written);
  if (parsed.success) return { ok: true, value: parsed.data };
  const [issue] = parsed.error.issues;
  if (issue?.code === "unrecognized_keys") return bad(`has no setting ${issue.keys.join(", ")}`);
  const key = (issue?.path ?? []).join(".");
  return bad(`${key === "" ? "its head" : key} ${issue?.message ?? "is wrong"}`);
}

function bad(why: string): Parsed<never> {
  return { ok: false, message: printableLine(why, MESSAGE_LENGTH_MAX) };
}
