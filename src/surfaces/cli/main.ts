import type { ParsedCall } from "./command.ts";
import type { CliContext, MakeCliContext } from "./context.ts";
import { StoreUnavailable } from "../../ports/store.ts";
import { EXIT, type ExitCode } from "./exit-codes.ts";
import { splitGlobals } from "./globals.ts";
import { type Output, makeOutput, writeError } from "./output.ts";
import { parseQuickly } from "./parse-quickly.ts";
import { THINK } from "./specs/think.ts";

/** Runs one call of `sle` with the words behind its name and answers its exit code; never rejects. */
export async function runCli(
  argv: readonly string[],
  makeContext: MakeCliContext,
): Promise<ExitCode> {
  const split = splitGlobals(argv);
  if (!split.ok) {
    const context = makeContext(PLAIN);
    writeError(context.stderr, false, split.problem);
    return EXIT.usage;
  }
  const { globals, rest } = split.value;
  await using context = makeContext(globals);
  const output = makeOutput(context, globals);
  try {
    const parsed = await parse(context, output, rest);
    if (typeof parsed === "number") return parsed;
    const { spec, words, options } = parsed;
    const run = await spec.load();
    return await run({ context, output, globals, words, options });
  } catch (error) {
    return explain(context, output, error);
  }
}

const PLAIN = { home: null, json: null, color: false, quiet: false } as const;

/** The call that the words mean, or the exit code when help or a mistake was all there was. */
async function parse(
  context: CliContext,
  output: Output,
  words: readonly string[],
): Promise<ParsedCall | ExitCode> {
  const quick = parseQuickly([THINK], words);
  if (quick !== null) return quick;
  const { GROUP_DEFAULTS, SPECS } = await import("./specs/all.ts");
  const whole = withDefault(words, GROUP_DEFAULTS);
  const known = parseQuickly(SPECS, whole);
  if (known !== null) return known;
  const { parseWithHelp } = await import("./parse-with-help.ts");
  const end = parseWithHelp(SPECS, whole, context, output);
  return end.type === "call" ? end.call : end.exitCode;
}

/** Bare `sle` is `sle check`; a bare group is its first command. */
function withDefault(
  words: readonly string[],
  defaults: Readonly<Record<string, string>>,
): readonly string[] {
  const [first, ...more] = words;
  if (first === undefined) return ["check"];
  const second = more.length === 0 && Object.hasOwn(defaults, first) ? defaults[first] : undefined;
  return second === undefined ? words : [first, second];
}

/** The one place where what was thrown becomes words. */
function explain(context: CliContext, output: Output, error: unknown): ExitCode {
  if (context.interrupted.aborted) return EXIT.interrupted;
  if (error instanceof StoreUnavailable) {
    return output.fail(EXIT.database, "database", error.message);
  }
  const message = error instanceof Error ? error.message : String(error);
  if (context.env["SLEEPLESS_DEBUG"] !== undefined && error instanceof Error) {
    context.stderr.write(`${error.stack ?? message}\n`);
  }
  return output.fail(
    EXIT.other,
    "broken",
    `Something broke: ${message} (SLEEPLESS_DEBUG=1 shows where)`,
  );
}
