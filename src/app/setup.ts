import { existsSync } from "node:fs";
import { homeLayout } from "../adapters/files/home-layout.ts";
import { commentedDefault } from "../config/commented-default.ts";
import { ok } from "../core/problem.ts";
import type { Setup } from "../surfaces/cli/context.ts";
import { executorFindings, settingsFinding } from "./doctor.ts";
import { beginStore, makeHome } from "./doors.ts";
import { openIsolation } from "./isolation.ts";
import { tryToWriteConfig } from "./settings-door.ts";
import { readSettings } from "./settings.ts";

/** Sets up homes: folders, database, and a configuration file that explains itself. */
export function openSetup(path: string, env: Readonly<Record<string, string | undefined>>): Setup {
  return {
    findLogins: async (signal) => {
      const read = readSettings(homeLayout(path), env);
      if (!read.ok) return [settingsFinding(read, homeLayout(path))];
      const { settings } = read;
      const isolation = await openIsolation(settings, env, homeLayout(path));
      return executorFindings({ path, env, settings, isolation }, signal);
    },
    make: async (where, { force }) => {
      const home = await makeHome(where);
      const configWritten = force || !existsSync(home.config);
      if (configWritten) {
        const written = await tryToWriteConfig(home.config, commentedDefault({}));
        if (!written.ok) return written;
      }
      const store = await beginStore(where);
      await store[Symbol.asyncDispose]();
      return ok({ configPath: home.config, configWritten });
    },
  };
}
