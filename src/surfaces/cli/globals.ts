import { type Result, ok, problem } from "../../core/problem.ts";
import type { GlobalOptions } from "./context.ts";

/** The words of a call with the options that hold for every command taken out. */
export interface SplitWords {
  readonly globals: GlobalOptions;
  readonly rest: readonly string[];
}

/** Takes the global options out of `argv`, wherever they stand; words after `--` are left alone. */
export function splitGlobals(argv: readonly string[]): Result<SplitWords> {
  const taken: { -readonly [key in keyof GlobalOptions]: GlobalOptions[key] } = {
    home: null,
    json: null,
    color: true,
    quiet: false,
  };
  const rest: string[] = [];
  for (let index = 0; index < argv.length; index += 1) {
    const word = argv[index] ?? "";
    if (word === "--") {
      rest.push(...argv.slice(index));
      break;
    }
    if (word === "--home" || word.startsWith("--home=")) {
      const value = word === "--home" ? argv[(index += 1)] : word.slice("--home=".length);
      if (value === undefined || value === "") return problem("invalid", "--home needs a folder.");
      taken.home = value;
    } else if (word === "--json" || word.startsWith("--json=")) {
      taken.json = fieldsOf(word);
    } else if (word === "--no-color") taken.color = false;
    else if (word === "--quiet" || word === "-q") taken.quiet = true;
    else rest.push(word);
  }
  return ok({ globals: taken, rest });
}

function fieldsOf(word: string): readonly string[] {
  return word
    .slice("--json=".length)
    .split(",")
    .map((field) => field.trim())
    .filter((field) => field !== "");
}
