import { runShort } from "../../process/run-short.ts";
import type { Launcher } from "../../../ports/launcher.ts";
import type { FindRegistry, RegistryKind } from "./registries.ts";

/** What a person wishes for a kind of registry: as their own tool has it, none, or this address. */
export type RegistryWish = "auto" | "off" | URL;

/** How the tools of a person are asked. */
export interface ToolParts {
  readonly launcher: Launcher;
  /** The environment the tools find their settings with. */
  readonly env: Readonly<Record<string, string>>;
}

/** Where tools may be told their registry besides in files. */
export const TOOL_VARIABLES: readonly string[] = [
  "NPM_CONFIG_REGISTRY",
  "NPM_CONFIG_USERCONFIG",
  "npm_config_registry",
  "npm_config_userconfig",
  "PIP_CONFIG_FILE",
  "PIP_INDEX_URL",
];

/** Long enough for a heavily loaded machine. */
const ASK_TIMEOUT_MS = 30_000;

/** pip says its own default nowhere but in its code. */
const ASK_PIP = `
from pip._internal.configuration import Configuration
from pip._internal.models.index import PyPI
written = Configuration(isolated=False)
written.load()
found = PyPI.simple_url
for key in ("global.index-url", "install.index-url", ":env:.index-url"):
    try:
        found = written.get_value(key)
    except Exception:
        pass
print(found)
`;

/** Tools that know their registry; cargo has nothing to ask. */
const QUESTIONS: Readonly<Record<RegistryKind, readonly [string, ...string[]] | null>> = {
  npm: ["npm", "config", "get", "registry"],
  pip: ["python3", "-c", ASK_PIP],
  cargo: null,
};

/** How the registry of a kind is found; undefined where there is to be none. */
export function registryFinder(
  kind: RegistryKind,
  wish: RegistryWish,
  parts: ToolParts,
): FindRegistry | undefined {
  const question = QUESTIONS[kind];
  if (wish instanceof URL) return async () => await Promise.resolve(wish);
  return wish === "off" || question === null ? undefined : async () => await ask(question, parts);
}

/** In the root folder, where no project has settings of its own. */
async function ask(
  [command, ...args]: readonly [string, ...string[]],
  { launcher, env }: ToolParts,
): Promise<URL | null> {
  const { code, stdout } = await runShort(
    launcher,
    { command, args, cwd: "/", env },
    ASK_TIMEOUT_MS,
  );
  const url = code === 0 ? URL.parse(stdout.trim()) : null;
  return url !== null && /^https?:$/u.test(url.protocol) ? url : null;
}
