import { expect, test } from "vitest";
import type { CommandSpec, ParsedCall } from "../../../src/surfaces/cli/command.ts";
import { parseQuickly } from "../../../src/surfaces/cli/parse-quickly.ts";
import { parseWithHelp } from "../../../src/surfaces/cli/parse-with-help.ts";
import type { CliContext } from "../../../src/surfaces/cli/context.ts";
import type { Output } from "../../../src/surfaces/cli/output.ts";
import { SPECS } from "../../../src/surfaces/cli/specs/all.ts";

// Calls are read without commander where they are plainly right; both ways must come to the same.

test.for(SPECS.flatMap((spec) => callsOf(spec).map((words) => [words.join(" "), words] as const)))(
  "both parsers read `sle %s` alike",
  ([, words]) => {
    const quick = parseQuickly(SPECS, words);
    expect(quick).not.toBeNull();
    const told: string[] = [];
    const full = parseWithHelp(SPECS, words, silentContext(told), silentOutput(told));
    expect(told).toEqual([]);
    expect(full.type === "call" ? facts(full.call) : full).toEqual(quick && facts(quick));
  },
);

test.for(SPECS.map((spec) => [spec.name, spec] as const))(
  "`sle %s` with one word too few, too many or unknown is left to commander",
  ([, spec]) => {
    const name = spec.name.split(" ");
    const notation = (spec.words ?? "").split(" ").filter((part) => part !== "");
    const required = notation.filter((part) => part.startsWith("<")).length;
    const words = Array.from({ length: notation.length + 1 }, (_, index) => String(index + 1));
    expect(parseQuickly(SPECS, [...name, "--help"])).toBeNull();
    expect(parseQuickly(SPECS, [...name, ...words.slice(1), "--nonsense"])).toBeNull();
    if (required > 0)
      expect(parseQuickly(SPECS, [...name, ...words.slice(0, required - 1)])).toBeNull();
    if (!(spec.words ?? "").includes("..."))
      expect(parseQuickly(SPECS, [...name, ...words])).toBeNull();
  },
);

/** Calls of a command: bare, with every option in its long and short form, under its aliases. */
function callsOf(spec: CommandSpec): readonly (readonly string[])[] {
  const words = (spec.words ?? "").split(" ").flatMap((part) => wordsFor(part));
  const name = spec.name.split(" ");
  const all = (spec.options ?? []).flatMap(({ name: long, value, repeatable }) => {
    const flag = value === undefined ? [`--${long}`] : [`--${long}`, "a=b"];
    return repeatable === true ? flag.concat(`--${long}=c d`) : flag;
  });
  const short = (spec.options ?? []).flatMap(({ short: letter, value }) => {
    if (letter === undefined) return [];
    return value === undefined ? [`-${letter}`] : [`-${letter}`, "x"];
  });
  return [
    [...name, ...words],
    [...name, ...all, ...words],
    [...name, ...words, ...all],
    [...name, ...short, ...words],
    [...name, ...all, "--", ...words],
    ...(spec.aliases ?? []).map((alias) => alias.split(" ").concat(words)),
  ];
}

function wordsFor(part: string): readonly string[] {
  if (part === "") return [];
  return part.includes("...") ? ["1", "two", "3"] : ["1"];
}

function facts({ spec, words, options }: ParsedCall): object {
  const values = (spec.options ?? []).map(({ name }) => [
    name,
    options.has(name),
    options.text(name),
    options.list(name),
  ]);
  return { name: spec.name, words, values };
}

function silentContext(told: string[]): CliContext {
  const stream = {
    write: (text: string) => void told.push(text),
    isTTY: false,
    size: () => ({ columns: 80, rows: 24 }),
  };
  return { version: "1.2.3", stdout: stream, stderr: stream } as unknown as CliContext;
}

function silentOutput(told: string[]): Output {
  return {
    columns: null,
    fail: (exit: number, _: string, message: string) => {
      told.push(message);
      return exit;
    },
  } as unknown as Output;
}
