import { mkdirSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Instant } from "../../core/task.ts";
import type { RunSpec } from "../../ports/executor.ts";
import type { Confinement, VirtualHost } from "../../ports/launcher.ts";
import type { ClaudeFence } from "./options.ts";
import { data, number, text } from "./shape.ts";

/** What a fenced CLI is started with. */
export interface ConfinedCli {
  readonly env: Readonly<Record<string, string>>;
  readonly confinement: Confinement;
}

/** What the login outside is found by. */
export interface LoginParts {
  readonly env: Readonly<Record<string, string>>;
  readonly now: () => Instant;
  /** Has the CLI outside renew a stored login that has run out. */
  readonly renew: () => Promise<unknown>;
}

/** The name under which the model service is known inside. */
const MODEL_HOST = "model.sandbox";
const MODEL_ADDRESS_DEFAULT = "https://api.anthropic.com";
const MODEL_PATHS: readonly string[] = ["/v1/messages"];
/** Stands for the real one inside: nothing that runs there can read or send it. */
const PLACEHOLDER = "kept-outside";
/** A stored login that ends within this is renewed first. */
const RENEW_AHEAD_MS = 300_000;

const LOGIN_VARIABLES = [
  "ANTHROPIC_API_KEY",
  "ANTHROPIC_AUTH_TOKEN",
  "CLAUDE_CODE_OAUTH_TOKEN",
] as const;
type LoginVariable = (typeof LOGIN_VARIABLES)[number];

/**
 * The environment and the confinement of a CLI whose login stays outside: inside there is a
 * placeholder and a name for the model service, and the way out puts the real one in its place.
 */
export function confinedCli(
  parts: LoginParts,
  fence: Pick<ClaudeFence, "stateFolder"> & { readonly confinement: Confinement },
  spec: RunSpec,
): ConfinedCli {
  const { env } = parts;
  const state = fence.stateFolder(spec.taskId);
  mkdirSync(state, { recursive: true, mode: 0o700 });
  const base = fence.confinement;
  const variable = LOGIN_VARIABLES.find((name) => env[name] !== undefined);
  const others = Object.entries(env).filter(
    ([name]) => !(LOGIN_VARIABLES as readonly string[]).includes(name),
  );
  return {
    env: {
      ...Object.fromEntries(others),
      ANTHROPIC_BASE_URL: `http://${MODEL_HOST}`,
      CLAUDE_CONFIG_DIR: state,
      IS_SANDBOX: "1",
      // A stored login passes for a bare token inside: both are subscriptions.
      [variable ?? "CLAUDE_CODE_OAUTH_TOKEN"]: PLACEHOLDER,
    },
    confinement: {
      ...base,
      own: [...base.own, state],
      virtualHosts: [...base.virtualHosts, modelHost(parts, variable)],
    },
  };
}

function modelHost(parts: LoginParts, variable: LoginVariable | undefined): VirtualHost {
  const { env } = parts;
  return {
    host: MODEL_HOST,
    // With the same credential a service may offer more: files, keys, the account.
    paths: MODEL_PATHS,
    target: env["ANTHROPIC_BASE_URL"] ?? MODEL_ADDRESS_DEFAULT,
    headers: async () => {
      if (variable === "ANTHROPIC_API_KEY") return { "x-api-key": env[variable] ?? "" };
      const token = variable === undefined ? await storedToken(parts) : env[variable];
      return { authorization: `Bearer ${token ?? ""}` };
    },
  };
}

/** Read afresh for every request and kept nowhere; null when there is none. */
async function storedToken(parts: LoginParts): Promise<string | null> {
  const found = await readStored(parts.env);
  if (found !== null && found.expiresAt - parts.now() > RENEW_AHEAD_MS) return found.token;
  await parts.renew();
  return (await readStored(parts.env))?.token ?? null;
}

async function readStored(
  env: Readonly<Record<string, string>>,
): Promise<{ readonly token: string; readonly expiresAt: Instant } | null> {
  const folder = env["CLAUDE_CONFIG_DIR"] ?? join(env["HOME"] ?? "/", ".claude");
  try {
    const written = await readFile(join(folder, ".credentials.json"), "utf8");
    const login = data(data(JSON.parse(written))["claudeAiOauth"]);
    const token = text(login["accessToken"]);
    return token === null ? null : { token, expiresAt: number(login["expiresAt"]) ?? 0 };
  } catch {
    return null;
  }
}
