import type { Problem } from "../../core/problem.ts";
import { printableLine } from "../../core/terminal.ts";
import type { CliContext, GlobalOptions, OutputStream } from "./context.ts";
import { EXIT, exitCodeOf, type ExitCode } from "./exit-codes.ts";

/** The styles in use; a few, each with one meaning. */
export type Style = "bold" | "dim" | "red" | "green" | "yellow" | "cyan";

/** What begins and ends a style on a terminal. */
const STYLES: Readonly<Record<Style, readonly [number, number]>> = {
  bold: [1, 22],
  dim: [2, 22],
  red: [31, 39],
  green: [32, 39],
  yellow: [33, 39],
  cyan: [36, 39],
};

/** Gives a text a style, or leaves it as it is where colours are not wanted. */
export type Paint = (style: Style, text: string) => string;

/** Where a command puts what it has to say. */
export interface Output {
  /** True when the answer is wanted as JSON. */
  readonly json: boolean;
  readonly quiet: boolean;
  readonly paint: Paint;
  /** Columns to fit lines into; null when the answer goes to a pipe or file and is not cut. */
  readonly columns: number | null;
  /** Prints the answer: `value` as JSON, or the text made by `render`. */
  readonly answer: (value: unknown, render: () => string) => ExitCode;
  /** Prints a confirmation; left out when quiet. */
  readonly confirm: (text: string) => void;
  /** Prints a hint beside the answer, on standard error; left out when quiet or in JSON. */
  readonly hint: (text: string) => void;
  /** Says why something was not done and answers the exit code. */
  readonly refuse: (problem: Problem) => Promise<ExitCode>;
  /** Says what went wrong under a code of its own. */
  readonly fail: (exitCode: ExitCode, code: string, message: string) => ExitCode;
}

/** Makes the output of one call. */
export function makeOutput(context: CliContext, globals: GlobalOptions): Output {
  const { stdout, stderr } = context;
  const json = globals.json !== null;
  const { quiet } = globals;
  const fail = (exitCode: ExitCode, code: string, message: string): ExitCode => {
    writeError(stderr, json, { code, message });
    return exitCode;
  };
  return {
    json,
    quiet,
    paint: paintFor(stdout, context.env, globals.color),
    columns: stdout.isTTY ? stdout.size().columns : null,
    answer: (value, render) => {
      if (globals.json === null) {
        writeLines(stdout, render());
        return EXIT.ok;
      }
      const picked = pickFields(value, globals.json);
      if (!picked.ok) return fail(EXIT.usage, "invalid", picked.message);
      stdout.write(`${JSON.stringify(picked.value, null, 2)}\n`);
      return EXIT.ok;
    },
    confirm: (text) => {
      if (!quiet && !json) writeLines(stdout, text);
    },
    hint: (text) => {
      if (!quiet && !json) writeLines(stderr, text);
    },
    refuse: async ({ code, message, fields }) => {
      const detail = fields.length === 0 ? {} : { fields };
      const shown = json ? message : await inLocalTime(context, message);
      writeError(stderr, json, { code, message: shown, ...detail });
      return exitCodeOf(code);
    },
    fail,
  };
}

/** One line `sle: …`, or an object for machines; never on standard output. */
export function writeError(
  stderr: OutputStream,
  json: boolean,
  error: { readonly code: string; readonly message: string },
): void {
  if (json) stderr.write(`${JSON.stringify({ error })}\n`);
  else stderr.write(`sle: ${printableLine(error.message)}\n`);
}

/** Times are looked for only in a refusal, so that a call that succeeds loads no calendar. */
async function inLocalTime(context: CliContext, sentence: string): Promise<string> {
  const { localTimes } = await import("./render/view.ts");
  return localTimes({ now: context.clock.now(), timeZone: context.timeZone() }, sentence);
}

function writeLines(stream: OutputStream, text: string): void {
  if (text !== "") stream.write(text.endsWith("\n") ? text : `${text}\n`);
}

/** Colours are used on a terminal; NO_COLOR switches them off, FORCE_COLOR on, the option wins. */
function paintFor(stream: OutputStream, env: CliContext["env"], wanted: boolean): Paint {
  const plain: Paint = (_, text) => text;
  if (!wanted || given(env["NO_COLOR"])) return plain;
  const forced = given(env["FORCE_COLOR"]) && env["FORCE_COLOR"] !== "0";
  const able = stream.isTTY && env["TERM"] !== "dumb" && env["FORCE_COLOR"] !== "0";
  if (!forced && !able) return plain;
  return (style, text) => {
    const [begin, end] = STYLES[style];
    return `\u001b[${begin}m${text}\u001b[${end}m`;
  };
}

/** An empty variable counts as not set. */
function given(value: string | undefined): boolean {
  return value !== undefined && value !== "";
}

type Picked =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly message: string };

/** Keeps only `fields` of an object, or of every object of a list; an unknown field is refused. */
function pickFields(value: unknown, fields: readonly string[]): Picked {
  if (fields.length === 0) return { ok: true, value };
  const objects = (Array.isArray(value) ? value : [value]) as readonly Record<string, unknown>[];
  const picked: Record<string, unknown>[] = [];
  for (const object of objects) {
    const unknown = fields.find((field) => !Object.hasOwn(object, field));
    if (unknown !== undefined) {
      const known = Object.keys(object).join(", ");
      return { ok: false, message: `There is no field "${unknown}"; there are: ${known}.` };
    }
    picked.push(Object.fromEntries(fields.map((field) => [field, object[field]])));
  }
  return { ok: true, value: Array.isArray(value) ? picked : picked[0] };
}
