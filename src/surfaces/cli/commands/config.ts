import { printableLine } from "../../../core/terminal.ts";
import type { Call, RunCommand } from "../command.ts";
import type { Setting, SettingsDoor } from "../context.ts";
import { EXIT, type ExitCode } from "../exit-codes.ts";
import { refuseSettings } from "../refuse-settings.ts";
import { type Cell, table } from "../render/table.ts";

/** Shows every setting in force, or those of a section, each with where it comes from. */
export const showConfig: RunCommand = async (call) => {
  const { output, words } = call;
  const door = await call.context.settings();
  const read = await door.read();
  if (!read.ok) return refuseSettings(call, read.problems);
  const section = words[0] ?? null;
  const values = read.values.filter((each) => section === null || isWithin(each.key, section));
  if (values.length === 0) return unknownSetting(call, section ?? "");
  return output.answer(values, () => {
    const rows = values.map(({ key, value, origin }): readonly Cell[] => [
      key,
      { text: shortOrigin(door, origin), dress: (text) => output.paint("dim", text) },
      valueWords(value),
    ]);
    return table(["SETTING", "FROM", "VALUE"], rows, output.columns);
  });
};

/** Prints one setting, so that a script can use it. */
export const getConfig: RunCommand = async (call) => {
  const read = await (await call.context.settings()).read();
  if (!read.ok) return refuseSettings(call, read.problems);
  const key = call.words[0] ?? "";
  const setting = read.values.find((each) => each.key === key);
  if (setting === undefined) return unknownSetting(call, key);
  return call.output.answer(setting, () => valueWords(setting.value));
};

/** Changes one setting in the config file. */
export const setConfig: RunCommand = async (call) => {
  const { context, output, words } = call;
  const door = await context.settings();
  const set = await door.set(words[0] ?? "", words[1] ?? "");
  if (!set.ok) {
    const { fields } = set.problem;
    if (fields.length < 2) return output.refuse(set.problem);
    return refuseSettings(
      call,
      fields.map(({ message }) => message),
    );
  }
  const { key, value } = set.value;
  if (output.json) return output.answer(set.value, () => "");
  output.confirm(`${key} = ${valueWords(value)} (in ${door.path})`);
  return EXIT.ok;
};

/** Checks the settings and names every mistake at once. */
export const validateConfig: RunCommand = async (call) => {
  const door = await call.context.settings();
  const read = await door.read();
  if (!read.ok) return refuseSettings(call, read.problems);
  return call.output.answer({ valid: true, path: door.path }, () => "The settings are sound.");
};

/** Prints where the config file is or would be. */
export const configPath: RunCommand = async ({ context, output }) => {
  const { path } = await context.settings();
  return output.answer({ path }, () => path);
};

function unknownSetting({ output }: Call, key: string): ExitCode {
  const message = `There is no setting "${key}"; \`sle config show\` lists them.`;
  return output.fail(EXIT.notFound, "not-found", message);
}

/** Without the folder, where it is that of the config file. */
function shortOrigin({ path }: SettingsDoor, origin: string): string {
  const folder = path.slice(0, path.lastIndexOf("/") + 1);
  return origin.startsWith(folder) ? origin.slice(folder.length) : origin;
}

function isWithin(key: string, section: string): boolean {
  return key === section || key.startsWith(`${section}.`);
}

function valueWords(value: Setting["value"]): string {
  return typeof value === "string" ? printableLine(value) : JSON.stringify(value ?? null);
}
