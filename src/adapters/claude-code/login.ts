import type { Launcher } from "../../ports/launcher.ts";
import { runShort } from "../process/run-short.ts";
import { LOGIN_MESSAGE } from "./failures.ts";
import { fixedEnvironment } from "./options.ts";
import { data, text } from "./shape.ts";

const STATUS_TIMEOUT_MS = 15_000;

/** Whether somebody is logged in, and what that means, in words. Detected, never handled. */
export interface Login {
  readonly loggedIn: boolean;
  readonly detail: string;
  /** True for a login that can be asked what is used of its plan. */
  readonly tellsUse: boolean;
}

/** Asks the CLI; asks nothing of the model and spends nothing. A login that has run out still counts as one. */
export async function readLogin(
  launcher: Launcher,
  binary: string,
  env: Readonly<Record<string, string>>,
  signal?: AbortSignal,
): Promise<Login> {
  const status = await authStatus(launcher, binary, env, signal);
  // An old CLI, or one that answers otherwise: the first run will tell.
  if (status === null) return loggedIn("the login could not be checked");
  if (status["loggedIn"] !== true) {
    return { loggedIn: false, detail: LOGIN_MESSAGE, tellsUse: false };
  }
  switch (status["authMethod"]) {
    case "api_key": {
      const { ANTHROPIC_API_KEY: _, ...withoutKey } = env;
      const other = await authStatus(launcher, binary, withoutKey, signal);
      const overrides = other?.["loggedIn"] === true;
      return loggedIn(overrides ? KEY_OVERRIDES_DETAIL : KEY_DETAIL);
    }
    case "oauth_token":
      return loggedIn(TOKEN_DETAIL);
    case "claude.ai":
      return loggedIn(`logged in with a ${planOf(status)} subscription`, true);
  }
  return loggedIn(`logged in (${text(status["authMethod"]) ?? "unknown"})`);
}

function loggedIn(detail: string, tellsUse = false): Login {
  return { loggedIn: true, detail, tellsUse };
}

const KEY_DETAIL =
  "uses an API key: billed per token, without five-hour or weekly limits; set a daily budget";
const KEY_OVERRIDES_DETAIL =
  "uses an API key, which overrides the subscription that is also logged in and is billed per token";
const TOKEN_DETAIL =
  "uses a subscription token: quota percentages come with runs only, not while idle";

function planOf(status: Readonly<Record<string, unknown>>): string {
  return text(status["subscriptionType"]) ?? text(status["planTier"]) ?? "claude.ai";
}

async function authStatus(
  launcher: Launcher,
  binary: string,
  env: Readonly<Record<string, string>>,
  signal?: AbortSignal,
): Promise<Readonly<Record<string, unknown>> | null> {
  const spec = {
    command: binary,
    args: ["auth", "status", "--json"],
    cwd: "/",
    env: fixedEnvironment(env),
  };
  const { stdout } = await runShort(launcher, spec, STATUS_TIMEOUT_MS, signal);
  try {
    const status = data(JSON.parse(stdout));
    return typeof status["loggedIn"] === "boolean" ? status : null;
  } catch {
    return null;
  }
}
