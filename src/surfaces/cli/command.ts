import type { CliContext, GlobalOptions } from "./context.ts";
import type { ExitCode } from "./exit-codes.ts";
import type { Output } from "./output.ts";

/** One option of a command. */
export interface OptionSpec {
  /** Long name without dashes; also the key under which its value is found. */
  readonly name: string;
  readonly short?: string;
  /** Name of its value in the help; absent for a switch. */
  readonly value?: string;
  /** True when it may be given several times. */
  readonly repeatable?: boolean;
  readonly summary: string;
}

/** Headings of the help. */
export type CommandGroup = "tasks" | "watching" | "upkeep";

/** One command: what it is called, what it takes, and where its code is. */
export interface CommandSpec {
  /** One word, or two for a command in a group: `trash list`. */
  readonly name: string;
  readonly aliases?: readonly string[];
  /** The heading of the help it stands under. */
  readonly group: CommandGroup;
  /** Its words in commander's notation: `<id...>`, `[day]`. */
  readonly words?: string;
  readonly summary: string;
  readonly options?: readonly OptionSpec[];
  /** Loads the code; nothing of a command is loaded before it is called. */
  readonly load: () => Promise<RunCommand>;
}

/** Values of the options of one call, as they were written. */
export interface OptionValues {
  readonly has: (name: string) => boolean;
  /** The last value given; null when it was not given. */
  readonly text: (name: string) => string | null;
  readonly list: (name: string) => readonly string[];
}

/** One call of a command. */
export interface Call {
  readonly context: CliContext;
  readonly output: Output;
  readonly globals: GlobalOptions;
  readonly words: readonly string[];
  readonly options: OptionValues;
}

/** Does what was asked and answers the exit code. */
export type RunCommand = (call: Call) => Promise<ExitCode>;

/** A parsed call, before its code is loaded. */
export interface ParsedCall {
  readonly spec: CommandSpec;
  readonly words: readonly string[];
  readonly options: OptionValues;
}

/** Option values over what a parser found: a text, a list of texts, or true for a switch. */
export function optionValues(
  found: Readonly<Record<string, string | boolean | readonly (string | boolean)[] | undefined>>,
): OptionValues {
  const list = (name: string): readonly string[] =>
    [found[name] ?? []].flat().filter((value) => typeof value === "string");
  return {
    has: (name) => found[name] !== undefined && found[name] !== false,
    text: (name) => list(name).at(-1) ?? null,
    list,
  };
}
