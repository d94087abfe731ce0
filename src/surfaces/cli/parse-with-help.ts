import { Command, CommanderError, Option } from "commander";
import {
  type CommandGroup,
  type CommandSpec,
  type OptionSpec,
  type ParsedCall,
  optionValues,
} from "./command.ts";
import type { CliContext } from "./context.ts";
import { EXIT, type ExitCode } from "./exit-codes.ts";
import type { Output } from "./output.ts";

/** A call to make, or the exit code when help or a mistake was all there was. */
export type ParseEnd =
  | { readonly type: "call"; readonly call: ParsedCall }
  | { readonly type: "ended"; readonly exitCode: ExitCode };

/** Reads a call with commander: prints help when asked, explains mistakes and suggests the right word. */
export function parseWithHelp(
  specs: readonly CommandSpec[],
  words: readonly string[],
  context: CliContext,
  output: Output,
): ParseEnd {
  let called: ParsedCall | null = null;
  const program = makeProgram(context, output);
  const reading: Reading = { output, onCall: (call) => (called = call) };
  for (const spec of specs) addCommand(program, spec, reading);
  try {
    program.parse([...asked(program, words)], { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return { type: "ended", exitCode: error.exitCode === 0 ? EXIT.ok : EXIT.usage };
  }
  return called === null ? { type: "ended", exitCode: EXIT.ok } : { type: "call", call: called };
}

/** Help for a word that is no command is read as that word, so that the right one is suggested. */
function asked(program: Command, words: readonly string[]): readonly string[] {
  const [first, name] = words;
  if (first !== "help" || name === undefined || name.startsWith("-") || name === "help") {
    return words;
  }
  const isKnown = program.commands.some(
    (command) => command.name() === name || command.aliases().includes(name),
  );
  return isKnown ? words : [name];
}

interface Reading {
  readonly output: Output;
  readonly onCall: (call: ParsedCall) => void;
}

const HEADINGS: Readonly<Record<CommandGroup, string>> = {
  tasks: "Tasks:",
  watching: "Looking:",
  upkeep: "Upkeep:",
};

const GROUP_SUMMARIES: Readonly<Record<string, string>> = {
  template: "Texts that tasks are made of: list, show",
  trash: "Cancelled and thrown-away tasks: list, add, restore, empty",
  schedule: "Tasks that come again: add, ls, show, pause, resume, rm, preview",
  daemon: "The daemon: run, start, stop, status",
  project: "Places of work: add, list, show, remove",
  config: "Settings: show, get, set, validate, path",
  db: "The database: backup, check, vacuum",
};

const GLOBAL_HELP = `
Everywhere:
  --home <folder>        keep everything there ($SLEEPLESS_HOME, else ~/.sleepless)
  --json[=fields]        answer in JSON, with these fields only; times in epoch milliseconds
  --no-color             no colours, as with NO_COLOR
  -q, --quiet            no confirmations and no hints

Exit codes: 0 done, 1 other, 2 wrong words or settings, 3 database, 4 no daemon, 5 login, 6 not found,
7 conflict, 10 task failed, 11 task timed out, 20 limit, 130 interrupted.`;

function makeProgram(context: CliContext, output: Output): Command {
  return new Command("sle")
    .description("The night shift for coding agents.")
    .version(context.version, "-V, --version", "print the version")
    .helpOption("-h, --help", "show this help")
    .commandsGroup(HEADINGS.upkeep)
    .helpCommand("help [command]", "Show the help of a command")
    .addHelpText("after", GLOBAL_HELP)
    .enablePositionalOptions()
    .exitOverride()
    .configureOutput({
      writeOut: (text) => context.stdout.write(text),
      writeErr: (text) => context.stderr.write(text),
      outputError: (text) => tellMistake(output, text, "`sle --help` lists the commands"),
      getOutHelpWidth: () => output.columns ?? 100,
      getErrHelpWidth: () => output.columns ?? 100,
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    });
}

/** A mistake in one sentence: commander's words, and where to read on when they suggest nothing. */
function tellMistake(output: Output, text: string, advice: string): void {
  const mistake = text
    .replace(/^error: /u, "")
    .replaceAll(/\s+/gu, " ")
    .trim();
  const suggests = mistake.includes("Did you mean");
  output.fail(
    EXIT.usage,
    "usage",
    suggests ? mistake : `${mistake.replace(/\.$/u, "")}; ${advice}`,
  );
}

function addCommand(program: Command, spec: CommandSpec, reading: Reading): void {
  const [first = "", second] = spec.name.split(" ");
  const heading = HEADINGS[spec.group];
  if (second === undefined) {
    const command = fill(groupOf(program, first, heading), spec, reading);
    for (const alias of spec.aliases ?? []) command.alias(alias);
    return;
  }
  const command = fill(groupOf(program, first, heading).command(second), spec, reading);
  for (const alias of spec.aliases ?? []) {
    const [group, inGroup] = alias.split(" ");
    if (group === first && inGroup !== undefined) {
      command.alias(inGroup);
      continue;
    }
    fill(program.command(alias, { hidden: true }).helpGroup(heading), spec, reading);
  }
}

function groupOf(program: Command, name: string, heading: string): Command {
  const known = program.commands.find((command) => command.name() === name);
  if (known !== undefined) return known;
  const summary = GROUP_SUMMARIES[name] ?? "";
  const group = program.command(name).helpGroup(heading).summary(summary).helpCommand(false);
  // Options behind the second word are those of that command, even where the group has the same.
  return group.enablePositionalOptions();
}

function fill(command: Command, spec: CommandSpec, reading: Reading): Command {
  command.summary(spec.summary).description(`${spec.summary}.`);
  for (const part of (spec.words ?? "").split(" ")) if (part !== "") command.argument(part);
  for (const option of spec.options ?? []) command.addOption(optionOf(option));
  const advice = spec.words?.includes("words")
    ? `text that begins with a dash goes behind --, and \`sle ${spec.name} --help\` lists the options`
    : `\`sle ${spec.name} --help\` explains`;
  command.configureOutput({
    ...command.configureOutput(),
    outputError: (text) => tellMistake(reading.output, text, advice),
  });
  return command.action(() => {
    reading.onCall({ spec, words: command.args, options: optionValues(valuesOf(command)) });
  });
}

function optionOf({ name, short, value, repeatable, summary }: OptionSpec): Option {
  const flag = `${short === undefined ? "" : `-${short}, `}--${name}`;
  const option = new Option(value === undefined ? flag : `${flag} <${value}>`, summary);
  if (repeatable === true) {
    option.argParser((text: string, before: readonly string[] | undefined) => [
      ...(before ?? []),
      text,
    ]);
  }
  return option;
}

function valuesOf(command: Command): Parameters<typeof optionValues>[0] {
  const values: Record<string, string | boolean | readonly string[]> = {};
  for (const option of command.options) {
    const value: unknown = command.getOptionValue(option.attributeName());
    if (value !== undefined) values[option.name()] = value as string | boolean | string[];
  }
  return values;
}
