import { cleanEnvironment } from "../adapters/process/environment.ts";
import { registryFinder, TOOL_VARIABLES } from "../adapters/sandbox/registries/find.ts";
import {
  openRegistries,
  REGISTRY_KINDS,
  type Registries,
} from "../adapters/sandbox/registries/registries.ts";
import type { RegistrySettings } from "../config/settings.ts";
import type { Launcher } from "../ports/launcher.ts";
import type { Finding } from "../surfaces/cli/context.ts";

const MIB = 1024 ** 2;

/** The registries that the settings name; where each is gets asked of the person's tools at its first use. */
export function configuredRegistries(
  settings: RegistrySettings,
  parts: {
    readonly launcher: Launcher;
    readonly env: Readonly<Record<string, string | undefined>>;
    /** Where downloads are kept. */
    readonly folder: string;
  },
): Registries {
  const env = cleanEnvironment(parts.env, TOOL_VARIABLES);
  const finders = REGISTRY_KINDS.map(
    (kind) =>
      [kind, registryFinder(kind, settings[kind], { launcher: parts.launcher, env })] as const,
  );
  return openRegistries({
    find: Object.fromEntries(finders.filter(([, find]) => find !== undefined)),
    folder: parts.folder,
    bytesMax: settings.cacheBytesMax,
  });
}

/** Which registries agents can read, and what is kept of them. */
export async function registriesFinding(registries: Registries, folder: string): Promise<Finding> {
  const found = Object.entries(await registries.addresses());
  const { files, bytes } = await registries.usage();
  const named = found.map(([kind, address]) => `${kind} ${address ?? "not known here"}`);
  const from = named.length === 0 ? "from nowhere" : `from ${named.join(", ")}`;
  const detail = `${from}; ${files} ${files === 1 ? "file" : "files"} with ${(bytes / MIB).toFixed(0)} MiB kept in ${folder}`;
  return { area: "machine", name: "packages", status: "ok", detail, advice: null };
}
