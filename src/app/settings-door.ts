import { readConfigFiles, writeConfigFile } from "../adapters/files/config-files.ts";
import type { HomeLayout } from "../adapters/files/home-layout.ts";
import { commentedDefault } from "../config/commented-default.ts";
import { setInText } from "../config/set-in-text.ts";
import { valueFromText } from "../config/text-layers.ts";
import { type Result, ok, problem } from "../core/problem.ts";
import type { Setting, SettingsDoor } from "../surfaces/cli/context.ts";
import { makeHome } from "./doors.ts";
import { load, readSettings } from "./settings.ts";

/** Reads, checks and changes the settings of a home. */
export function openSettingsDoor(
  home: HomeLayout,
  env: Readonly<Record<string, string | undefined>>,
): SettingsDoor {
  return {
    path: home.config,
    read: () => Promise.resolve(readSettings(home, env)),
    set: (key, value) => set(home, env, key, value),
  };
}

async function set(
  home: HomeLayout,
  env: Readonly<Record<string, string | undefined>>,
  key: string,
  value: string,
): Promise<Result<Setting>> {
  const { files, problems } = readConfigFiles([home.config]);
  if (problems.length > 0) return invalid(problems);
  const edited = setInText(
    files[0]?.text ?? commentedDefault({}),
    key,
    valueFromText(key.split("."), value),
  );
  if (!edited.ok) return problem("invalid", edited.message);
  const loaded = load([{ path: home.config, text: edited.text }], env);
  if (!loaded.ok) return invalid(loaded.problems);
  if (files.length === 0) await makeHome(home.path);
  const written = await tryToWriteConfig(home.config, edited.text);
  if (!written.ok) return written;
  const setting = loaded.values.find((each) => each.key === key || each.key.startsWith(`${key}.`));
  return ok(setting ?? { key, value, origin: home.config });
}

/** Writes the configuration file; what is in the way comes back as a sentence. */
export async function tryToWriteConfig(path: string, text: string): Promise<Result<string>> {
  const { problems } = readConfigFiles([path]);
  const inTheWay = problems.filter((each) => each.includes("is not a file"));
  if (inTheWay.length > 0) return invalid(inTheWay);
  try {
    await writeConfigFile(path, text);
    return ok(path);
  } catch (error) {
    const why = error instanceof Error && "code" in error ? String(error.code) : String(error);
    return problem("invalid", `${path} cannot be written (${why}); give yourself write access.`);
  }
}

function invalid<T>(problems: readonly string[]): Result<T> {
  const fields = problems.map((message) => ({ field: "config", message }));
  return problem("invalid", problems.join("\n"), fields);
}
