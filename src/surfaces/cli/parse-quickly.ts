import { type CommandSpec, type OptionSpec, type ParsedCall, optionValues } from "./command.ts";

/**
 * Reads a call that is plainly right, without commander: loading that alone costs half of what the
 * whole of `sle think` may. Null for everything else, help and mistakes among it, which commander
 * then judges and explains.
 */
export function parseQuickly(
  specs: readonly CommandSpec[],
  words: readonly string[],
): ParsedCall | null {
  for (const spec of specs) {
    const name = [spec.name, ...(spec.aliases ?? [])]
      .map((each) => each.split(" "))
      .find((parts) => parts.every((part, index) => words[index] === part));
    if (name !== undefined) return readCall(spec, words.slice(name.length));
  }
  return null;
}

function readCall(spec: CommandSpec, args: readonly string[]): ParsedCall | null {
  const words: string[] = [];
  const found: Record<string, string | true | string[]> = {};
  for (let index = 0; index < args.length; index += 1) {
    const arg = args[index] ?? "";
    if (arg === "--") {
      words.push(...args.slice(index + 1));
      break;
    }
    if (!arg.startsWith("-") || arg === "-") {
      words.push(arg);
      continue;
    }
    const option = (spec.options ?? []).find((each) => isNamed(each, arg));
    if (option === undefined) return null;
    const value = option.value === undefined ? true : (valueIn(arg) ?? args[(index += 1)]);
    if (value === undefined) return null;
    put(found, option, value);
  }
  return fits(spec.words ?? "", words.length)
    ? { spec, words, options: optionValues(found) }
    : null;
}

/** True for `-p`, `--project` and, where a value is taken, `--project=…`; joined forms go to commander. */
function isNamed({ name, short, value }: OptionSpec, arg: string): boolean {
  if (arg === `--${name}` || (short !== undefined && arg === `-${short}`)) return true;
  return value !== undefined && arg.startsWith(`--${name}=`);
}

function valueIn(arg: string): string | undefined {
  const at = arg.indexOf("=");
  return arg.startsWith("--") && at !== -1 ? arg.slice(at + 1) : undefined;
}

function put(
  found: Record<string, string | true | string[]>,
  { name, repeatable }: OptionSpec,
  value: string | true,
): void {
  const before = found[name];
  const texts = Array.isArray(before) ? before : [];
  found[name] = repeatable === true && value !== true ? [...texts, value] : value;
}

/** True when so many words fit a notation such as `<id> [words...]`. */
function fits(notation: string, count: number): boolean {
  const parts = notation.split(" ").filter((part) => part !== "");
  const required = parts.filter((part) => part.startsWith("<")).length;
  const endless = parts.some((part) => part.includes("..."));
  return count >= required && (endless || count <= parts.length);
}
