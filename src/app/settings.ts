import { readConfigFiles } from "../adapters/files/config-files.ts";
import { type HomeLayout } from "../adapters/files/home-layout.ts";
import { systemTimeZone } from "../adapters/system/clock.ts";
import { type LoadedConfig, type SettingValue, loadConfig } from "../config/load.ts";
import type { Settings } from "../config/settings.ts";

/** Settings of the whole machine, below those of a home. */
const MACHINE_CONFIG = "/etc/sleepless/config.yaml";

/** The settings of a home with the origin of each, or every problem at once. */
export type ReadSettings =
  | {
      readonly ok: true;
      readonly settings: Settings;
      readonly values: readonly SettingValue[];
      readonly warnings: readonly string[];
    }
  | { readonly ok: false; readonly problems: readonly string[] };

/** Reads all layers of a home's settings. */
export function readSettings(
  home: HomeLayout,
  env: Readonly<Record<string, string | undefined>>,
): ReadSettings {
  const read = readConfigFiles([MACHINE_CONFIG, home.config]);
  const loaded = load(read.files, env);
  const problems = [...read.problems, ...(loaded.ok ? [] : loaded.problems)];
  if (!loaded.ok || problems.length > 0) return { ok: false, problems };
  return { ...loaded, warnings: read.warnings };
}

/** Judges texts of configuration files as `readSettings` would. */
export function load(
  files: readonly { readonly path: string; readonly text: string }[],
  env: Readonly<Record<string, string | undefined>>,
): LoadedConfig {
  return loadConfig({ files, env, flags: {}, timeZone: systemTimeZone() });
}
