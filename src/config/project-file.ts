import { parse, YAMLParseError } from "yaml";
import { z } from "zod";
import { type Check, CHECKS_MAX, parseCheck } from "../core/check.ts";
import type { Parsed } from "../core/parsed.ts";
import type { ProtectedPathsPatch } from "../core/protected-paths.ts";
import { printableLine } from "../core/terminal.ts";
import { listOf } from "./kinds.ts";

/** What a repository says of itself in `.sleepless.yml` on its base branch. */
export interface ProjectFile {
  readonly checks: readonly Check[];
  readonly protected: ProtectedPathsPatch;
}

const MESSAGE_LENGTH_MAX = 200;
const PATTERN_LENGTH_MAX = 200;

/** Patterns of paths, by what may be done with them. */
export function protectedPaths(): z.ZodType<ProtectedPathsPatch> {
  const error = "must be a pattern of paths, such as deploy/** or **/*.sql";
  const pattern = z
    .string({ error })
    .min(1, { error })
    .max(PATTERN_LENGTH_MAX, { error })
    .regex(/^[^\p{Cc}]+$/u, { error });
  const patterns = (): z.ZodType<string[] | undefined> =>
    listOf(pattern, "patterns of paths").optional();
  return z.strictObject(
    { closed: patterns(), extensible: patterns(), open: patterns() },
    { error: "must have `closed`, `extensible` or `open`" },
  ) as z.ZodType<ProtectedPathsPatch>;
}

const fileSchema = z.strictObject({
  checks: z
    .record(z.string(), z.string({ error: "must be a command" }), {
      error: "must be a map of names to commands, such as test: npm test",
    })
    .default({}),
  protected: protectedPaths().default({}),
});

/** Reads the file; what is wrong with it is told in one sentence. */
export function parseProjectFile(text: string): Parsed<ProjectFile> {
  const bad = (why: string): Parsed<never> => {
    const shown = printableLine(why, MESSAGE_LENGTH_MAX).replace(/\.$/u, "");
    return {
      ok: false,
      message: `The file .sleepless.yml on the base branch is not valid: ${shown}.`,
    };
  };
  const read = parsedYaml(text);
  if (!read.ok) return bad(read.message);
  const parsed = fileSchema.safeParse(read.value ?? {});
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return bad(`\`${issue?.path.join(".") ?? ""}\` ${issue?.message ?? ""}`);
  }
  const checks: Check[] = [];
  for (const [name, command] of Object.entries(parsed.data.checks)) {
    const check = parseCheck(`${name}=${command}`);
    if (!check.ok) return bad(check.message);
    if (check.value.name !== name) return bad(`${name} is no name for a check`);
    checks.push(check.value);
  }
  if (checks.length > CHECKS_MAX) return bad(`it has more than ${CHECKS_MAX} checks`);
  return { ok: true, value: { checks, protected: parsed.data.protected } };
}

function parsedYaml(text: string): Parsed<unknown> {
  try {
    return { ok: true, value: parse(text, { maxAliasCount: 10, schema: "core" }) };
  } catch (error) {
    const message = error instanceof YAMLParseError ? (error.message.split("\n")[0] ?? "") : "";
    return { ok: false, message: message || "it is no YAML" };
  }
}
